"""GatedMLP and ActLinear: what they keep, and that keeping less changes no bit."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

import nonlin
from nonlin.contract.expect import same
from nonlin.formula.declaration import Parameter
from tests.layers import BOTH, HIDDEN, act_linear, composed, kept_bytes, mlp, recomputes, results

DTYPES = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
SHAPES = ((6, 16), (2, 5, 16), (16,), (0, 16), (3, 0, 16))


@BOTH
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_same_bits_as_composed(
    make: Callable[..., nn.Module], dtype: torch.dtype, bias: bool, shape: tuple[int, ...]
) -> None:
    layer = make(bias=bias, dtype=dtype)
    x = torch.randn(shape).to(dtype)
    assert recomputes(layer(x))
    assert not recomputes(composed(layer)(x))
    same(results(layer, x), results(composed(layer), x))


@BOTH
@pytest.mark.parametrize(
    "gate", ["mish", "gelu", "gelu_tanh", "relu", "leaky_relu(0.2)", "identity", nonlin.Tanh(), nn.Tanh, "prelu"]
)
def test_every_known_gate(make: Callable[..., nn.Module], gate: Any) -> None:
    layer = make(gate=gate, dtype=torch.float64)
    x = torch.randn(4, 16, dtype=torch.float64)
    assert recomputes(layer(x))
    same(results(layer, x), results(composed(layer), x))


def test_a_gate_of_ones_own() -> None:
    nonlin.define("cubic_gate", "x * sigmoid(s * x**3)", s=Parameter("s", 1.0, learnable=True))
    for gate in ("cubic_gate", nonlin.get("cubic_gate")):
        layer = nonlin.GatedMLP(16, HIDDEN, gate=gate)
        x = torch.randn(4, 16)
        assert "act.gate.s" in layer.state_dict()
        assert recomputes(layer(x))
        same(results(layer, x), results(composed(layer), x))


def test_strided_inputs() -> None:
    """Pre-activations that lie in memory otherwise: torch multiplies a transposed matrix in another order."""
    layer = nonlin.ActLinear(16, 4, "gelu")
    for x in (torch.randn(16, 5).T, torch.randn(5, 1).expand(5, 16), torch.randn(4, 3, 32)[..., ::2]):
        same(results(layer, x), results(composed(layer), x), rtol=1e-5, atol=1e-6)


# bytes a hidden element in bfloat16: what is kept, and what plain torch keeps
GATES = {"silu": 8, "gelu": 8, "mish": 8, "relu": 6}


@pytest.mark.parametrize("gate", GATES)
def test_bytes_of_a_gated_mlp(gate: str) -> None:
    layer = nonlin.GatedMLP(16, HIDDEN, gate=gate, dtype=torch.bfloat16)
    x = torch.randn(5, 16, dtype=torch.bfloat16)
    known, hidden = (x, *layer.parameters()), 5 * HIDDEN
    f = getattr(nn.functional, gate)

    def eager() -> Tensor:
        gate, value = layer.gate_up(x).chunk(2, -1)
        return layer.down(f(gate) * value)  # type: ignore[no-any-return]

    assert kept_bytes(lambda: layer(x), *known) == 4 * hidden
    assert kept_bytes(lambda: composed_with(layer, x), *known) == 6 * hidden
    if gate != "relu":  # keeps its result, which is what the product keeps too
        assert kept_bytes(eager, *known) == GATES[gate] * hidden
    else:
        assert kept_bytes(eager, *known) >= GATES[gate] * hidden


def composed_with(layer: Any, x: Tensor) -> Tensor:
    """``layer(x)`` without recomputing, on the layer's own weights."""
    return layer.down(layer.act(layer.gate_up(x)))  # type: ignore[no-any-return]


@pytest.mark.parametrize("act", ["silu", "gelu", "mish", "tanh", "elu", "prelu"])
@pytest.mark.parametrize("from_data", [False, True])
def test_bytes_of_act_linear(act: str, from_data: bool) -> None:
    layer = nonlin.ActLinear(HIDDEN, 8, act, dtype=torch.bfloat16)
    z = torch.randn(5, HIDDEN, dtype=torch.bfloat16).requires_grad_(not from_data)
    known = tuple(layer.parameters())
    assert kept_bytes(lambda: layer(z), *known) == 2 * z.numel()
    if not from_data:
        assert kept_bytes(lambda: layer.linear(layer.act(z)), *known) == 4 * z.numel()
        eager: Any = getattr(nn.functional, act)
        if act != "prelu":
            assert (
                kept_bytes(lambda: layer.linear(eager(z)), *known) >= (2 if act in ("tanh", "elu") else 4) * z.numel()
            )


FROZEN = ("gate_up.weight", "gate_up.bias", "down.weight", "down.bias", "act.gate.weight")


@pytest.mark.parametrize("trained", [(), *((name,) for name in FROZEN), FROZEN[:2], FROZEN[2:]], ids=str)
@pytest.mark.parametrize("input_needs", [False, True])
def test_frozen_weights(trained: tuple[str, ...], input_needs: bool) -> None:
    """Gradients for what is trained alone, those composed, and never more kept than composed."""
    layer = mlp(bias=True, gate="prelu")
    for name, p in layer.named_parameters():
        p.requires_grad_(name in trained)
    twin = composed(layer)
    x = torch.randn(3, 16, requires_grad=input_needs)
    if not trained and not input_needs:
        assert not layer(x).requires_grad
        return
    before = input_needs or any(name.startswith("gate_up") for name in trained)
    assert recomputes(layer(x)) == ("down.weight" in trained and before)
    for one in (layer, twin):
        one(x).square().sum().backward()
    same([p.grad for p in layer.parameters()], [p.grad for p in twin.parameters()])
    assert {name for name, p in layer.named_parameters() if p.grad is not None} == set(trained)
    known = (x, *layer.parameters(), *twin.parameters())
    assert kept_bytes(lambda: layer(x), *known) <= kept_bytes(lambda: twin(x), *known)


class Doubles(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        return 2 * super().forward(input)


def _replica() -> nn.Module:
    """As nn.DataParallel makes one: its weight is a tensor with a history, no parameter."""
    replica = nonlin.GLU(gate="prelu", gate_half="first")
    weight = replica.gate.weight
    del replica.gate.weight
    replica.gate.weight = weight * 1
    return replica


COMPOSED: dict[str, Callable[[Any], object]] = {
    "a subclass": lambda layer: setattr(layer, "down", Doubles(HIDDEN, 8)),
    "another module": lambda layer: setattr(layer, "down", nn.Sequential(layer.down, nn.Tanh())),
    "a parametrization": lambda layer: parametrizations.weight_norm(layer.down),
    "a hook on down": lambda layer: layer.down.register_forward_hook(lambda m, i, o: o + 1),
    "a hook on act": lambda layer: layer.act.register_forward_pre_hook(lambda m, i: (i[0] + 1,)),
    "a backward hook": lambda layer: layer.down.register_full_backward_hook(lambda m, i, o: None),
    "a forward of its own": lambda layer: setattr(layer.down, "forward", lambda x: 2 * x),
    "a replica": lambda layer: setattr(layer, "act", _replica()),
    "a slope that something else learns": lambda layer: setattr(
        layer, "act", nonlin.GLU(gate=nonlin.LeakyReLU(torch.tensor(0.1, requires_grad=True)), gate_half="first")
    ),
    "a subclass of the unit": lambda layer: setattr(layer, "act", type("Own", (nonlin.GLU,), {})(gate_half="first")),
    "a random gate": lambda layer: setattr(layer, "act", nonlin.GLU(gate="rrelu", gate_half="first")),
    "a gate of nothing known": lambda layer: setattr(layer, "act", nonlin.GLU(gate=torch.sin, gate_half="first")),
    "a gate in place": lambda layer: setattr(
        layer, "act", nn.Sequential(nonlin.GLU(gate_half="first"), nn.ReLU(inplace=True))
    ),
}


@pytest.mark.parametrize("why", COMPOSED)
def test_composed_where_that_is_right(why: str) -> None:
    """What wraps, watches or replaces an inner module sees the call that it expects."""
    layer: Any = mlp()
    COMPOSED[why](layer)
    x = torch.randn(3, 16)
    torch.manual_seed(1)
    y = layer(x)
    assert not recomputes(y)
    torch.manual_seed(1)
    same(y, layer.down(layer.act(layer.gate_up(x))))
    y.sum().backward()


def test_acts_in_place_and_unknown_ones() -> None:
    for act in (nn.ReLU(inplace=True), "relu(inplace=True)", torch.sin, nn.Dropout(), nonlin.RReLU()):
        layer = nonlin.ActLinear(16, 4, act)
        assert not recomputes(layer(torch.randn(3, 16, requires_grad=True) * 1))
    for known in (nn.ReLU(), nn.GELU, nn.PReLU(), nonlin.Softmax(-1), nonlin.GELU("tanh"), "threshold(0.1, 0.5)"):
        layer = nonlin.ActLinear(16, 4, known, dtype=torch.float64)
        layer.act.double()
        x = torch.randn(3, 16, dtype=torch.float64)
        assert recomputes(layer(x))
        same(results(layer, x), results(composed(layer), x))
    gated = nonlin.ActLinear(16, 4, "swiglu")
    assert gated(torch.randn(3, 32)).shape == (3, 4)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("gate", ["silu", "gelu_tanh"])
def test_from_linears(bias: bool, gate: str) -> None:
    gate_proj, up_proj, down_proj = nn.Linear(16, HIDDEN, bias), nn.Linear(16, HIDDEN, bias), nn.Linear(HIDDEN, 8)
    gate_proj.eval()
    layer = nonlin.GatedMLP.from_linears(gate_proj, up_proj, down_proj, gate)
    assert layer.down is down_proj
    assert not layer.training
    assert (layer.in_features, layer.hidden_features, layer.out_features) == (16, HIDDEN, 8)
    x = torch.randn(2, 3, 16)
    same(layer(x), down_proj(nonlin.get(gate)(gate_proj(x)) * up_proj(x)), rtol=1e-5, atol=1e-6)
    same(layer.gate_up.weight.detach().chunk(2), (gate_proj.weight.detach(), up_proj.weight.detach()))
    other = nonlin.GatedMLP.from_linears(gate_proj, up_proj, down_proj, gate)
    other.load_state_dict(layer.state_dict())
    gate_proj.requires_grad_(False)
    up_proj.requires_grad_(False)
    assert not nonlin.GatedMLP.from_linears(gate_proj, up_proj, down_proj).gate_up.weight.requires_grad


def test_from_linear() -> None:
    linear = nn.Linear(16, 4, dtype=torch.float64)
    layer = nonlin.ActLinear.from_linear(linear, act="prelu")
    assert layer.linear is linear
    x = torch.randn(3, 16, dtype=torch.float64)
    same(layer(x), linear(nn.functional.prelu(x, torch.tensor([0.25], dtype=torch.float64))), rtol=1e-14)


def test_states() -> None:
    layer = mlp(bias=True, gate="prelu")
    assert list(layer.state_dict()) == ["gate_up.weight", "gate_up.bias", "act.gate.weight", "down.weight", "down.bias"]
    linear = nonlin.ActLinear(16, 4, "prelu")
    assert list(linear.state_dict()) == ["act.weight", "linear.weight", "linear.bias"]
    x = torch.randn(3, 16)
    for one in (layer, linear):
        again = pickle.loads(pickle.dumps(one))
        same(again(x), one(x))
        same(copy.deepcopy(one)(x), one(x))


def test_other_devices_and_dtypes() -> None:
    for make in (mlp, act_linear):
        layer = make(device="meta", gate="prelu", dtype=torch.bfloat16)
        assert {(p.device.type, p.dtype) for p in layer.parameters()} == {("meta", torch.bfloat16)}
        x = torch.randn(3, 16, device="meta", dtype=torch.bfloat16, requires_grad=True)
        y = layer(x)
        assert recomputes(y)
        y.sum().backward()
        assert x.grad is not None
        assert x.grad.shape == x.shape


def test_a_module_that_was_given_keeps_its_dtype() -> None:
    act = nonlin.PReLU()
    assert nonlin.ActLinear(16, 4, act, dtype=torch.bfloat16).act is act
    assert nonlin.GatedMLP(16, 4, gate=act, dtype=torch.bfloat16).act.gate is act
    assert act.weight.dtype is torch.float32


def test_errors() -> None:
    with pytest.raises(ValueError, match="GatedMLP: hidden_features=0; expected a positive integer"):
        nonlin.GatedMLP(16, 0)
    with pytest.raises(TypeError, match="ActLinear: out_features is float"):
        nonlin.ActLinear(16, 4.0)  # type: ignore[arg-type]
    with pytest.raises(nonlin.UnknownNameError, match="did you mean 'silu'"):
        nonlin.GatedMLP(16, 4, gate="sillu")
    with pytest.raises(ValueError, match=r"GatedMLP: got an input of shape \(3, 15\); expected \(\.\.\., 16\)"):
        mlp()(torch.randn(3, 15))
    with pytest.raises(ValueError, match=r"ActLinear: got an input of shape \(\); expected"):
        nonlin.ActLinear(16, 4)(torch.randn(()))
    with pytest.raises(TypeError, match=r"GatedMLP: got a tensor of torch\.int64"):
        mlp()(torch.ones(3, 16, dtype=torch.int64))
    one, other, down = nn.Linear(16, 32), nn.Linear(16, 32, bias=False), nn.Linear(32, 16)
    with pytest.raises(ValueError, match="gate_proj and up_proj differ: bias True and False, requires_grad"):
        nonlin.GatedMLP.from_linears(one, other, down)
    with pytest.raises(ValueError, match="down_proj takes 16 features and gate_proj gives 32"):
        nonlin.GatedMLP.from_linears(one, one, one)
    with pytest.raises(TypeError, match=r"up_proj is Doubles; expected an nn\.Linear"):
        nonlin.GatedMLP.from_linears(one, Doubles(16, 32), down)
    with pytest.raises(TypeError, match="linear is Tanh"):
        nonlin.ActLinear.from_linear(nn.Tanh())  # type: ignore[arg-type]
