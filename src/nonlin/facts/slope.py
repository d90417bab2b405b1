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

    x, inside = curve.x, np.abs(curve.dy) < threshold
    change = np.flatnonzero(inside[1:] != inside[:-1])
    within = change[curve.segment[change] == curve.segment[change + 1]]
    edges = {
        int(i): float(edge) for i, edge in zip(within, curve.bisect(excess, x[within], x[within + 1]), strict=True)
    }
    for i in change:
        edges.setdefault(
            int(i), float(curve.breakpoints[curve.segment[i]]) if curve.segment[i] != curve.segment[i + 1] else 0.0
        )
    outer = (float(x[0]), float(x[-1])) if curve.oscillates else (-math.inf, math.inf)
    points = [outer[0]] * bool(inside[0]) + [edges[int(i)] for i in change] + [outer[1]] * bool(inside[-1])
    return tuple(Interval(low, high) for low, high in zip(points[::2], points[1::2], strict=True))
