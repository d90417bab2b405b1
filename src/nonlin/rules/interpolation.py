"""Curves through learned values at even places: straight lines, cubics or cosines between them, straight on beyond."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least, filled, held
from nonlin.rules.tables import Table, check_interval, entries, interpolated, line, place


def _between(x: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    return torch.minimum(torch.maximum(x, torch.as_tensor(low, dtype=x.dtype)), torch.as_tensor(high, dtype=x.dtype))


def _pwlu(x: Tensor, value: Tensor, bound: Tensor, slope: Tensor) -> Tensor:
    segments = value.shape[-1] - 1
    low, high = columns(bound)
    left, right = columns(slope)
    inside = _between(x, low, high)
    index, t = place((inside - low) / (high - low) * segments, segments)
    first, second = entries(value, index, 2)
    return first + t * (second - first) + line(left, (x - low).clamp(max=0)) + line(right, (x - high).clamp(min=0))


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
    check_interval("cubic_spline", low, high)
    return adaptive(partial(interpolated, _catmull_rom, 2, low, high), "cubic_spline", input, value)


class CubicSpline(Table):
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
    check_interval("lutu", low, high)
    return adaptive(partial(interpolated, partial(_cosine_mask, reach), reach, low, high), "lutu", input, value)


class LuTU(Table):
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
