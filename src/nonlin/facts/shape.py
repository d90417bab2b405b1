"""The shape of a curve: range, extrema, zeros, symmetry, monotonicity, curvature, continuity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nonlin.facts.curve import WINDOW, Array, Curve
from nonlin.facts.sheet import Continuity, Curvature, Extremum, Interval, Jump, Kink, Monotonicity, Range, Symmetry

_TIE = 1e-12


@dataclass(frozen=True)
class _Candidate:
    value: float
    at: Interval
    attained: bool


@dataclass(frozen=True)
class Extent:
    """The range of a curve, where it is attained, and the x at which each end is attained or approached."""

    range: Range
    minimum: Extremum | None
    maximum: Extremum | None
    low_x: float
    high_x: float


def extent(curve: Curve, *, values_at_breakpoints: bool = True) -> Extent:
    """The range of ``curve`` from its critical points, breakpoints, flat pieces and limits.

    ``values_at_breakpoints=False`` ignores f(b) where f jumps: for a derivative, whose value there is a convention.
    """
    candidates = _candidates(curve, values_at_breakpoints)
    low, low_end, low_x = _end(candidates, -1)
    high, high_end, high_x = _end(candidates, +1)
    return Extent(Range(low, high, low_end is not None, high_end is not None), low_end, high_end, low_x, high_x)


def _candidates(curve: Curve, values_at_breakpoints: bool) -> list[_Candidate]:
    found = [
        _Candidate(_beside_zero(float(value)), Interval(float(x), float(x)), True)
        for x, value in zip(curve.turns, curve.sample(curve.f, curve.turns), strict=True)
    ]
    for b in curve.breakpoints:
        here = Interval(b, b)
        left, right = curve.beside(curve.f, b)
        found += [_Candidate(left, here, False), _Candidate(right, here, False)]
        if values_at_breakpoints or not curve.jump_at(b):
            found.append(_Candidate(_value(curve, b), here, True))
    for piece in curve.flat:
        inside = min(max(0.0, piece.low + 1.0), piece.high - 1.0) if piece.unbounded else (piece.low + piece.high) / 2
        found.append(_Candidate(_value(curve, inside), piece, True))
    for limit, x in zip(curve.limits, (-math.inf, math.inf), strict=True):
        ends = _swings(curve, x) if limit is None else (limit,)
        found += [_Candidate(end, Interval(x, x), False) for end in ends]
    return [c for c in found if not math.isnan(c.value)] + _overlooked(curve, found)


def _beside_zero(value: float) -> float:
    """0 for what rounding leaves of it: a turn is known to the last digit of its place, not of its value."""
    return 0.0 if abs(value) < 1e-15 else value


def _overlooked(curve: Curve, found: list[_Candidate]) -> list[_Candidate]:
    """Grid points beyond every candidate: an extremum that no sign change of f' shows."""
    known = [c.value for c in found if not math.isnan(c.value)]
    finite = np.isfinite(curve.y)
    beyond = []
    for index in (
        int(np.argmin(np.where(finite, curve.y, np.inf))),
        int(np.argmax(np.where(finite, curve.y, -np.inf))),
    ):
        value, slack = float(curve.y[index]), 1e-9 * (1 + abs(float(curve.y[index])))
        if not known or value < min(known) - slack or value > max(known) + slack:
            beyond.append(_Candidate(value, Interval(float(curve.x[index]), float(curve.x[index])), True))
    return beyond


def _end(candidates: list[_Candidate], side: int) -> tuple[float, Extremum | None, float]:
    best = max(candidates, key=lambda c: side * c.value)
    tied = [c for c in candidates if c.value == best.value or abs(c.value - best.value) <= _TIE * (1 + abs(c.value))]
    attained = [c for c in tied if c.attained and math.isfinite(c.value)]
    if not attained:
        return best.value, None, _nearest(best.at)
    chosen = min(attained, key=lambda c: (abs(_nearest(c.at)), c.at.is_point))
    return chosen.value, Extremum(chosen.value, chosen.at), _nearest(chosen.at)


def _nearest(at: Interval) -> float:
    return min(max(0.0, at.low), at.high)


def _value(curve: Curve, x: float) -> float:
    return float(curve.sample(curve.f, np.array([x]))[0])


def _swings(curve: Curve, end: float) -> list[float]:
    """Where a function without a limit goes far out: to the infinity of each side on which its swings keep growing."""
    swings = [
        curve.sample(curve.f, math.copysign(start, end) + np.linspace(0.0, 20.0, 1000)) for start in (1e2, 1e3, 1e4)
    ]
    sides = {math.inf: [float(np.max(s)) for s in swings], -math.inf: [-float(np.min(s)) for s in swings]}
    return [
        infinity
        for infinity, (near, far, farther) in sides.items()
        if near > 0 and far > 2 * near and farther > 2 * far
    ]


def zeros(curve: Curve) -> tuple[Interval, ...]:
    """All points and intervals where f is 0 (within ``|x| <= 10`` for a function that oscillates for ever)."""
    found = [Interval(float(x), float(x)) for x in curve.crossings(curve.f, curve.y)]
    y, x = curve.y, curve.x
    # a run of zeros is an underflowing tail or a flat piece, not a root
    alone = np.flatnonzero((y[1:-1] == 0) & (y[:-2] != 0) & (y[2:] != 0)) + 1
    found += [Interval(float(x[i]), float(x[i])) for i in alone]
    turns = np.concatenate([curve.turns, curve.breakpoints])
    found += [Interval(float(t), float(t)) for t in turns[np.abs(curve.sample(curve.f, turns)) < 1e-15]]
    found += [piece for piece in curve.flat if _value(curve, _inside(piece)) == 0]
    return _merge(found)


def _inside(piece: Interval) -> float:
    if math.isinf(piece.low):
        return 0.0 if math.isinf(piece.high) else piece.high - 1.0
    return piece.low + 1.0 if math.isinf(piece.high) else (piece.low + piece.high) / 2


def _merge(intervals: list[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for interval in sorted(intervals, key=lambda i: (i.low, -i.high)):
        if merged and interval.low <= merged[-1].high + 1e-9:
            merged[-1] = (
                Interval(merged[-1].low, max(merged[-1].high, interval.high)) if not interval.is_point else merged[-1]
            )
        else:
            merged.append(interval)
    return tuple(merged)


def symmetry(curve: Curve) -> Symmetry:
    """Odd, even or neither, to 1e-12 of the value, on the grid within ``|x| <= 20``."""
    x = curve.x[(curve.x > 0) & (curve.x <= 2 * WINDOW)]
    for b in curve.breakpoints:
        x = x[np.abs(x - abs(b)) > 1e-6]  # which side owns a branch point is a convention
    right, left = curve.sample(curve.f, x), curve.sample(curve.f, -x)
    scale = 1e-12 * np.maximum(np.abs(right), np.abs(left))
    if np.all(np.abs(right - left) <= scale):
        return "even"
    return "odd" if np.all(np.abs(right + left) <= scale) else "none"


def monotonicity(curve: Curve) -> Monotonicity:
    """The direction of f, strict where no piece is flat, from the sign of f' on the grid and of the jumps."""
    slopes, noise = _with_noise(curve, curve.dy, 1e-13)
    jumps = [right - left for left, right in (curve.beside(curve.f, b) for b in curve.breakpoints if curve.jump_at(b))]
    rises = bool(np.all(slopes >= -noise)) and all(jump > 0 for jump in jumps)
    falls = bool(np.all(slopes <= noise)) and all(jump < 0 for jump in jumps)
    if rises and falls:
        return "constant"
    if rises:
        return "non-decreasing" if curve.flat else "increasing"
    if falls:
        return "non-increasing" if curve.flat else "decreasing"
    return "none"


def continuity(curve: Curve) -> Continuity:
    """How often f is continuously differentiable, judged by one-sided limits at its breakpoints."""
    jumps, kinks, bends = [], [], False
    for b in curve.breakpoints:
        left, right = curve.beside(curve.f, b)
        if curve.jump_at(b):
            jumps.append(Jump(b, left, right))
            continue
        left, right = curve.beside(curve.df, b)
        if not np.isclose(left, right, rtol=1e-9, atol=1e-9) or math.isinf(left):
            kinks.append(Kink(b, left, right))
        elif not np.isclose(*curve.beside(curve.d2f, b), rtol=1e-6, atol=1e-6):
            bends = True
    order = -1 if jumps else 0 if kinks else 1 if bends else 2 if curve.breakpoints else None
    return Continuity(order, tuple(jumps), tuple(kinks))


def curvature(curve: Curve, smoothness: Continuity) -> Curvature:
    """Convex, concave, both (linear) or neither, from the sign of f'' on the grid and of the slope's jumps."""
    if smoothness.jumps:
        return "none"
    bends, noise = _with_noise(curve, curve.d2y, 1e-11)  # f'' of a formula cancels to some 1e-16 of its largest value
    turns = [kink.jump for kink in smoothness.kinks]
    if not np.any(np.abs(bends) > 0) and not turns:
        return "linear"
    if np.all(bends >= -noise) and all(turn > 0 for turn in turns):
        return "convex"
    return "concave" if np.all(bends <= noise) and all(turn < 0 for turn in turns) else "none"


def _with_noise(curve: Curve, values: Array, share: float) -> tuple[Array, Array]:
    """The finite values on the grid, and what is noise at each: a share of the largest that lies no further from 0."""
    known = np.isfinite(values)
    order = np.argsort(np.abs(curve.x), kind="stable")
    largest = np.empty_like(values)
    largest[order] = np.maximum.accumulate(np.abs(np.where(known, values, 0.0))[order])
    return values[known], share * largest[known]
