"""A packed tensor as rows: where its two halves lie in memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """``count`` rows of ``columns`` elements; from one row to the next ``out`` elements of a result, ``halves`` of a half."""

    count: int
    columns: int
    out: int
    halves: int

    @classmethod
    def flat(cls, size: int) -> Rows:
        """Two dense tensors of one layout: a single row."""
        return cls(1, size, 0, 0)


@dataclass(frozen=True)
class PackedRows(Rows):
    """The rows of a packed tensor.

    Args:
        base: its elements, contiguous.
        shape: of a half, in the order of ``base``'s dimensions.
        order: the dimensions of the tensor in the order of ``base``'s, None where that is its own.
    """

    base: Tensor
    shape: tuple[int, ...]
    order: tuple[int, ...] | None

    def offsets(self, gate_half: str) -> tuple[int, int]:
        """(gate, value): where the halves begin, in bytes from the beginning of ``base``."""
        second = self.columns * self.base.element_size()
        return (0, second) if gate_half == "first" else (second, 0)

    def empty(self) -> Tensor:
        """An empty tensor for the result, laid out as the packed one is."""
        return self.restored(self.base.new_empty(self.shape))

    def restored(self, x: Tensor) -> Tensor:
        """``x``, with ``base``'s order of dimensions, in the tensor's own order."""
        if self.order is None:
            return x
        inverse = [0] * len(self.order)
        for position, dimension in enumerate(self.order):
            inverse[dimension] = position
        return x.permute(inverse)


_LAST = {4: (torch.channels_last, (0, 2, 3, 1)), 5: (torch.channels_last_3d, (0, 2, 3, 4, 1))}


def packed_rows(packed: Tensor, dim: int) -> PackedRows:
    """The rows of ``packed`` split along ``dim``: channels_last as it lies; other strides are copied once."""
    base, order = packed.detach(), None
    if not base.is_contiguous() and base.ndim in _LAST and base.is_contiguous(memory_format=_LAST[base.ndim][0]):
        order = _LAST[base.ndim][1]
        dim = order.index(dim % base.ndim)
        base = base.permute(order)
    base = base.contiguous()
    dim %= base.ndim
    shape = list(base.shape)
    shape[dim] //= 2
    columns = prod(shape[dim:])
    count = prod(shape[:dim])
    return PackedRows(count, columns, columns, 2 * columns, base, tuple(shape), order)
