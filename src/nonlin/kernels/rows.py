"""A packed tensor as rows: where its two halves lie in memory."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import torch
from torch import Tensor


class Rows(NamedTuple):
    """``number`` rows of ``columns`` elements; from one row to the next ``out`` elements of a result, ``halves`` of a half."""

    number: int
    columns: int
    out: int
    halves: int


def flat(size: int) -> Rows:
    """Two dense tensors of one layout: a single row."""
    return Rows(1, size, 0, 0)


class Packed(NamedTuple):
    """A packed tensor as rows.

    Args:
        rows: of its halves.
        base: its elements, contiguous.
        shape: of a half, in the order of ``base``'s dimensions.
        order: the dimensions of the tensor in the order of ``base``'s, None where that is its own.
    """

    rows: Rows
    base: Tensor
    shape: tuple[int, ...]
    order: tuple[int, ...] | None

    def offsets(self, gate_half: str) -> tuple[int, int]:
        """(gate, value): where the halves begin, in bytes from the beginning of ``base``."""
        second = self.rows.columns * self.base.element_size()
        return (0, second) if gate_half == "first" else (second, 0)

    def empty(self) -> Tensor:
        """An empty tensor for the result, laid out as the packed one is."""
        out = torch.empty(self.shape, dtype=self.base.dtype)
        return out if self.order is None else self.restored(out)

    def restored(self, x: Tensor) -> Tensor:
        """``x``, with ``base``'s order of dimensions, in the tensor's own order."""
        if self.order is None:
            return x
        inverse = [0] * len(self.order)
        for position, dimension in enumerate(self.order):
            inverse[dimension] = position
        return x.permute(inverse)


_LAST = {4: (torch.channels_last, (0, 2, 3, 1)), 5: (torch.channels_last_3d, (0, 2, 3, 4, 1))}


def packed_rows(packed: Tensor, dim: int) -> Packed:
    """The rows of ``packed`` split along ``dim``: channels_last as it lies; other strides are copied once."""
    base, order = packed, None
    if not packed.is_contiguous():
        base = packed.detach()
        if base.ndim in _LAST and base.is_contiguous(memory_format=_LAST[base.ndim][0]):
            order = _LAST[base.ndim][1]
            dim = order.index(dim % base.ndim)
            base = base.permute(order)
        base = base.contiguous()
    shape = list(base.shape)
    if dim < 0:
        dim += len(shape)
    shape[dim] //= 2
    columns = prod(shape[dim:])
    return Packed(Rows(prod(shape[:dim]), columns, columns, 2 * columns), base, tuple(shape), order)
