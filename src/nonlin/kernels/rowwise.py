"""The softmax family: functions of a whole row, with the tails that rounding the output loses.

Forward and derivative are computed in float64 on CPUs (see :func:`nonlin.kernels.terms.compute_dtype`) from the input,
which alone is saved. Every form separates the largest entry of a row from the rest, so that 1 - p and log(p) keep their
digits when p is next to 1: torch's log_softmax of [17, 0] is exactly 0, the true value is -4.1e-8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import forward_ad

from nonlin.kernels.terms import compute_dtype


def _parts(x: Tensor, dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """(x - max, mask of one largest entry, sum of exp(x - max) over the others) of every row.

    The maximum is the masked entry itself, not a constant: so the plain operations differentiate right, ties included.
    A row of -inf alone has no limit and gives NaN; +inf entries share the row equally.
    """
    at = torch.argmax(x.detach(), dim, keepdim=True)
    top = torch.gather(x, dim, at)
    largest = torch.zeros_like(x, dtype=torch.bool).scatter(dim, at, 1)
    spread = torch.where(x == torch.inf, torch.zeros_like(x), x - top)
    others = torch.where(largest, torch.zeros_like(x), torch.exp(spread)).sum(dim, keepdim=True)
    return spread, largest, others


def _softmax(x: Tensor, dim: int) -> Tensor:
    spread, _, others = _parts(x, dim)
    return torch.exp(spread) / (1.0 + others)


def _log_softmax(x: Tensor, dim: int) -> Tensor:
    spread, _, others = _parts(x, dim)
    return spread - torch.log1p(others)


def _with_complement(x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """(p, 1 - p), both to full accuracy."""
    spread, largest, others = _parts(x, dim)
    p = torch.exp(spread) / (1.0 + others)
    return p, torch.where(largest, others / (1.0 + others), 1.0 - p)


def _softmax_backward(grad: Tensor, x: Tensor, dim: int) -> Tensor:
    """p_i (g_i (1 - p_i) - sum over j != i of g_j p_j)."""
    p, complement = _with_complement(x, dim)
    weighted = grad * p
    return p * (grad * complement - (weighted.sum(dim, keepdim=True) - weighted))


def _log_softmax_backward(grad: Tensor, x: Tensor, dim: int) -> Tensor:
    """g_i (1 - p_i) - p_i (sum over j != i of g_j)."""
    p, complement = _with_complement(x, dim)
    return grad * complement - p * (grad.sum(dim, keepdim=True) - grad)


def _softmin(x: Tensor, dim: int) -> Tensor:
    return _softmax(-x, dim)


def _softmin_backward(grad: Tensor, x: Tensor, dim: int) -> Tensor:
    return -_softmax_backward(grad, -x, dim)


RULES: dict[str, tuple[Callable[[Tensor, int], Tensor], Callable[[Tensor, Tensor, int], Tensor]]] = {
    "softmax": (_softmax, _softmax_backward),
    "softmax2d": (_softmax, _softmax_backward),
    "log_softmax": (_log_softmax, _log_softmax_backward),
    "softmin": (_softmin, _softmin_backward),
}


def _wide(function: Callable[..., Tensor], dtype: torch.dtype, *args: Any) -> Tensor:
    first: Tensor = args[0]
    wide = compute_dtype(dtype, first.device)
    return function(*(a.to(wide) if isinstance(a, Tensor) else a for a in args)).to(dtype)


def rowwise(name: str) -> Callable[[Tensor, int], Tensor]:
    """The function of a rowwise activation: ``f(x, dim)``."""
    forward, backward = RULES[name]

    class Row(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, dim: int) -> Tensor:
            ctx.save_for_backward(x)
            ctx.dim = dim
            return _wide(forward, x.dtype, x, dim)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            (x,) = ctx.saved_tensors
            # plain operations: a second backward differentiates them
            return _wide(backward, x.dtype, grad, x, ctx.dim), None

    Row.__name__ = Row.__qualname__ = name

    def call(x: Tensor, dim: int) -> Tensor:
        if x.numel() == 0 or x.ndim == 0:  # nothing to reduce over, or a row of one
            return _degenerate(name, x)
        plain = (
            torch.compiler.is_compiling()
            or forward_ad._current_level >= 0
            or torch._C._functorch.peek_interpreter_stack() is not None
        )
        if plain or not (torch.is_grad_enabled() and x.requires_grad):
            return _wide(forward, x.dtype, x, dim)
        return cast(Tensor, Row.apply(x, dim))  # type: ignore[no-untyped-call]

    return call


def _degenerate(name: str, x: Tensor) -> Tensor:
    if x.numel() == 0:
        return x * 1.0
    return x - x if name == "log_softmax" else x - x + 1.0
