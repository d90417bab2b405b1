"""A function of one variable with its derivatives, sampled finely enough to find where it turns, crosses and jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nonlin.facts.sheet import Interval

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

CORE = 20.0  # activations bend within this of 0; beyond it the grid is geometric
STEP = 0.005
FAR = 1e6
WINDOW = 10.0  # how far out a function is examined that oscillates for ever
FEW = 40  # of its zeros, and of the intervals on which it is flat, those nearest to 0 are told
_NUDGE = 1e-8


@dataclass(frozen=True)
class Curve:
    """f, f' and f'' as vectorised float64 callables, the points where a branch of f changes, and its limits.

    ``limits`` are those at -inf and +inf; None where there is none.
    """

    f: Function
    df: Function
    d2f: Function
    breakpoints: tuple[float, ...] = ()
    limits: tuple[float | None, float | None] = (None, None)
    _cache: dict[str, Array] = field(default_factory=dict, repr=False, compare=False)

    def sample(self, function: Function, x: Array) -> Array:
        """``function(x)``; over- and underflow are part of what is looked at, so they do not warn."""
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(function(x), dtype=np.float64), x.shape)

    @cached_property
    def slope_limits(self) -> tuple[float | None, float | None]:
        """The limits of f' at -inf and +inf: infinite where it diverges, None where it oscillates."""
        return tail(self.df, -1), tail(self.df, +1)

    @cached_property
    def oscillates(self) -> bool:
        """Whether it goes on turning beyond the core, for ever or ever less, as sin(x)/x does."""
        return None in self.slope_limits or any(self._turns_on(side) for side in (-1, 1))

    def told(self, intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
        """All; of a function that oscillates the FEW that are nearest to 0."""
        chosen = sorted(intervals, key=lambda i: max(i.low, -i.high))[:FEW]
        return tuple(i for i in intervals if i in chosen) if self.oscillates else intervals

    def _turns_on(self, side: int) -> bool:
        slope = self.sample(self.df, side * (CORE + np.linspace(0.0, 10 * CORE, 4001)))
        usual = float(np.nanmax(np.abs(self.sample(self.df, np.linspace(-1.0, 1.0, 41))), initial=0.0))
        slope = slope[np.abs(slope) > 1e-9 * usual]  # what is left of a tail is noise
        return int(np.count_nonzero(np.diff(np.sign(slope)))) >= 8

    @cached_property
    def x(self) -> Array:
        """The grid: never a breakpoint itself, always a point just left and just right of each."""
        core = np.arange(-round(CORE / STEP), round(CORE / STEP) + 1) * STEP
        outer = np.geomspace(CORE, FAR, 400)[1:]
        x = np.concatenate([-outer[::-1], core, outer])
        if self.oscillates:
            x = x[np.abs(x) <= WINDOW]
        for b in self.breakpoints:
            x = x[np.abs(x - b) > 2 * nudge(b)]
        sides = [b + side * nudge(b) for b in self.breakpoints for side in (-1, 1)]
        return np.sort(np.concatenate([x, sides]))

    @cached_property
    def y(self) -> Array:
        return self.sample(self.f, self.x)

    @cached_property
    def dy(self) -> Array:
        return self.sample(self.df, self.x)

    @cached_property
    def d2y(self) -> Array:
        return self.sample(self.d2f, self.x)

    @cached_property
    def segment(self) -> NDArray[np.intp]:
        """For each grid point, the number of breakpoints left of it."""
        return np.searchsorted(np.asarray(self.breakpoints, dtype=np.float64), self.x)

    @cached_property
    def segments(self) -> tuple[Interval, ...]:
        """The intervals between breakpoints."""
        edges = (-np.inf, *self.breakpoints, np.inf)
        return tuple(Interval(float(a), float(b)) for a, b in pairwise(edges))

    @cached_property
    def flat(self) -> tuple[Interval, ...]:
        """The segments on which f' is exactly 0, neighbours joined where f is continuous between them."""
        found: list[Interval] = []
        for piece in self.segments:
            low = (
                piece.low
                if np.isfinite(piece.low)
                else (piece.high if np.isfinite(piece.high) else WINDOW) - 2 * WINDOW
            )
            high = piece.high if np.isfinite(piece.high) else low + 2 * WINDOW
            inside = low + (high - low) * np.linspace(0.01, 0.99, 33)
            if not np.any(self.sample(self.df, inside)):
                joined = found and found[-1].high == piece.low and not self.jump_at(piece.low)
                found[-1:] = [Interval(found[-1].low, piece.high)] if joined else [*found[-1:], piece]
        return tuple(found)

    def jump_at(self, b: float) -> bool:
        """True where f's limits from the two sides of ``b`` differ: the gap does not close as the sides draw near."""
        steps = max(1.0, abs(b)) * np.array([1e-8, 1e-12])
        gap, closer = np.abs(self.sample(self.f, b + steps) - self.sample(self.f, b - steps))
        size = float(np.max(np.abs(self.sample(self.f, b + steps))))
        return bool(closer > 1e-9 * (1 + size) and closer > 0.5 * gap) or bool(np.isnan(closer) or np.isinf(closer))

    def beside(self, function: Function, b: float) -> tuple[float, float]:
        """The limits of ``function`` at ``b`` from the left and from the right; infinite where it diverges."""
        return self._one_sided(function, b, -1), self._one_sided(function, b, +1)

    def _one_sided(self, function: Function, b: float, side: int) -> float:
        scale = side * max(1.0, abs(b))
        far, near, close, twice = self.sample(function, b + scale * np.array([1e-4, 1e-6, _NUDGE, 2 * _NUDGE]))
        if abs(close - near) > max(0.5 * abs(near - far), 1e-3 * (1 + abs(near))):
            return float(np.copysign(np.inf, close))
        return float(2 * close - twice)  # linear extrapolation: the error is the second derivative times 1e-16

    @cached_property
    def steep(self) -> bool:
        """True where ``f'^2`` cannot be integrated: it grows like ``1/|x - b|`` or faster next to a breakpoint b."""
        for b in self.breakpoints:
            for side in (-1, 1):
                far, near = np.abs(self.sample(self.df, b + side * max(1.0, abs(b)) * np.array([1e-4, 1e-6])))
                if np.isfinite(near) and near > 9.5 * far > 0:  # 100 to the power 0.49
                    return True
        return False

    def derivative(self) -> Curve:
        """f' as a curve of its own (its second derivative is not known, and not asked for)."""
        return Curve(self.df, self.d2f, _unknown, self.breakpoints, self.slope_limits)

    @cached_property
    def turns(self) -> Array:
        """Where f' changes sign inside a segment."""
        return self.crossings(self.df, self.dy)

    def crossings(self, function: Function, values: Array | None = None) -> Array:
        """Where ``function`` (``values`` on the grid) changes sign inside a segment, by bisection to the last digit."""
        values = self.sample(function, self.x) if values is None else values
        # rounding noise about 0, as in a saturated tail, is no crossing: it is small against what lies nearer to 0
        order = np.argsort(np.abs(self.x), kind="stable")
        scale = np.empty_like(values)
        scale[order] = np.maximum.accumulate(np.abs(np.where(np.isfinite(values), values, 0.0))[order])
        real = np.maximum(np.abs(values[:-1]), np.abs(values[1:])) > 1e-13 * scale[:-1]
        sign = np.sign(np.nan_to_num(values))
        index = np.flatnonzero((sign[:-1] * sign[1:] < 0) & real & (self.segment[:-1] == self.segment[1:]))
        exact = np.flatnonzero((sign[1:-1] == 0) & (sign[:-2] * sign[2:] < 0)) + 1
        return np.sort(np.concatenate([self.bisect(function, self.x[index], self.x[index + 1]), self.x[exact]]))

    def bisect(self, function: Function, low: Array, high: Array) -> Array:
        """The sign change of ``function`` in each bracket ``[low, high]``."""
        if not low.size:
            return low
        sign = np.sign(self.sample(function, low))
        for _ in range(64):
            middle = (low + high) / 2
            if np.all((middle == low) | (middle == high)):
                break
            same = np.sign(self.sample(function, middle)) == sign
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        return (low + high) / 2


def nudge(b: float) -> float:
    """How far from a breakpoint its neighbours on the grid are."""
    return _NUDGE * max(1.0, abs(b))


def tail(function: Function, side: int) -> float | None:
    """The limit of ``function`` at ``side`` infinity, judged at 1e2, 1e4 ... 1e12: a number, +-inf, or None."""
    # the odd factor keeps a periodic function from being sampled at one phase
    x = side * 1.2345678 * 10.0 ** np.arange(2.0, 13.0, 2.0)
    with np.errstate(all="ignore"):
        v = np.broadcast_to(np.asarray(function(x), dtype=np.float64), x.shape)
    v = v[~np.isnan(v)]
    if v.size < 3:
        return None
    if v[-1] == v[-2] == v[-3]:
        return float(v[-1])
    if np.isinf(v[-1]):
        return float(v[-1])
    change = np.abs(np.diff(v))
    if change[-1] <= 1e-4 * (1 + abs(v[-1])) and change[-1] <= change[-2]:
        return float(np.round(v[-1], 5) + 0.0)
    same_way = np.all(np.diff(v)[-4:] > 0) or np.all(np.diff(v)[-4:] < 0)
    if same_way and abs(v[-1]) > abs(v[-2]) > abs(v[-3]):
        return float(np.copysign(np.inf, v[-1]))
    return None


def _unknown(x: Array) -> Array:
    return np.full_like(x, np.nan)
