"""Curves read from a table of learned numbers: the few entries around x, weighted by where x lies between them.

The work for an element does not grow with the table: two entries of a straight line, four of a cubic.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least, filled, held


def _place(at: Tensor, segments: int) -> tuple[Tensor, Tensor]:
    """(the segment in which each element lies, 0 to segments - 1, how far into it); ``at`` counts from the first's start."""
    index = at.detach().nan_to_num(0.0).floor().clamp(0, segments - 1)
    return index.long(), at - index


def _entries(table: Tensor, index: Tensor, count: int) -> list[Tensor]:
    """Entries ``index`` to ``index + count - 1`` of the table; of each channel's own where it has two dimensions."""
    if table.ndim > 1:
        channels, size = table.shape
        index = index + (torch.arange(channels, device=index.device) * size).unsqueeze(-1)
    flat = table.reshape(-1)
    # gather, whose backward adds where indexing's sorts: a table is short and its entries are hit often
    return [flat.gather(0, (index + j).reshape(-1)).view_as(index) for j in range(count)]


def _line(slope: Tensor, length: Tensor) -> Tensor:
    """slope * length, 0 where the slope is 0 and the length infinite."""
    finite = length.clamp(min=-torch.finfo(length.dtype).max, max=torch.finfo(length.dtype).max)
    return torch.where(length.isinf() & (slope != 0), slope * length, slope * finite)


def _end(table: Tensor, at: int) -> Tensor:
    """One entry, as it broadcasts against the input."""
    return columns(table)[at]


def _between(x: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    return torch.minimum(torch.maximum(x, torch.as_tensor(low, dtype=x.dtype)), torch.as_tensor(high, dtype=x.dtype))


def _pwlu(x: Tensor, value: Tensor, bound: Tensor, slope: Tensor) -> Tensor:
    segments = value.shape[-1] - 1
    low, high = columns(bound)
    left, right = columns(slope)
    inside = _between(x, low, high)
    index, t = _place((inside - low) / (high - low) * segments, segments)
    first, second = _entries(value, index, 2)
    return first + t * (second - first) + _line(left, (x - low).clamp(max=0)) + _line(right, (x - high).clamp(min=0))


def pwlu(input: Tensor, value: Tensor, bound: Tensor, slope: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.
        value: the values at the N + 1 ends of N equal segments, of shape (N + 1,), or (channels, N + 1).
        bound: where the first segment begins and the last one ends, of shape (2,) or (channels, 2).
        slope: of the straight lines to the left and to the right of them, of shape (2,) or (channels, 2).

    Shape:
        the input's.

    Raises:
        BoundsError: for fewer than two values, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> value, bound, slope = torch.tensor([1.0, 0.0, 1.0]), torch.tensor([-1.0, 1.0]), torch.tensor([0.0, 2.0])
        >>> nonlin.functional.pwlu(torch.tensor([-3.0, -0.5, 0.0, 2.0]), value, bound, slope)
        tensor([1.0000, 0.5000, 0.0000, 3.0000])
    """
    check_input(input, "pwlu")
    at_least("pwlu", "the number of values", value.shape[-1], 2)
    return adaptive(_pwlu, "pwlu", input, value, bound, slope)


class PWLU(WrittenModule):
    """Args:
        N: the number of segments (default 16).
        bound_init: they are spread over [-bound_init, bound_init] at first (default 3); both ends are learned.
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as ReLU. The publication then collects the mean and the deviation of the inputs for some steps and sets the
    ends to three deviations around the mean: ``module.bound`` can be written to for that.

    Example:
        >>> import torch, nonlin
        >>> nonlin.PWLU()(torch.tensor([-4.0, -1.0, 1.5, 5.0])).detach()
        tensor([0.0000, 0.0000, 1.5000, 5.0000])
    """

    value: nn.Parameter
    bound: nn.Parameter
    slope: nn.Parameter

    def __init__(
        self,
        N: int = 16,
        bound_init: float = 3.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("PWLU", "N", N, 1)
        if not bound_init > 0:
            raise BoundsError(f"PWLU: bound_init={bound_init!r}; expected a number above 0")
        self.N, self.bound_init, self.num_parameters = N, bound_init, num_parameters
        self.value, self.bound, self.slope = (held(v, num_parameters, device, dtype) for v in self._initial())

    def _initial(self) -> tuple[list[float], ...]:
        b = self.bound_init
        return [max(0.0, b * (2 * i / self.N - 1)) for i in range(self.N + 1)], [-b, b], [0.0, 1.0]

    def reset_parameters(self) -> None:
        for parameter, values in zip((self.value, self.bound, self.slope), self._initial(), strict=True):
            filled(parameter, values)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"value": self.value, "bound": self.bound, "slope": self.slope}


def _uniform(t: Tensor, degree: int) -> list[Tensor]:
    """The degree + 1 B-splines over evenly spaced knots that are not 0 at ``t`` of [0, 1), the leftmost first (Cox-de Boor)."""
    weights = [torch.ones_like(t)]
    for k in range(1, degree + 1):
        rising = [(t + (k - 1 - j)) / k for j in range(k)]  # what spline j of degree k - 1 hands to its right neighbour
        parts = [torch.zeros_like(t) for _ in range(k + 1)]
        for j, w in enumerate(weights):
            parts[j] = parts[j] + (1 - rising[j]) * w
            parts[j + 1] = parts[j + 1] + rising[j] * w
        weights = parts
    return weights


def _bspline(low: float, high: float, degree: int, x: Tensor, weight: Tensor, base: Tensor, scale: Tensor) -> Tensor:
    count = weight.shape[-1]  # grid + degree
    step = (high - low) / (count - degree)
    segments = count + degree
    start = low - degree * step
    padded = F.pad(weight, (degree, degree))
    inside = (x - start).clamp(0, segments * step) / step
    index, t = _place(inside, segments)
    spline = sum(
        (w * c for w, c in zip(_uniform(t, degree), _entries(padded, index, degree + 1), strict=True)),
        start=torch.zeros_like(x),
    )
    (b,), (s,) = columns(base), columns(scale)
    return b * F.silu(x) + s * spline


def bspline(
    input: Tensor, weight: Tensor, base: Tensor, scale: Tensor, low: float = -1.0, high: float = 1.0, degree: int = 3
) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: c_1 to c_(grid + degree), of shape (grid + degree,), or (channels, grid + degree).
        base: the factor of silu(x), of shape (1,) or (channels,).
        scale: the factor of the spline, of shape (1,) or (channels,).
        low, high: the grid is spread evenly over this interval; splines fade to 0 beyond it, ``degree`` steps away.
        degree: of the splines (default 3, cubic).

    Shape:
        the input's. At infinity the limit of base * silu(x).

    Raises:
        BoundsError: where the weights are too few for the degree, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> one = torch.ones(1)
        >>> nonlin.functional.bspline(torch.tensor([-0.5, 0.0, 9.0]), torch.ones(8), 0 * one, one)  # splines sum to 1
        tensor([1., 1., 0.])
    """
    check_input(input, "bspline")
    at_least("bspline", "degree", degree, 0)
    at_least("bspline", "the number of weights", weight.shape[-1], degree + 1)
    curve = partial(_bspline, low, high, degree)
    return adaptive(curve, "bspline", input, weight, base.reshape(-1, 1), scale.reshape(-1, 1))


class BSpline(WrittenModule):
    """Args:
        grid: the number of intervals (default 5).
        degree: of the splines (default 3, cubic).
        low, high: the interval that the grid covers (default -1 and 1).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    The weights start normal, of deviation 0.1; ``base`` and ``scale`` at 1. A layer of a KAN draws ``base`` as Xavier does the
    weight of a linear map, which one function on its own has not got.

    Example:
        >>> import torch, nonlin
        >>> tuple(nonlin.BSpline(num_parameters=4).weight.shape)
        (4, 8)
    """

    weight: nn.Parameter
    base: nn.Parameter
    scale: nn.Parameter

    def __init__(
        self,
        grid: int = 5,
        degree: int = 3,
        low: float = -1.0,
        high: float = 1.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("BSpline", "grid", grid, 1)
        at_least("BSpline", "degree", degree, 0)
        _check_interval("BSpline", low, high)
        self.grid, self.degree, self.low, self.high, self.num_parameters = grid, degree, low, high, num_parameters
        self.weight = held([0.0] * (grid + degree), num_parameters, device, dtype)
        self.base, self.scale = (
            nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype)) for _ in range(2)
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=0.1)
        nn.init.ones_(self.base)
        nn.init.ones_(self.scale)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        learned = {"weight": self.weight, "base": self.base, "scale": self.scale}
        return {**learned, "low": self.low, "high": self.high, "degree": self.degree}


def _check_interval(owner: str, low: float, high: float) -> None:
    if not low < high:
        raise BoundsError(f"{owner}: low={low!r} and high={high!r}; expected low < high")


def _continued(table: Tensor, count: int) -> Tensor:
    """The table with ``count`` more entries at either end, on the straight line through the last two there."""
    ahead = torch.arange(count, 0, -1, dtype=table.dtype, device=table.device)
    first, last = table[..., :1], table[..., -1:]
    before = first - ahead * (table[..., 1:2] - first)
    after = last + ahead.flip(0) * (last - table[..., -2:-1])
    return torch.cat([before, table, after], -1)


def _interpolated(weights: Any, reach: int, low: float, high: float, x: Tensor, value: Tensor) -> Tensor:
    """The ``2 reach`` entries around x, weighted by ``weights(t)``; straight on beyond the ends."""
    segments = value.shape[-1] - 1
    step = (high - low) / segments
    index, t = _place((x.clamp(low, high) - low) / step, segments)
    entries = _entries(_continued(value, reach - 1), index, 2 * reach)
    y = sum((w * v for w, v in zip(weights(t), entries, strict=True)), start=torch.zeros_like(x))
    left = (_end(value, 1) - _end(value, 0)) / step
    right = (_end(value, -1) - _end(value, -2)) / step
    return y + _line(left, (x - low).clamp(max=0)) + _line(right, (x - high).clamp(min=0))


def _catmull_rom(t: Tensor) -> list[Tensor]:
    return [
        ((2 - t) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((4 - 3 * t) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    ]


def cubic_spline(input: Tensor, value: Tensor, low: float = -2.0, high: float = 2.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        value: at evenly spaced knots, of shape (K,), or (channels, K) for the channels in dimension 1; K at least 2.
        low, high: the first and the last knot.

    Between knots the Catmull-Rom cubic of the nearest four; beyond the ends, straight on with the slope of the last segment.

    Shape:
        the input's.

    Raises:
        BoundsError: for fewer than two knots, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.cubic_spline(torch.tensor([-3.0, 0.0, 0.5]), torch.tensor([0.0, 1.0, 0.0]), -1.0, 1.0)
        tensor([-2.0000,  1.0000,  0.6250])
    """
    check_input(input, "cubic_spline")
    at_least("cubic_spline", "the number of knots", value.shape[-1], 2)
    _check_interval("cubic_spline", low, high)
    return adaptive(partial(_interpolated, _catmull_rom, 2, low, high), "cubic_spline", input, value)


class _Table(WrittenModule):
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
        _check_interval(type(self).__name__, low, high)
        self.size, self.low, self.high, self.num_parameters = size, low, high, num_parameters
        self.value = held(self._initial(), num_parameters, device, dtype)

    def _initial(self) -> list[float]:
        step = (self.high - self.low) / (self.size - 1)
        return [self._start(self.low + step * i) for i in range(self.size)]

    def reset_parameters(self) -> None:
        filled(self.value, self._initial())


class CubicSpline(_Table):
    """Args:
        size: the number of knots (default 21: 0.2 apart).
        low, high: the first and the last of them (default -2 and 2).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts with the values of tanh.

    Example:
        >>> import torch, nonlin
        >>> nonlin.CubicSpline()(torch.tensor([-1.0, 0.0, 0.3])).detach()
        tensor([-0.7616,  0.0000,  0.2912])
    """

    def __init__(
        self,
        size: int = 21,
        low: float = -2.0,
        high: float = 2.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self._hold(size, low, high, num_parameters, device, dtype)

    @staticmethod
    def _start(x: float) -> float:
        return math.tanh(x)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"value": self.value, "low": self.low, "high": self.high}


def _cosine_mask(reach: int, t: Tensor) -> list[Tensor]:
    """(1 + cos(pi d / reach)) / (2 reach) for the distances d to the 2 reach nearest anchors: they sum to 1."""
    return [(1 + torch.cos((t - j) * (math.pi / reach))) / (2 * reach) for j in range(1 - reach, reach + 1)]


def lutu(input: Tensor, value: Tensor, low: float = -3.0, high: float = 3.0, reach: int = 1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        value: at evenly spaced anchors, of shape (n,), or (channels, n) for the channels in dimension 1; n at least 2.
        low, high: the first and the last anchor.
        reach: how many anchors on either side the cosine mask covers (default 1).

    Beyond the ends it goes straight on, with the slope of the last segment.

    Shape:
        the input's.

    Raises:
        BoundsError: for fewer than two anchors, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.lutu(torch.tensor([-1.0, 0.25, 2.0]), torch.tensor([0.0, 1.0, 3.0]), -1.0, 1.0)
        tensor([0.0000, 1.2929, 5.0000])
    """
    check_input(input, "lutu")
    at_least("lutu", "the number of anchors", value.shape[-1], 2)
    at_least("lutu", "reach", reach, 1)
    _check_interval("lutu", low, high)
    return adaptive(partial(_interpolated, partial(_cosine_mask, reach), reach, low, high), "lutu", input, value)


class LuTU(_Table):
    """Args:
        size: the number of anchors (default 25: 0.25 apart).
        low, high: the first and the last of them (default -3 and 3).
        reach: how many anchors on either side the cosine mask covers (default 1).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts with the values of ReLU.

    Example:
        >>> import torch, nonlin
        >>> nonlin.LuTU()(torch.tensor([-1.0, 0.0, 1.0])).detach()
        tensor([0., 0., 1.])
    """

    def __init__(
        self,
        size: int = 25,
        low: float = -3.0,
        high: float = 3.0,
        reach: int = 1,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("LuTU", "reach", reach, 1)
        self.reach = reach
        self._hold(size, low, high, num_parameters, device, dtype)

    @staticmethod
    def _start(x: float) -> float:
        return max(0.0, x)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"value": self.value, "low": self.low, "high": self.high, "reach": self.reach}
