"""The slope of a curve: Lipschitz constant, range of f', saturated regions, dead zones."""

from __future__ import annotations

import math

import numpy as np

from nonlin.facts.curve import Array, Curve
from nonlin.facts.shape import extent
from nonlin.facts.sheet import Interval, Lipschitz, Range

SATURATED = 0.01  # a slope below 1 % lets next to no gradient through


def derivative_range(curve: Curve) -> Range:
    """Infimum and supremum of f' where it exists."""
    return extent(curve.derivative(), values_at_breakpoints=False).range


def lipschitz(curve: Curve) -> Lipschitz:
    """The supremum of ``|f'|`` and where it is attained or approached; infinite where f jumps."""
    jumps = [b for b in curve.breakpoints if curve.jump_at(b)]
    if jumps:
        return Lipschitz(math.inf, min(jumps, key=abs))
    slope = extent(curve.derivative(), values_at_breakpoints=False)
    low, high = abs(slope.range.low), abs(slope.range.high)
    return Lipschitz(high, slope.high_x) if high >= low else Lipschitz(low, slope.low_x)


def saturation(curve: Curve, threshold: float = SATURATED) -> tuple[Interval, ...]:
    """The intervals on which ``|f'| < threshold`` (within ``|x| <= 10`` for a function that oscillates for ever)."""

    def excess(x: Array) -> Array:
        return np.abs(curve.sample(curve.df, x)) - threshold

    x = np.union1d(curve.x, np.concatenate([curve.turns, _lows(curve)]))
    segment = np.searchsorted(np.asarray(curve.breakpoints, dtype=np.float64), x)
    inside = excess(x) < 0
    change = np.flatnonzero(inside[1:] != inside[:-1])
    within = change[segment[change] == segment[change + 1]]
    edges = {
        int(i): float(edge) for i, edge in zip(within, curve.bisect(excess, x[within], x[within + 1]), strict=True)
    }
    for i in change:
        edges.setdefault(int(i), float(curve.breakpoints[segment[i]]) if segment[i] != segment[i + 1] else 0.0)
    outer = (float(x[0]), float(x[-1])) if curve.oscillates else (-math.inf, math.inf)
    points = [outer[0]] * bool(inside[0]) + [edges[int(i)] for i in change] + [outer[1]] * bool(inside[-1])
    return tuple(Interval(low, high) for low, high in zip(points[::2], points[1::2], strict=True))


def _lows(curve: Curve) -> Array:
    """Where ``|f'|`` is smallest between three neighbours of the grid: it may dip below the threshold between two of them."""
    steep = np.abs(curve.dy)
    low = np.flatnonzero((steep[1:-1] < steep[:-2]) & (steep[1:-1] <= steep[2:])) + 1
    found = np.empty(len(low))
    for k, i in enumerate(low):
        x = np.linspace(curve.x[i - 1], curve.x[i + 1], 257)
        found[k] = x[np.argmin(np.abs(curve.sample(curve.df, x)))]
    return found
