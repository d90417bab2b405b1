"""Curves with coefficients that are tensors: evaluated in blocks, and again in the backward, which keeps the input alone.

A curve is a plain function ``curve(x, *coefficients)`` of torch operations. What is shared by all elements is a tensor of
k numbers, what differs by channel one of (channels, k). Written as torch runs it, each of its operations keeps a tensor of
the input's size; here the input and the coefficients are kept, and one block at a time is computed anew, in float64 on
CPUs, for the gradient by the input and by every coefficient in the same pass. The sums over elements are in float64, block
after block: the same for any number of threads.

What that costs, forward and backward of 1,048,576 float32 elements, in ms of processor time of one thread of an AMD EPYC,
against torch's operations written out in float32: polynomial of 4 terms 37 to 13, rational of order (5, 4) 231 to 61, KAF of
20 bells 784 to 332, cubic B-spline 339 to 878 (there all 8 splines are evaluated for each element). What is bought is memory
(the input, not one tensor an operation) and digits (float64 inside), not time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import torch
from torch import Tensor

from nonlin.errors import BoundsError
from nonlin.kernels import eager
from nonlin.kernels.recomputed import recomputed
from nonlin.kernels.terms import compute_dtype

BLOCK = 65_536  # elements; by 16,384 a rational function takes 1.24 times, a polynomial 1.2 times as long

Curve = Callable[..., Tensor]


def columns(coefficients: Tensor) -> tuple[Tensor, ...]:
    """The k numbers, each as it broadcasts against a curve's input: (), or (channels, 1) against (rows, channels, inner)."""
    parts = coefficients.unbind(-1)
    return tuple(part.unsqueeze(-1) for part in parts) if coefficients.ndim > 1 else parts


def adaptive(curve: Curve, owner: str, x: Tensor, *coefficients: Tensor) -> Tensor:
    """``curve`` of every element of ``x``, channels in dimension 1; shape, strides and dtype are those of ``x``.

    Raises:
        BoundsError: where there are coefficients for another number of channels.
    """
    channels = _channels(owner, x, coefficients)
    given = tuple(c.reshape(-1) if channels == 1 and c.ndim > 1 else c for c in coefficients)
    if torch.compiler.is_compiling() or not all(type(t) in eager.ORDINARY for t in (x, *given)):
        return _learned_curve(curve, channels, x, *given)
    return _in_blocks(curve, channels, x, *given)


def _channels(owner: str, x: Tensor, coefficients: tuple[Tensor, ...]) -> int:
    """How many channels the coefficients tell apart."""
    counts = {c.shape[0] for c in coefficients if c.ndim > 1} - {1}
    for count in counts:
        if x.ndim < 2 or x.shape[1] != count:
            raise BoundsError(
                f"{owner}: the coefficients are those of {count} channels and the input has shape {tuple(x.shape)}; expected "
                f"{count} channels in dimension 1, or coefficients without a dimension of channels, which all elements share"
            )
    return max(counts, default=1)


def _laid(x: Tensor, channels: int) -> Tensor:
    """All elements in one row; where channels differ, (rows, channels, inner)."""
    return x.reshape(-1) if channels == 1 else x.reshape(x.shape[0], channels, prod(x.shape[2:]))


def _learned_curve(curve: Curve, channels: int, x: Tensor, *coefficients: Tensor) -> Tensor:
    """In one piece: what tracing, transforms and the backward of the backward see."""
    wide = compute_dtype(x.dtype, x.device)
    y = curve(_laid(x, channels).to(wide), *(c.to(wide) for c in coefficients))
    return y.to(x.dtype).reshape(x.shape)


def _blocks(x: Tensor, channels: int) -> tuple[Tensor, list[slice]]:
    """(the elements as they are laid, the slices of dimension 0 to take at a time)."""
    laid = _laid(x, channels)
    rows = len(laid)
    step = max(1, BLOCK // max(1, prod(laid.shape[1:]))) if x.device.type == "cpu" else max(1, rows)
    return laid, [slice(start, start + step) for start in range(0, rows, step)]


def _values(curve: Curve, channels: int, x: Tensor, *coefficients: Tensor) -> Tensor:
    x, out = _dense(x.detach(), channels)
    wide = compute_dtype(x.dtype, x.device)
    given = [c.detach().to(wide) for c in coefficients]
    laid, slices = _blocks(_flat(x, channels), channels)
    to = _flat(out, channels).reshape(laid.shape)
    with torch.no_grad():
        for at in slices:
            to[at] = curve(laid[at].to(wide), *given)
    return out


def _dense(x: Tensor, channels: int) -> tuple[Tensor, Tensor]:
    """(x, an empty tensor like it), both without holes; contiguous where channels matter."""
    if channels == 1:
        return eager.dense(x) if x.device.type == "cpu" and not x.is_neg() else _contiguous(x)
    return _contiguous(x)


def _contiguous(x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.contiguous()
    return x, torch.empty_like(x)


def _flat(x: Tensor, channels: int) -> Tensor:
    """A dense tensor's elements in the order in which they lie in memory, where no channel tells them apart."""
    return x if channels > 1 else x.as_strided((x.numel(),), (1,), x.storage_offset())


def _gradients(
    grad: Tensor, needs: Sequence[bool], curve: Curve, channels: int, x: Tensor, *coefficients: Tensor
) -> list[Tensor | None]:
    """The gradients block by block, those of the coefficients summed in the wide dtype."""
    _, _, needs_x, *needs_coefficient = needs
    wide = compute_dtype(x.dtype, x.device)
    x, out = _dense(x.detach(), channels)
    grad = grad if grad.stride() == x.stride() else torch.empty_like(x).copy_(grad)
    laid, slices = _blocks(_flat(x, channels), channels)
    incoming, to = _flat(grad, channels).reshape(laid.shape), _flat(out, channels).reshape(laid.shape)
    given = [c.detach().to(wide).requires_grad_(n) for c, n in zip(coefficients, needs_coefficient, strict=True)]
    sums = [torch.zeros_like(c) for c in given]
    for at in slices:
        with torch.enable_grad():
            block = laid[at].to(wide, copy=True).requires_grad_(needs_x)
            y = curve(block, *given)
        wanted = [t for t in (block, *given) if t.requires_grad]
        found = iter(torch.autograd.grad(y, wanted, incoming[at].to(wide), materialize_grads=True))
        if needs_x:
            to[at] = next(found)
        for total, c in zip(sums, given, strict=True):
            if c.requires_grad:
                total += next(found)
    each = zip(sums, coefficients, needs_coefficient, strict=True)
    return [None, None, out if needs_x else None, *(s.to(c.dtype) if n else None for s, c, n in each)]


_in_blocks = recomputed(_learned_curve, values=_values, gradients=_gradients)
