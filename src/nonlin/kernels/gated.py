"""Gated units: value times a pointwise function of the gate, rounded once, saving gate and value and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from torch import Tensor

from nonlin.errors import BoundsError, DimensionError
from nonlin.formula.declaration import Activation
from nonlin.kernels.autograd import differentiable
from nonlin.kernels.terms import Formula, Scaled, formula


def gated(activation: Activation) -> Callable[..., Tensor]:
    """``f(value, gate, *parameters of the gate's function)``."""
    return _gated(formula(activation))


@lru_cache(maxsize=1024)
def _gated(term: Formula) -> Callable[..., Tensor]:
    return differentiable(Scaled(term), prepare=(0, 1))


def check_half(gate_half: str, owner: str) -> None:
    """Raise where ``gate_half`` names no half."""
    if gate_half not in ("first", "second"):
        raise BoundsError(
            f"{owner}: gate_half={gate_half!r}; expected 'first' or 'second' (torch's convention, the default)"
        )


def halves(packed: Tensor, dim: int, gate_half: str, owner: str) -> tuple[Tensor, Tensor]:
    """(gate, value) of a packed tensor, as views."""
    check_half(gate_half, owner)
    if packed.ndim == 0:
        raise BoundsError(f"{owner}: got a 0-d tensor; expected at least one dimension to split into gate and value")
    if not -packed.ndim <= dim < packed.ndim:
        raise DimensionError(
            f"{owner}: dim={dim} for a tensor of {packed.ndim} dimension(s); expected {-packed.ndim} to {packed.ndim - 1}"
        )
    size = packed.shape[dim]
    if size % 2:
        raise BoundsError(
            f"{owner}: dimension {dim} has size {size}, of shape {tuple(packed.shape)}; expected an even size, to split into gate and value"
        )
    first, second = packed.narrow(dim, 0, size // 2), packed.narrow(dim, size // 2, size // 2)
    return (first, second) if gate_half == "first" else (second, first)
