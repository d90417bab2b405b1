"""Arithmetic wider than the tensors that come and go."""

from __future__ import annotations

from torch import Tensor

from nonlin.kernels.terms import compute_dtype


def wide(input: Tensor, *others: Tensor | None) -> tuple[Tensor, ...]:
    """All of them in the dtype in which roundings of ``input``'s dtype do not add up; None is left out."""
    dtype = compute_dtype(input.dtype, input.device)
    return tuple(t.to(dtype) for t in (input, *others) if t is not None)


def widened(x: Tensor) -> Tensor:
    """``x`` in the dtype in which many roundings become one."""
    return x.to(compute_dtype(x.dtype, x.device))
