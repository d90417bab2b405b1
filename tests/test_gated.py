"""Gated units: any pointwise gate, packed or apart, either half; against the product written out."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import nonlin
from nonlin.builders import functions
from nonlin.catalogue import declarations
from nonlin.contract.declared import Declared as Case
from nonlin.contract.expect import same
from nonlin.formula.declaration import Activation
from tests.catalogue import DEFAULTS

POINTWISE = [case for case in DEFAULTS if case.kind == "pointwise"]
UNITS = [activation for activation in declarations().values() if activation.kind == "gated" and not activation.rule]
# a gate as a text, with the arguments that its class requires
TEXTS = {
    case.activation.name: f"{case.activation.name}({', '.join(map(str, case.parameters.values()))})"
    for case in POINTWISE
    if not case.activation.learnable
}


@pytest.fixture
def packed() -> Tensor:
    return torch.randn(3, 8, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


@pytest.mark.parametrize("case", [c for c in POINTWISE if not c.activation.learnable], ids=str)
def test_every_pointwise_gate(case: Case, packed: Tensor) -> None:
    """``GLU(gate=...)`` is value times the gate's function, in value, first and second derivative."""
    text = TEXTS[case.activation.name]
    module = nonlin.GLU(gate=text)
    value, gate = packed.chunk(2, -1)  # torch's convention: the second half is the gate
    same(module(packed), value * case(gate), rtol=1e-14, atol=1e-300)
    leaf = packed.clone().requires_grad_()
    (actual,) = torch.autograd.grad(module(leaf).sum(), leaf)
    halves = [t.clone().requires_grad_() for t in (value, gate)]
    expected = torch.autograd.grad((halves[0] * case(halves[1])).sum(), halves)
    same(actual, torch.cat(expected, -1), rtol=1e-14, atol=1e-300)
    torch.autograd.gradgradcheck(module, leaf)


@pytest.mark.parametrize("case", [c for c in POINTWISE if not c.activation.learnable], ids=str)
def test_saves_gate_and_value_alone(case: Case, packed: Tensor) -> None:
    kept: list[Tensor] = []
    leaf = packed.clone().requires_grad_()

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        nonlin.functional.glu(leaf, gate=TEXTS[case.activation.name])
    assert {t.untyped_storage().data_ptr() for t in kept} <= {leaf.untyped_storage().data_ptr()}
    assert sum(t.numel() for t in kept) <= leaf.numel()


@pytest.mark.parametrize("activation", UNITS, ids=lambda a: a.name)
def test_packed_is_apart(activation: Activation, packed: Tensor) -> None:
    """The packed forms, along every dimension, are the two-tensor form."""
    function = functions.of(activation)
    for dim in (0, 1, -1, -2):
        x = packed if dim in (1, -1) else packed.T
        first, second = x.chunk(2, dim)
        same(function(x, dim), function(second, value=first))
        same(function(x, dim, gate_half="first"), function(first, value=second))


@pytest.mark.parametrize("activation", UNITS, ids=lambda a: a.name)
def test_named_units_are_glu_with_a_gate(activation: Activation, packed: Tensor) -> None:
    same(functions.of(activation)(packed), nonlin.functional.glu(packed, gate=activation.gate))
    same(nonlin.get(activation.name)(packed), functions.of(activation)(packed))


@pytest.mark.parametrize("activation", UNITS, ids=lambda a: a.name)
def test_modules_take_both_forms(activation: Activation, packed: Tensor) -> None:
    module = nonlin.get(activation.name, gate_half="first")
    first, second = packed.chunk(2, -1)
    same(module(packed), module(first, second))


@pytest.mark.parametrize(
    "gate",
    ["tanh", nn.Tanh, nn.Tanh(), nonlin.Tanh(), torch.tanh, nonlin.functional.tanh],
    ids=["text", "class", "module", "own module", "callable", "own function"],
)
def test_gates_of_every_sort(gate: object, packed: Tensor) -> None:
    """A text, a class, a module, a callable: the same unit."""
    value, x = packed.chunk(2, -1)
    same(nonlin.GLU(gate=gate)(packed), value * torch.tanh(x), rtol=1e-13)


def test_a_learned_gate_learns(packed: Tensor) -> None:
    """A module as the gate is a child: its parameters are the unit's, and get gradients."""
    unit = nonlin.GLU(gate=nonlin.PReLU(dtype=torch.float64))
    assert [n for n, _ in unit.named_parameters()] == ["gate.weight"]
    unit(packed).sum().backward()
    value, gate = packed.chunk(2, -1)
    expected = (value * torch.where(gate > 0, 0.0, gate)).sum()
    same(unit.gate.weight.grad, expected.reshape(1), rtol=1e-12)


def test_parameters_of_the_gate(packed: Tensor) -> None:
    value, gate = packed.chunk(2, -1)
    same(nonlin.GLU(gate="leaky_relu(0.2)")(packed), value * nn.functional.leaky_relu(gate, 0.2), rtol=1e-15)
    same(nonlin.GLU(gate=nonlin.LeakyReLU(0.3))(packed), value * nn.functional.leaky_relu(gate, 0.3), rtol=1e-15)


def test_gate_and_value_broadcast() -> None:
    """One gate for all channels: the gradients are summed to each one's own shape."""
    gate = torch.randn(2, 1, 3, dtype=torch.float64, requires_grad=True)
    value = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(lambda g, v: nonlin.functional.swiglu(g, value=v), (gate, value), check_forward_ad=True)


def test_errors() -> None:
    with pytest.raises(ValueError, match=r"glu: dimension -1 has size 3, of shape \(2, 3\); expected an even size"):
        nonlin.functional.glu(torch.ones(2, 3))
    with pytest.raises(IndexError, match=r"swiglu: dim=2 for a tensor of 2 dimension\(s\); expected -2 to 1"):
        nonlin.functional.swiglu(torch.ones(2, 4), 2)
    with pytest.raises(ValueError, match="gate_half='third'; expected 'first' or 'second'"):
        nonlin.functional.glu(torch.ones(4), gate_half="third")
    with pytest.raises(TypeError, match=r"gate is torch\.float32 and the value torch\.float64; expected one dtype"):
        nonlin.functional.glu(torch.ones(4), value=torch.ones(4, dtype=torch.float64))
    with pytest.raises(nonlin.UnknownNameError, match="did you mean 'silu'"):
        nonlin.GLU(gate="sillu")


def test_a_gate_with_state_is_held_by_its_module() -> None:
    gate = nonlin.GLU(gate="prelu")
    (weight,) = gate.parameters()
    gate(torch.randn(2, 8)).sum().backward()
    assert weight.grad is not None
    assert "gate.weight" in gate.state_dict()
    resting = nonlin.GLU(gate="rrelu").eval()
    x = torch.randn(2, 8)
    same(resting(x), resting(x))
    by_channel = nonlin.GLU(gate=nonlin.PReLU(4), dim=1)
    packed = torch.randn(2, 8, 5)
    same(by_channel(packed), packed[:, :4] * torch.nn.functional.prelu(packed[:, 4:], torch.full((4,), 0.25)))


def test_a_text_cannot_name_a_gate_with_state_in_a_function() -> None:
    with pytest.raises(nonlin.NonlinError, match="give the module"):
        nonlin.functional.glu(torch.ones(2, 4), gate="prelu")


def test_the_half_is_checked_when_the_module_is_made() -> None:
    with pytest.raises(ValueError, match="gate_half='frist'"):
        nonlin.SwiGLU(gate_half="frist")
