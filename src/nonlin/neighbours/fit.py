"""The best ``a f(b x + c) + d`` for a target under N(0, 1): a and d by linear least squares, b and c by a grid of 442 starts
and then by Gauss-Newton steps on what a and d leave over (variable projection; Golub & Pereyra 1973).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nonlin.facts.quadrature import nodes as fine_nodes
from nonlin.neighbours.formulas import Array, Function

_REACH, _PANELS, _POINTS = (
    6.5,
    12,
    8,
)  # coarse nodes: 12 panels of 8 Gauss-Legendre points up to 6.5 standard deviations
_SCALES = np.geomspace(1 / 8, 8, 13)
_SHIFTS = np.linspace(-4, 4, 17)
_STARTS = 3  # of the grid's best, refined
_FEW, _STEPS = 4, 60  # steps that tell which functions are near at all, and to the end
_STEEPEST, _FLATTEST = 64.0, 1 / 32  # a function seen through a magnifying glass is only its slope, or its kink


@dataclass(frozen=True)
class Fit:
    """``a f(b x + c) + d`` and its distance as a share of what a straight line leaves of the target."""

    a: float
    b: float
    c: float
    d: float
    distance: float


@lru_cache(maxsize=1)
def coarse() -> tuple[Array, Array]:
    """Nodes and weights of E g(z); the weights sum to 1."""
    unit, weight = np.polynomial.legendre.leggauss(_POINTS)
    edges = np.linspace(-_REACH, _REACH, _PANELS + 1)
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    x = (middle[:, None] + half[:, None] * unit).ravel()
    w = (half[:, None] * weight).ravel() * np.exp(-x * x / 2)
    return x, w / w.sum()


@lru_cache(maxsize=1)
def starts() -> tuple[Array, Array]:
    """All (b, c) of the grid, positive b first."""
    b, c = np.meshgrid(np.concatenate([_SCALES, -_SCALES]), _SHIFTS, indexing="ij")
    return b.ravel(), c.ravel()


@dataclass(frozen=True)
class Target:
    """A function to be approached: its values at the coarse nodes, centred, and the size of its bend."""

    function: Function
    centred: Array
    bend: float  # standard deviation of what the best straight line leaves

    @classmethod
    def of(cls, function: Function) -> Target:
        x, w = coarse()
        y = function(x)
        centred = y - w @ y
        left = centred - (w @ (x * centred)) / (w @ (x * x)) * x
        return cls(function, centred, math.sqrt(float(w @ left**2)))


def grid(function: Function) -> tuple[Array, Array]:
    """``f(b x + c)`` for every start, centred (starts, nodes), and its variance; NaN where that is no number or nothing."""
    x, w = coarse()
    b, c = starts()
    with np.errstate(all="ignore"):
        y = function(b[:, None] * x + c[:, None])
        centred = y - (y @ w)[:, None]
        variance = (centred * centred) @ w
        return centred, np.where(variance > 1e-20 * np.max(centred * centred, axis=1), variance, np.nan)


def left_over(values: Array, variance: Array, target: Target) -> Array:
    """For each start, the relative distance that the best a and d leave; infinite where there is none."""
    _, w = coarse()
    with np.errstate(all="ignore"):
        covariance = values @ (w * target.centred)
        rest = float(w @ target.centred**2) - covariance**2 / variance
        return np.where(np.isfinite(rest), np.sqrt(np.maximum(rest, 0.0)) / target.bend, np.inf)


def approached(function: Function, distances: Array, target: Target) -> tuple[float, Array, Array]:
    """The relative distance after a few steps from the grid's best starts, and where they led."""
    best = np.argsort(distances, kind="stable")[:_STARTS]
    b, c = starts()
    b, c, size = _descend(function, target, b[best], c[best], _FEW)
    return math.sqrt(float(size.min())) / target.bend, b, c


def refined(function: Function, b: Array, c: Array, target: Target) -> Fit:
    """The best fit from these starts; the distance is measured anew on fine nodes."""
    b, c, _ = _descend(function, target, b, c, _STEPS)
    fits = [_measured(function, target, float(scale), float(shift)) for scale, shift in zip(b, c, strict=True)]
    return min(fits, key=lambda fit: fit.distance + 1e-12 * (fit.b < 0))


def _descend(function: Function, target: Target, b: Array, c: Array, steps: int) -> tuple[Array, Array, Array]:
    """Damped Gauss-Newton in (b, c), all starts at once; with the mean square that is left."""
    x, w = coarse()
    damping = np.full(b.shape, 1e-3)
    slope, values, rest, raw = _projected(function, target, b, c)
    size = (rest * rest) @ w
    for _ in range(steps):
        steepness = _derivative(function, b[:, None] * x + c[:, None], raw) * slope[:, None]
        columns = [_orthogonal(steepness * x, values), _orthogonal(steepness, values)]
        (p, q), (_, s) = [[(left * right) @ w for right in columns] for left in columns]
        u, v = ((column * rest) @ w for column in columns)
        p, s = p * (1 + damping) + 1e-300, s * (1 + damping) + 1e-300
        determinant = p * s - q * q
        with np.errstate(all="ignore"):
            to_b = np.clip(np.nan_to_num(b + (s * u - q * v) / determinant), -_STEEPEST, _STEEPEST)
            to_c = np.clip(np.nan_to_num(c + (p * v - q * u) / determinant), -_STEEPEST, _STEEPEST)
        new = _projected(function, target, to_b, to_c)
        new_size = (new[2] * new[2]) @ w
        better = (new_size < size) & (np.abs(to_b) >= _FLATTEST)
        b, c = np.where(better, to_b, b), np.where(better, to_c, c)
        slope = np.where(better, new[0], slope)
        values, rest, raw = (
            np.where(better[:, None], made, old) for made, old in zip(new[1:], (values, rest, raw), strict=True)
        )
        gain = np.where(better, size - new_size, 0.0)
        done = (gain <= 1e-7 * size) & (better | (damping > 1e6))
        size = np.where(better, new_size, size)
        damping = np.where(better, damping / 8, damping * 6)
        if bool(np.all(done | (size < 1e-26 * target.bend**2))):
            break
    return b, c, size


def _projected(function: Function, target: Target, b: Array, c: Array) -> tuple[Array, Array, Array, Array]:
    """The best a, f's values, centred, what a and d leave over, and f's values as they are.

    Nothing is gained where f is not finite or constant.
    """
    x, w = coarse()
    with np.errstate(all="ignore"):
        raw = function(b[:, None] * x + c[:, None])
        y = np.where(np.isfinite(raw).all(axis=1, keepdims=True), raw, 0.0)
        y = y - (y @ w)[:, None]
        variance = (y * y) @ w
        a = np.where(variance > 0, (y @ (w * target.centred)) / variance, 0.0)
    return a, y, target.centred - a[:, None] * y, raw


def _orthogonal(column: Array, values: Array) -> Array:
    """What is left of ``column`` beside constants and ``values``."""
    _, w = coarse()
    column = column - (column @ w)[:, None]
    variance = np.maximum((values * values) @ w, 1e-300)
    return column - (((column * values) @ w) / variance)[:, None] * values


def _derivative(function: Function, u: Array, values: Array) -> Array:
    h = 1e-7 * (1 + np.abs(u))
    with np.errstate(all="ignore"):
        slope = (function(u + h) - values) / h
        return np.where(np.isfinite(slope), slope, 0.0)


def _measured(function: Function, target: Target, b: float, c: float) -> Fit:
    x, w = fine_nodes()
    with np.errstate(all="ignore"):
        f, y = function(b * x + c), target.function(x)
        usable = np.abs(x) <= _REACH  # beyond, 1e-10 of the mass, a formula may overflow
        f, y, x, w = f[usable], y[usable], x[usable], w[usable]
        w = w / w.sum()
        f_mean, y_mean = float(w @ f), float(w @ y)
        variance = float(w @ (f - f_mean) ** 2)
        a = float(w @ ((f - f_mean) * (y - y_mean))) / variance if variance > 0 else 0.0
        rest = y - y_mean - a * (f - f_mean)
        line = y - y_mean - float(w @ (x * (y - y_mean))) / float(w @ (x * x)) * x
        distance = math.sqrt(float(w @ rest**2) / float(w @ line**2))
    if not math.isfinite(distance):
        return Fit(0.0, b, c, y_mean, math.inf)
    return Fit(a, b, c, y_mean - a * f_mean, distance)
