"""What is read from a table of learned numbers: the few entries around x, weighted by where x lies between them.

The work for an element does not grow with the table: two entries of a straight line, four of a cubic.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.curves import columns
from nonlin.rules.coefficients import at_least, filled, held


def place(at: Tensor, segments: int) -> tuple[Tensor, Tensor]:
    """(the segment in which each element lies, 0 to segments - 1, how far into it); ``at`` counts from the first's start."""
    index = at.detach().nan_to_num(0.0).floor().clamp(0, segments - 1)
    return index.long(), at - index


def entries(table: Tensor, index: Tensor, count: int) -> list[Tensor]:
    """Entries ``index`` to ``index + count - 1`` of the table; of each channel's own where it has two dimensions."""
    if table.ndim > 1:
        channels, size = table.shape
        index = index + (torch.arange(channels, device=index.device) * size).unsqueeze(-1)
    flat = table.reshape(-1)
    # gather, whose backward adds where indexing's sorts: a table is short and its entries are hit often
    return [flat.gather(0, (index + j).reshape(-1)).view_as(index) for j in range(count)]


def line(slope: Tensor, length: Tensor) -> Tensor:
    """slope * length, 0 where the slope is 0 and the length infinite."""
    finite = length.clamp(min=-torch.finfo(length.dtype).max, max=torch.finfo(length.dtype).max)
    return torch.where(length.isinf() & (slope != 0), slope * length, slope * finite)


def check_interval(owner: str, low: float, high: float) -> None:
    if not low < high:
        raise BoundsError(f"{owner}: low={low!r} and high={high!r}; expected low < high")


def _end(table: Tensor, at: int) -> Tensor:
    """One entry, as it broadcasts against the input."""
    return columns(table)[at]


def _continued(table: Tensor, count: int) -> Tensor:
    """The table with ``count`` more entries at either end, on the straight line through the last two there."""
    ahead = torch.arange(count, 0, -1, dtype=table.dtype, device=table.device)
    first, last = table[..., :1], table[..., -1:]
    before = first - ahead * (table[..., 1:2] - first)
    after = last + ahead.flip(0) * (last - table[..., -2:-1])
    return torch.cat([before, table, after], -1)


def interpolated(weights: Any, reach: int, low: float, high: float, x: Tensor, value: Tensor) -> Tensor:
    """The ``2 reach`` entries around x, weighted by ``weights(t)``; straight on beyond the ends."""
    segments = value.shape[-1] - 1
    step = (high - low) / segments
    index, t = place((x.clamp(low, high) - low) / step, segments)
    around = entries(_continued(value, reach - 1), index, 2 * reach)
    y = sum((w * v for w, v in zip(weights(t), around, strict=True)), start=torch.zeros_like(x))
    left = (_end(value, 1) - _end(value, 0)) / step
    right = (_end(value, -1) - _end(value, -2)) / step
    return y + line(left, (x - low).clamp(max=0)) + line(right, (x - high).clamp(min=0))


class Table(WrittenModule):
    """One table of values over [low, high], which starts with the values of ``_start``."""

    value: nn.Parameter
    size: int
    low: float
    high: float

    @staticmethod
    def _start(x: float) -> float:
        raise NotImplementedError

    def _hold(
        self, size: int, low: float, high: float, num_parameters: int, device: Any, dtype: torch.dtype | None
    ) -> None:
        at_least(type(self).__name__, "size", size, 2)
        check_interval(type(self).__name__, low, high)
        self.size, self.low, self.high, self.num_parameters = size, low, high, num_parameters
        self.value = held(self._initial(), num_parameters, device, dtype)

    def _initial(self) -> list[float]:
        step = (self.high - self.low) / (self.size - 1)
        return [self._start(self.low + step * i) for i in range(self.size)]

    def reset_parameters(self) -> None:
        filled(self.value, self._initial())
