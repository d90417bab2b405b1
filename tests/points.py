"""Where functions are judged: every number of a 16-bit dtype, and a sweep of the wider ones that leaves no range out."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from flint import arb

from nonlin.contract.ulp import FORMATS
from tests.oracle import Array
from tests.scalar_cases import Case

_NEIGHBOURS = (0, 1, 2, 3, 5, 10, 100, 10**4, 10**6)  # steps to both sides of a point of interest


@cache
def every(dtype: torch.dtype) -> Array:
    """All finite values of a 16-bit dtype, in order."""
    patterns = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(dtype)
    return np.unique(patterns[torch.isfinite(patterns)].to(torch.float64).numpy())


def sweep(case: Case, dtype: torch.dtype) -> Array:
    """Points of float32 or float64: every binade of both signs from the smallest subnormal to the largest number,
    dense where activations bend, and the neighbours of breakpoints and of the zeros of f and f'."""
    interest = np.array([0.0, *case.breakpoints, *zeros(case)], dtype=np.float64)
    return np.unique(np.concatenate([_range(dtype), neighbours(interest, dtype)]))


@cache
def _range(dtype: torch.dtype) -> Array:
    form, rng = FORMATS[dtype], np.random.default_rng(20)
    exponents = np.arange(form.lowest, np.frexp(form.largest)[1])
    binades = np.ldexp(rng.uniform(0.5, 1, len(exponents)), exponents + 1)
    edges = np.ldexp(1.0, exponents[:: 1 if dtype is torch.float32 else 16])
    dense = [np.abs(rng.normal(0, 1, 300)), rng.uniform(0, 20, 300), rng.uniform(0, 120, 200)]
    if dtype is torch.float64:
        dense.append(rng.uniform(120, 800, 200))
    positive = np.concatenate([binades, edges, *dense, [form.largest]])
    return rounded(np.concatenate([-positive, positive]), dtype)


def neighbours(points: Array, dtype: torch.dtype) -> Array:
    """The dtype's numbers at some distances, in steps, to both sides of each point."""
    start = torch.from_numpy(rounded(points, dtype)).to(dtype)
    integer = torch.int32 if dtype is torch.float32 else torch.int64
    bits = start.abs().view(integer)
    found = []
    for steps in _NEIGHBOURS:
        for moved in (bits + steps, (bits - steps).clamp_min(0)):
            found += [moved.view(dtype), -moved.view(dtype)]
    near = torch.cat(found)
    return near[torch.isfinite(near)].to(torch.float64).numpy()


def rounded(points: Array, dtype: torch.dtype) -> Array:
    """The points as ``dtype`` holds them."""
    limit = FORMATS[dtype].largest
    return torch.from_numpy(np.clip(points, -limit, limit)).to(dtype).to(torch.float64).numpy()


_GRID = np.linspace(-12.03, 12.01, 300)


@cache
def zeros(case: Case) -> tuple[float, ...]:
    """Where f or f' changes its sign between -12 and 12, by bisection of the oracle."""
    return tuple(x for order in (0, 1) for x in _sign_changes(case, order))


def _sign_changes(case: Case, order: int) -> list[float]:
    values = case.oracle.rough(_GRID, order)[order]
    brackets = [(a, b) for a, b, u, v in zip(_GRID, _GRID[1:], values, values[1:], strict=False) if u * v < 0]
    return [_bisect(case, order, float(a), float(b)) for a, b in brackets]


def _bisect(case: Case, order: int, low: float, high: float) -> float:
    def value(x: float) -> arb:
        return case.oracle.balls(x, order, bits=4, floor=-160)[order]

    rising = value(high) > 0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if (value(middle) > 0) == rising else (middle, high)
    return low
