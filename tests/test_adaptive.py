"""Learned and adaptive activations that are more than one formula: values, gradients, transforms, memory, learning."""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import nonlin
from nonlin.builders import functions
from nonlin.catalogue import declarations
from nonlin.contract import oracles
from nonlin.formula.declaration import Activation
from tests.catalogue import JUDGED
from tests.paths import composite_only

# the rules whose functions are all curves of one element and its coefficients, which are all that is kept for the backward
OF_CURVES = {"rational", "hinges", "kernel_expansion", "bsplines", "interpolation"}
RULES = OF_CURVES | {"series", "combinations", "pooled", "spatial", "statistics", "paired", "probabilistic"}
ADAPTIVE = [a for a in declarations().values() if a.rule in RULES]
SAMPLES = [(a, text) for a in ADAPTIVE for text in a.samples]
CURVES = [a for a in ADAPTIVE if a.rule in OF_CURVES or a.name in {"poly", "chebyshev"}]

each_sample = pytest.mark.parametrize(("activation", "text"), SAMPLES, ids=[text for _, text in SAMPLES])
each = pytest.mark.parametrize("activation", ADAPTIVE, ids=lambda a: a.name)
each_curve = pytest.mark.parametrize("activation", CURVES, ids=lambda a: a.name)


def made(text: str, dtype: torch.dtype = torch.float64) -> Any:
    """The module in evaluation, its learned numbers moved off their start, where kinks and ties may lie."""
    torch.manual_seed(1)
    module = nonlin.get(text).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return module.to(dtype)


def drawn(activation: Activation, dtype: torch.dtype = torch.float64) -> Tensor:
    torch.manual_seed(2)
    return (1.5 * torch.randn(activation.sample_shape, dtype=torch.float64)).to(dtype)


def given(module: Any, x: Tensor) -> dict[str, Any]:
    """What the module hands its function."""
    if hasattr(module, "arguments"):
        return dict(module.arguments(x))
    return {name: getattr(module, name) for name in module.__constants__}


@each_sample
def test_values(activation: Activation, text: str) -> None:
    module, x = made(text), drawn(activation)
    with torch.no_grad():
        arguments = given(module, x)
        plain = {k: v.numpy() if isinstance(v, Tensor) else v for k, v in arguments.items()}
        expected = oracles.find(activation)(x.numpy(), **plain)
        found = functions.of(activation)(x, **arguments)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(module(x).numpy(), found.numpy())


@each_sample
def test_gradients(activation: Activation, text: str) -> None:
    module, x = made(text), drawn(activation).requires_grad_()
    names = [name for name, _ in module.named_parameters()]

    def call(x: Tensor, *parameters: Tensor) -> Tensor:
        return torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), (x,))  # type: ignore[no-any-return]

    inputs = (x, *(p.detach().requires_grad_() for p in module.parameters()))
    assert torch.autograd.gradcheck(call, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(call, inputs, fast_mode=True)


@each
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_narrow_dtypes_round_once(activation: Activation, dtype: torch.dtype) -> None:
    """Where the function alone is concerned; the small networks compute in their own dtype."""
    x = drawn(activation, dtype)
    module = made(activation.samples[0])
    with torch.no_grad():
        arguments = {k: v.to(dtype) if isinstance(v, Tensor) else v for k, v in given(module, x.double()).items()}
        wide = {k: v.double() if isinstance(v, Tensor) else v for k, v in arguments.items()}
        found = functions.of(activation)(x, **arguments)
        expected = functions.of(activation)(x.double(), **wide)
    assert found.dtype is dtype
    if activation.name not in {"rowdy", "lin_comb", "laaf"}:  # sums of results that were rounded already
        torch.testing.assert_close(found, expected.to(dtype), rtol=torch.finfo(dtype).eps, atol=0)


@each
def test_transforms(activation: Activation) -> None:
    module, x = made(activation.samples[0]), drawn(activation)
    arguments = {k: v.detach() if isinstance(v, Tensor) else v for k, v in given(module, x).items()}
    call = partial(functions.of(activation), **arguments)
    direction = torch.ones_like(x)
    value, slope = cast(tuple[Tensor, Tensor], torch.func.jvp(call, (x,), (direction,)))
    y, pull = cast(tuple[Tensor, Callable[..., Any]], torch.func.vjp(call, x))
    torch.testing.assert_close(value, call(x))
    torch.testing.assert_close((slope * torch.cos(y)).sum(), pull(torch.cos(y))[0].sum())
    several = torch.stack([x, -x])
    torch.testing.assert_close(torch.vmap(call)(several), torch.stack([call(x), call(-x)]))


@pytest.mark.parametrize("name", ["rational", "bspline", "rowdy", "dynamic_relu(4)"])
def test_compiles_in_one_graph(name: str) -> None:
    module = made(name)
    x = torch.randn(2, 4, 6, dtype=torch.float64)
    compiled: Any = torch.compile(module, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), module(x))


@each
def test_copies_and_layouts(activation: Activation) -> None:
    module, x = made(activation.samples[0]), drawn(activation)
    expected = module(x)
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        torch.testing.assert_close(twin(x), expected, rtol=0, atol=0)
    spread = torch.stack([x, x], -1)[..., 0]
    assert not spread.is_contiguous()
    torch.testing.assert_close(module(spread), expected, rtol=1e-15, atol=1e-15)  # means add up in another order


@each_curve
def test_only_the_input_and_the_coefficients_are_kept(activation: Activation) -> None:
    module = made(activation.samples[0], torch.float32)
    x = torch.randn(4, 8, 64, requires_grad=True)
    kept: list[Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):  # type: ignore[func-returns-value]
        module(x)
    assert sum(t.numel() for t in kept if t.numel() >= x.numel()) == x.numel()


@each_curve
def test_blocks_change_nothing(activation: Activation, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{activation.name}(groups=4)" if activation.name == "gr_kan" else f"{activation.name}(num_parameters=4)"
    found = []
    for size in (1 << 20, 16):
        monkeypatch.setattr("nonlin.kernels.curves.BLOCK", size)
        module = made(text)
        x = torch.linspace(-4, 4, 96, dtype=torch.float64).reshape(6, 4, 4).requires_grad_()
        y = module(x)
        y.backward(torch.cos(y.detach()))
        assert x.grad is not None
        found.append([y.detach(), x.grad, *(p.grad for p in module.parameters())])
    torch.testing.assert_close(found[0], found[1], rtol=1e-12, atol=1e-12)


@each_curve
def test_what_is_not_a_number_stays_so(activation: Activation) -> None:
    shape = (1, 8) if activation.name == "gr_kan" else (8,)
    y = made(activation.samples[0])(torch.full(shape, torch.nan, dtype=torch.float64))
    assert y.isnan().all()


@pytest.mark.parametrize("order", [(5, 4), (3, 2)])
def test_a_rational_function_has_no_overflow(order: tuple[int, int]) -> None:
    m, n = order
    a, b = torch.ones(m + 1, dtype=torch.float64), torch.full((n,), 0.5, dtype=torch.float64)
    x = torch.tensor([-torch.inf, -1e300, -1e100, 1e100, 1e300, torch.inf], dtype=torch.float64, requires_grad=True)
    y = nonlin.functional.rational(x, a, b)
    torch.testing.assert_close(y, 2 * x * torch.tensor([1.0] * 6))
    (slope,) = torch.autograd.grad(y[1:5].sum(), x)
    torch.testing.assert_close(slope[1:5], torch.full((4,), 2.0, dtype=torch.float64))


def test_channels_that_do_not_fit_are_told() -> None:
    with pytest.raises(nonlin.NonlinError, match="4 channels and the input has shape"):
        nonlin.get("poly(num_parameters=4)")(torch.randn(2, 3))
    with pytest.raises(nonlin.NonlinError, match="expected"):
        nonlin.get("gr_kan")(torch.randn(2, 6))


def test_dice_learns_the_batchs_statistics() -> None:
    dice, norm = nonlin.get("dice(3)"), nn.BatchNorm1d(3)
    for _ in range(3):
        x = torch.randn(16, 3) * 2 + 1
        dice(x)
        norm(x)
    torch.testing.assert_close(dice.running_mean, norm.running_mean)
    torch.testing.assert_close(dice.running_var, norm.running_var)


def test_a_graph_of_the_gradients_changes_none_of_them() -> None:
    """In training mean and variance are functions of the input: its gradient goes through each of them once."""
    dice, x = nonlin.get("dice(3)").double(), torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    found = [torch.autograd.grad(dice(x).sin().sum(), x, create_graph=again)[0] for again in (False, True)]
    torch.testing.assert_close(*found)


def test_statistics_of_other_channels_are_told() -> None:
    x, one = torch.randn(2, 3), torch.ones(1)
    with pytest.raises(nonlin.NonlinError, match="dice: mean has 2 elements"):
        nonlin.functional.dice(x, one, torch.zeros(2), one)
    with pytest.raises(nonlin.NonlinError, match="meta_acon: p2 has 2 elements"):
        nonlin.functional.meta_acon(x, one, torch.zeros(2), torch.ones(2, 3))


def test_probact_draws_in_training_alone() -> None:
    module, x = nonlin.get("probact"), torch.full((4096,), -1.0)
    torch.manual_seed(0)
    noise = module(x)
    assert noise.std().item() == pytest.approx(0.5, rel=0.05)
    assert not module.eval()(x).any()


# learned curves of one element, with two or more numbers to fit by; found by what they declare
LEARNABLE = [
    *((a, a.name) for a in declarations().values() if a.kind == "pointwise" and a.learnable),
    *((a, a.samples[0]) for a in ADAPTIVE if a.rule in OF_CURVES | {"series", "combinations"}),
]

# parameters that cannot move from where they start
STILL = {("reltanh", "upper"): "starts at 0, the inflection of tanh, where the slope that it chooses is stationary"}


@pytest.mark.parametrize(("activation", "text"), LEARNABLE, ids=[a.name for a, _ in LEARNABLE])
def test_it_learns(activation: Activation, text: str) -> None:
    """Forty steps of Adam towards a moved copy of itself, 256 points: the loss falls by a half, every number moves.

    Through the composite where the kernels are not judged either: they take seconds to compile.
    """
    with contextlib.nullcontext() if activation.rule or activation in JUDGED else composite_only():
        _learns(activation, text)


def _learns(activation: Activation, text: str) -> None:
    torch.manual_seed(3)
    text = "gr_kan(groups=1)" if activation.name == "gr_kan" else text
    module = nonlin.get(text).double()
    target = copy.deepcopy(module)
    with torch.no_grad():
        for parameter in target.parameters():
            parameter.add_(0.2 * torch.sign(torch.randn_like(parameter)))
    x = torch.linspace(-11, 11, 256, dtype=torch.float64).unsqueeze(-1)
    start = {name: p.detach().clone() for name, p in module.named_parameters()}
    optimiser = torch.optim.Adam(module.parameters(), lr=0.02)
    wanted = target(x).detach()
    losses = []
    for _ in range(40):
        optimiser.zero_grad()
        loss = (module(x) - wanted).square().mean()
        loss.backward()
        losses.append(loss.item())
        optimiser.step()
    assert losses[-1] < 0.5 * losses[0]
    for name, parameter in module.named_parameters():
        assert (parameter != start[name]).any() or (activation.name, name) in STILL, name


def test_no_decay_finds_what_activations_learn() -> None:
    model = nn.Sequential(
        nn.Linear(8, 8), nonlin.get("rational"), nonlin.get("dynamic_relu(8)"), nonlin.get("meta_acon(8)"), nn.PReLU()
    )
    gated = nonlin.GLU(gate=nonlin.PReLU())
    names = {id(p): name for name, p in model.named_parameters()}
    assert [names[id(p)] for p in nonlin.no_decay(model)] == [
        "1.numerator", "1.denominator", "3.p1", "3.p2", "4.weight",
    ]  # fmt: skip
    assert nonlin.no_decay(gated) == list(gated.parameters())
    decayed, kept = nonlin.parameter_groups(model, weight_decay=0.3)
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.3, 0.0)
    assert len(decayed["params"]) + len(kept["params"]) == len(list(model.parameters()))
    before = [p.detach().clone() for p in kept["params"]]
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    torch.optim.AdamW([decayed, kept], lr=0.1).step()
    assert all(torch.equal(p, b) for p, b in zip(kept["params"], before, strict=True))


@pytest.mark.parametrize("name", ["prelu", "swish_beta", "poly"])
def test_autocast_leaves_the_inputs_dtype(name: str) -> None:
    module = nonlin.get(f"{name}(num_parameters=8)")
    x = torch.randn(4, 8, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = module(x)
    y.sum().backward()
    assert y.dtype is torch.bfloat16
    assert x.grad is not None
    assert x.grad.dtype is torch.bfloat16
    assert all(p.grad is not None and p.grad.dtype is torch.float32 for p in module.parameters())


@pytest.mark.parametrize("text", ["silu", "elu(0.5)", "prelu"])
def test_fx_traces_a_pointwise_call_as_one_node(text: str) -> None:
    module: Callable[..., Any] = nn.Sequential(nn.Linear(4, 4), nonlin.get(text))
    traced, x = torch.fx.symbolic_trace(module), torch.randn(3, 4)
    assert sum(node.op == "call_function" for node in traced.graph.nodes) == 1
    assert torch.equal(traced(x), module(x))
