"""How a wide random net carries a signal through depth: moments, gains, fixed points and the critical point.

With weights ~ N(0, sigma_w^2 / fan_in) and biases ~ N(0, sigma_b^2), the second moment q of a pre-activation goes to
``sigma_w^2 E[f(sqrt(q) z)^2] + sigma_b^2`` in the next layer, and the second moment of a gradient is multiplied by
``chi_perp = sigma_w^2 E[f'(sqrt(q) z)^2]`` (Poole et al. 2016, arXiv:1606.05340; Schoenholz et al. 2016,
arXiv:1611.01232). Slopes of the length map use ``d/dq E[f(sqrt(q) z)^2] = E[(z^2 - 1) f(sqrt(q) z)^2] / (2 q)``,
which needs no derivative of f and so holds at jumps too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nonlin.facts.curve import Array, Curve
from nonlin.facts.quadrature import nodes
from nonlin.facts.sheet import CriticalPoint, FixedPoint, GradientFactor

_SMALL, _LARGE = 1e-4, 1e4  # lengths q between which critical points are looked for
_SLACK = 1e-9


@dataclass(frozen=True)
class Moments:
    """Gaussian moments of f and f' at pre-activations ``sqrt(q) z``."""

    mean: float  # E f
    second: float  # E f^2
    slope_second: float  # E f'^2
    correlation: float  # E z f
    growth: float  # d E[f^2] / dq

    @property
    def variance(self) -> float:
        return self.second - self.mean**2

    @property
    def non_linearity(self) -> float:
        """1 minus the share of the variance that the best line explains."""
        return 1 - self.correlation**2 / self.variance if self.variance > 0 else 0.0


def moments(curve: Curve, q: float = 1.0) -> Moments:
    """The moments at second moment ``q`` of the pre-activation.

    Where f grows so fast that the nodes end before its square does, as exp(sqrt(q) z) from q = 50 on, E f^2 is infinite
    here and what follows from it NaN: no fixed and no critical point is read off them.
    """
    sigma = math.sqrt(q)
    z, w = nodes(sigma, curve.breakpoints)
    y, dy = curve.sample(curve.f, sigma * z), curve.sample(curve.df, sigma * z)
    second, slope_second = _mean_of_square(w, y), math.inf if curve.steep else _mean_of_square(w, dy)
    if math.isinf(second):
        return Moments(math.nan, second, slope_second, math.nan, math.nan)
    wy = w * y
    return Moments(
        mean=float(wy.sum()),
        second=second,
        slope_second=slope_second,
        correlation=float(wy @ z),
        growth=float((wy * (z * z - 1)) @ y) / (2 * q),
    )


def _mean_of_square(w: Array, y: Array) -> float:
    with np.errstate(over="ignore"):
        terms = w * y * y
        total = float(terms.sum())
    cut = max(terms[0], terms[-1]) > 1e-9 * total
    return math.inf if math.isinf(total) or cut else total


def fixed_point(curve: Curve, sigma_w: float, sigma_b: float = 0.0) -> FixedPoint:
    """The fixed point that the length map reaches from ``q = 1``: q is 0 or inf where it shrinks or grows for ever."""
    w2, b2 = sigma_w**2, sigma_b**2

    def excess(q: float) -> float:
        return w2 * moments(curve, q).second + b2 - q

    start = excess(1.0)
    q = 1.0 if abs(start) < 1e-13 else _root(excess, 1.0, 1e12 if start > 0 else 1e-12)
    if q in (0.0, math.inf):
        slopes = _slopes_at_zero(curve) if q == 0 else curve.slope_limits
        square = _mean_square(slopes)
        chi = None if square is None else w2 * square
        return FixedPoint(sigma_w, sigma_b, q, chi, chi)
    here = moments(curve, q)
    return FixedPoint(sigma_w, sigma_b, q, w2 * here.slope_second, w2 * here.growth)


def _root(function: Callable[[float], float], start: float, end: float) -> float:
    """The zero of ``function`` nearest to ``start`` on a geometric way to ``end``; 0 or inf where there is none."""
    previous, sign = start, function(start) > 0
    for q in np.geomspace(start, end, 61)[1:]:
        if (function(float(q)) > 0) != sign:
            return _bisect(function, previous, float(q))
        previous = float(q)
    return 0.0 if end < start else math.inf


def _bisect(function: Callable[[float], float], a: float, b: float) -> float:
    sign = function(a) > 0
    while abs(b - a) > 1e-15 * max(a, b):
        middle = math.sqrt(a * b) if abs(b - a) > 0.01 * a else (a + b) / 2
        if middle in (a, b):
            break
        a, b = (middle, b) if (function(middle) > 0) == sign else (a, middle)
    return (a + b) / 2


def _slopes_at_zero(curve: Curve) -> tuple[float, float]:
    if 0.0 in curve.breakpoints:
        return curve.beside(curve.df, 0.0)
    slope = float(curve.sample(curve.df, np.zeros(1))[0])
    return slope, slope


def _mean_square(slopes: tuple[float | None, float | None]) -> float | None:
    left, right = slopes
    return None if left is None or right is None else (left**2 + right**2) / 2


@dataclass(frozen=True)
class EdgePoint:
    """A point of the edge of chaos: ``sigma_w^2 E[f'^2] = 1`` with q a fixed point."""

    q: float
    sigma_w2: float
    sigma_b2: float
    chi_par: float


def edge_point(curve: Curve, q: float) -> EdgePoint:
    """The (sigma_w, sigma_b) at which q is a fixed point with ``chi_perp = 1``; ``sigma_b2 < 0``: there is none."""
    here = moments(curve, q)
    if here.slope_second < 1e-12:  # nearly every input has slope 0: no finite weight makes up for it
        return EdgePoint(q, math.inf, -math.inf, math.inf)
    w2 = 1 / here.slope_second
    return EdgePoint(q, w2, q - w2 * here.second, w2 * here.growth)


def edge_of_chaos(curve: Curve, sigma_b: float) -> EdgePoint | None:
    """The point of the edge of chaos with this ``sigma_b > 0`` and the smallest length q; None where there is none.

    Raises:
        ValueError: where ``sigma_b`` is not positive.
    """
    if not sigma_b > 0:
        raise ValueError(f"sigma_b={sigma_b!r}: expected a positive number; for sigma_b = 0 see critical_point")

    def missing(q: float) -> float:
        return edge_point(curve, q).sigma_b2 - sigma_b**2

    q = _root(missing, sigma_b**2, 1e8)
    return None if math.isinf(q) else edge_point(curve, q)


def critical_point(curve: Curve) -> CriticalPoint:
    """Where on the edge of chaos to initialise: its first point with ``sigma_b^2 >= 0`` and ``chi_par <= 1``.

    On the edge of chaos gradients keep their size; ``chi_par <= 1`` keeps the length q near its fixed point.
    The kinds follow Roberts, Yaida & Hanin 2021, arXiv:2106.10165, and Hayou et al. 2019, arXiv:1902.06853.
    """
    if any(curve.jump_at(b) for b in curve.breakpoints) or not math.isfinite(moments(curve).slope_second):
        return CriticalPoint("none")  # the angle between two inputs grows by an unbounded factor where f jumps
    if scale_invariant(curve):
        sigma_w2 = 1 / moments(curve).slope_second
        return CriticalPoint("scale-invariant", math.sqrt(sigma_w2), 0.0, None, 1.0)

    def holds(point: EdgePoint) -> bool:
        return point.sigma_b2 >= -_SLACK * point.q and abs(point.chi_par) <= 1 + _SLACK

    grid = [edge_point(curve, float(q)) for q in np.geomspace(_SMALL, _LARGE, 97)]
    first = next((i for i, point in enumerate(grid) if holds(point)), None)
    if first is None:
        return CriticalPoint("none")
    if first == 0:
        square = _mean_square(_slopes_at_zero(curve))
        return CriticalPoint("edge of chaos", 1 / math.sqrt(square), 0.0, 0.0, 1.0) if square else CriticalPoint("none")
    low, high = grid[first - 1], grid[first]
    if math.isinf(low.sigma_w2):  # critical at every length that sees a slope: report the one at q = 1
        point = edge_point(curve, 1.0)
        if not holds(point):
            return CriticalPoint("none")
        return CriticalPoint(
            "edge of chaos", math.sqrt(point.sigma_w2), math.sqrt(max(point.sigma_b2, 0.0)), 1.0, point.chi_par
        )
    half_stable = low.chi_par > 1 + _SLACK

    def excess(q: float) -> float:
        point = edge_point(curve, q)
        return 1 - point.chi_par if half_stable else point.sigma_b2

    point = edge_point(curve, _bisect(excess, low.q, high.q))
    if half_stable and point.sigma_b2 > _SLACK:
        return CriticalPoint(
            "half-stable", math.sqrt(point.sigma_w2), math.sqrt(point.sigma_b2), point.q, point.chi_par
        )
    return CriticalPoint("edge of chaos", math.sqrt(point.sigma_w2), 0.0, point.q, point.chi_par)


def scale_invariant(curve: Curve) -> bool:
    """True where ``f(c x) = c f(x)`` for every c > 0 and f is not 0: the only possible kink is at 0."""
    if any(b != 0 for b in curve.breakpoints):
        return False
    x: Array = np.array([-30.0, -3.7, -1.0, -0.1, 0.1, 1.0, 3.7, 30.0])
    y = curve.sample(curve.f, x)
    return bool(np.any(y) and np.allclose(curve.sample(curve.f, 3.0 * x), 3.0 * y, rtol=1e-13, atol=0.0))


def gradient_factor(curve: Curve) -> GradientFactor:
    """The factor on the gradient's second moment per layer under three initialisations, without bias."""
    here = moments(curve)
    own = here.slope_second / here.second if here.second > 0 else None
    return GradientFactor(own, fixed_point(curve, 1.0).chi_perp, fixed_point(curve, math.sqrt(1 / 3)).chi_perp)
