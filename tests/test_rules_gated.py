"""Gated units with a function on each side: what they save, where they agree with torch, what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import nonlin
from nonlin.kernels.gated import gated
from nonlin.registry import find
from nonlin.rules.gated_two_sided import PARTS
from tests.paths import composite_only

F = nonlin.functional


def by_hand(gate: Tensor, value: Tensor, limit: float = 7.0, alpha: float = 1.702) -> Tensor:
    """The released code's order of operations."""
    gate, value = gate.clamp(max=limit), value.clamp(-limit, limit)
    return gate * torch.sigmoid(alpha * gate) * (value + 1)


@pytest.fixture
def packed() -> Tensor:
    return 6 * torch.randn(40, 64, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def step(x: Tensor) -> Tensor:
    return (x > 0).double()


def slope_of_gate(gate: Tensor) -> Tensor:
    u = 1.702 * gate
    return (gate < 7) * torch.sigmoid(u) * (1 + u * torch.sigmoid(-u))


Function = Callable[[Tensor], Tensor]
# by name: the functions of gate and value, each with its derivative; torch's own derivatives of tanh and sigmoid lose their
# digits where they are small
UNITS: dict[str, tuple[Function, Function, Function, Function]] = {
    "gtu": (torch.sigmoid, lambda g: torch.sigmoid(g) * torch.sigmoid(-g), torch.tanh, lambda v: torch.cosh(v) ** -2),
    "drelu_glu": (torch.relu, step, torch.relu, step),
    "clamped_swiglu": (
        lambda g: g.clamp(max=7) * torch.sigmoid(1.702 * g.clamp(max=7)),
        slope_of_gate,
        lambda v: v.clamp(-7, 7) + 1,
        lambda v: (v.abs() < 7).double(),
    ),
}


def product(name: str, x: Tensor) -> tuple[Tensor, Tensor]:
    """The unit of a packed tensor in float64, and the gradient of its sum."""
    of_gate, slope_at_gate, of_value, slope_at_value = UNITS[name]
    value, gate = x.double().chunk(2, -1)
    slope = torch.cat([of_gate(gate) * slope_at_value(value), of_value(value) * slope_at_gate(gate)], -1)
    return of_gate(gate) * of_value(value), slope


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_kernels(name: str, dtype: torch.dtype, packed: Tensor) -> None:
    """Packed, apart and under grad, fused and composed, the values are those of float64, rounded; so are the gradients."""
    function, x = getattr(F, name), packed.to(dtype)
    true, slope = product(name, x)
    bar = {torch.float64: 5e-14, torch.float32: 4 * 2**-24}.get(dtype, 0.51 * torch.finfo(dtype).eps)
    least = float(torch.finfo(dtype).tiny)
    leaf = x.clone().requires_grad_()
    with composite_only():
        composed = function(x)
    y = function(leaf)
    y.sum(dtype=torch.float64).backward()
    for found in (y.detach(), function(x), composed, function(x.chunk(2, -1)[1], value=x.chunk(2, -1)[0])):
        torch.testing.assert_close(found.double(), true, rtol=bar, atol=least)
    assert leaf.grad is not None
    torch.testing.assert_close(leaf.grad.double(), slope, rtol=bar, atol=least)


def test_both_numbers_decide_the_path() -> None:
    """A value outside the float path's interval is computed in double even where its gate lies inside, and the other way."""
    x = torch.tensor([0.5, 0.5, 90.0, -90.0] * 8 + [50.0, 0.5, 0.5, -100.0] * 8)  # values, then gates
    leaf = x.clone().requires_grad_()
    F.gtu(leaf).sum().backward()
    assert leaf.grad is not None
    torch.testing.assert_close(leaf.grad.double(), product("gtu", x)[1], rtol=4e-7, atol=1e-37)


@pytest.mark.parametrize("name", UNITS)
def test_saves_its_inputs(name: str, packed: Tensor) -> None:
    """For the backward the packed input, or gate and value: nothing is kept beside them."""
    kept: list[Tensor] = []

    def keep(t: Tensor) -> Tensor:
        kept.append(t)
        return t

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        getattr(F, name)(packed.requires_grad_())
        value, gate = (t.contiguous() for t in packed.chunk(2, -1))
        getattr(F, name)(gate, value=value)
    mine = {t.data_ptr() for t in (packed, gate, value)}
    assert {t.data_ptr() for t in kept if t.numel() > 1} <= mine


def test_interleaved(packed: Tensor) -> None:
    """gpt-oss' layout: gates at even places."""
    y = F.clamped_swiglu(packed, interleaved=True, gate_half="first")
    torch.testing.assert_close(y, by_hand(packed[..., ::2], packed[..., 1::2]))
    y = F.clamped_swiglu(packed, dim=0, interleaved=True)
    torch.testing.assert_close(y, by_hand(packed[1::2], packed[::2]))


def test_limits() -> None:
    """At infinite gates and values."""
    inf = torch.inf
    gates, values = torch.tensor([inf, -inf, inf, -inf]), torch.tensor([inf, inf, -inf, -inf])
    high = by_hand(torch.tensor(7.0), torch.tensor([7.0, -7.0]))
    expected = torch.stack([high[0], torch.tensor(0.0), high[1], torch.tensor(0.0)])
    torch.testing.assert_close(F.clamped_swiglu(gates, value=values), expected)
    torch.testing.assert_close(F.gtu(gates, value=values), torch.tensor([1.0, 0.0, -1.0, 0.0]))


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"gtu: dimension -1 has size 3.*even size"):
        F.gtu(torch.ones(2, 3))
    with pytest.raises(TypeError, match=r"gate is torch\.float32 and the value torch\.float64; expected one dtype"):
        F.drelu_glu(torch.ones(3), value=torch.ones(3, dtype=torch.float64))
    with pytest.raises(ValueError, match="limit=0 is out of bounds"):
        F.clamped_swiglu(torch.ones(4), limit=0)
    with pytest.raises(ValueError, match="even size"):
        F.clamped_swiglu(torch.ones(3), interleaved=True)


def test_names() -> None:
    assert {find("swiglu_oai").name, find("gated_tanh_unit").name} == {"clamped_swiglu", "gtu"}
    assert gated(*PARTS) is gated(*PARTS)
