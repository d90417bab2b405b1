"""Where float arithmetic is accurate enough for float32 results: measured against the double path, once a compilation.

Float arithmetic has twice the lanes of double, and loses digits in the tails of most formulas (an exponent's rounding,
subnormal factors) and all over some. The interval around 0 in which its error stays within the bar is found by
measurement, for f and for f', and kept with the compiled library; outside it the kernels compute in double. 16-bit results
have a float path of their own, with a wider bar.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.formula.declaration import Activation

PROMISE = 2.0  # ULP
BAR = 1.9  # what is measured is a sample
LEAST_PASSED, MOST_PASSED, NEIGHBOURS = (
    2.0**-12,
    512,
    256,
)  # where a result passes a power of two: x, how often, numbers a side
BAR_16 = 32.0  # ULP of float32 add less than 0.004 ULP to the rounding of a float16, 0.0005 to that of a bfloat16
NEVER = (1.0, 0.0)
EVERYWHERE = (-np.inf, np.inf)
FINITE = (float(np.finfo(np.float32).min), float(np.finfo(np.float32).max))
LEAST = 6.0  # a narrower interval would leave some elements of most blocks outside: both paths would run
WIDEST = 128.0  # a wider one has to reach to infinity

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def measure(activation: Activation, role: str, loaded: ctypes.CDLL) -> dict[str, Any]:
    """(low, high) by kernel: for the default parameters and, ``_any``, for others; ``_16`` for 16-bit results."""
    found = {}
    first, second = ("product", "gradients") if role == "gated" else ("value", "slope")
    usual, others = _defaults(activation), _others(activation)
    for suffix, values in (("", usual), ("_any", others)):
        for size, bar, path in (("", BAR, loaded.nl_measure_float), ("_16", BAR_16, loaded.nl_measure_short)):
            errors = [[_errors(loaded, path, order, v, bar) for v in values] for order in (0, 1)]
            spans = [_common([_around_zero(*e, bar) for e in of_order]) for of_order in errors]
            found[first + suffix + size] = spans[0]
            found[second + suffix + size] = _common(spans) if role == "gated" else spans[1]
    return {name: list(map(str, span)) for name, span in found.items()}


def _errors(
    loaded: ctypes.CDLL, path: Any, order: int, values: tuple[float, ...], bar: float
) -> tuple[Floats, Doubles, NDArray[np.bool_]]:
    """(points, a float path's error there in ULP, where it is NaN) of f (order 0) or f' (1) at these parameter values.

    The error in ULP is largest where the result has just passed a power of two, and scatters from one number to the next:
    there the neighbours are tried as well, and count where one breaks the promise.
    """
    exact = bar < PROMISE
    x = _points(values, dense=exact)
    error, nan, unit = _judged(loaded, path, order, values, x)
    if exact:
        inside = (np.abs(x[:-1]) < WIDEST) & (np.abs(x[:-1]) > LEAST_PASSED)
        passed = np.flatnonzero((unit[1:] != unit[:-1]) & inside)
        passed = np.unique(np.concatenate([passed, passed + 1]))[:MOST_PASSED]
        around = (x[passed].view(np.int32)[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS, dtype=np.int32)).reshape(-1)
        near, _, _ = _judged(loaded, path, order, values, around.view(np.float32))
        largest = near.reshape(len(passed), 2 * NEIGHBOURS).max(axis=1)
        error[passed] = np.where(largest > PROMISE, np.fmax(largest, error[passed]), error[passed])
    return x, error, nan


def _judged(
    loaded: ctypes.CDLL, path: Any, order: int, values: tuple[float, ...], x: Floats
) -> tuple[Doubles, NDArray[np.bool_], Doubles]:
    """(the error in ULP, where it is NaN, the unit)."""
    fast = _float(path, x, order, values)
    true = _wide(loaded, x, order, values)
    with np.errstate(over="ignore", invalid="ignore"):
        size = np.abs(true)
        if order:  # next to a zero of f' the unit is what moving x by its own last place does
            moved = _wide(loaded, (x * np.float32(1 + 2**-12)).astype(np.float32), order, values)
            size = np.fmax(size, np.nan_to_num(np.abs(moved - true) * 2**12, posinf=0.0))
        unit = np.exp2(np.floor(np.log2(np.maximum(size, 2.0**-126))) - 23)
        error = np.abs(fast.astype(np.float64) - true) / unit
        equal = (fast == true.astype(np.float32)) | (np.isnan(fast) & np.isnan(true))
    return np.where(equal, 0.0, np.where(np.isnan(error), np.inf, error)), np.isnan(fast), unit


def _around_zero(x: Floats, error: Doubles, nan: NDArray[np.bool_], bar: float) -> tuple[float, float]:
    """The widest interval around 0 without an error above the bar; ``x`` is sorted, with NaN last."""
    good = error <= bar
    if good.all():
        return EVERYWHERE
    if good[1:-2].all() and nan[~good].all():  # all but the infinities, and those show as NaN
        return FINITE
    numbers, good = x[:-1], good[:-1]
    start = int(np.searchsorted(numbers, 0.0))
    bad_above = np.flatnonzero(~good[start:])
    bad_below = np.flatnonzero(~good[: start + 1][::-1])
    high = float(numbers[start + bad_above[0] - 1]) if len(bad_above) else WIDEST
    low = float(numbers[start - bad_below[0] + 1]) if len(bad_below) else -WIDEST
    # a point inside, so that what lies between two samples is not trusted
    high, low = min(np.floor(high * 0.98), WIDEST), max(np.ceil(low * 0.98), -WIDEST)
    return (float(low), float(high)) if low <= -LEAST and high >= LEAST else NEVER


def _common(spans: list[tuple[float, float]]) -> tuple[float, float]:
    low, high = max(s[0] for s in spans), min(s[1] for s in spans)
    return (low, high) if low < high and NEVER not in spans else NEVER


@lru_cache(maxsize=8)
def _points(values: tuple[float, ...], dense: bool) -> Floats:
    """Sorted float32 numbers: every binade of both signs, more where activations bend, infinities; NaN last."""
    rng, thin = np.random.default_rng(11), 1 if dense else 10
    exponents = np.repeat(np.arange(-149, 128), 24)
    parts: list[Any] = [
        np.ldexp(rng.uniform(1, 2, len(exponents)), exponents),
        rng.uniform(0, 2, 100_000 // thin), rng.uniform(0, 20, 400_000 // thin), rng.uniform(0, WIDEST, 100_000 // thin),
        np.arange(0, 64, 1 / 16), np.arange(0, 64, 1 / 10), [np.finfo(np.float32).max, np.inf],
    ]  # fmt: skip
    positive = np.concatenate(parts).astype(np.float32)
    near = np.concatenate([np.arange(0, 64, 1 / 2), np.abs(values)]).astype(np.float32)
    above, below = np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(0))
    positive = np.concatenate([positive, near, above, below])
    return np.concatenate([np.unique(np.concatenate([-positive, positive])), [np.float32(np.nan)]]).astype(np.float32)


def _defaults(activation: Activation) -> list[tuple[float, ...]]:
    return [tuple(p.effective(p.default) for p in activation.parameters)]


def _others(activation: Activation) -> list[tuple[float, ...]]:
    """Some other values of the parameters, within their bounds; most of them float32 does not hold exactly."""
    found = []
    for factor, more in (
        (1.0, 0.0),
        (1.5, 0.0),
        (0.7, 0.0),
        (2.3, 0.0),
        (1.0, 0.48),
    ):  # a small default stays small as a multiple
        values = []
        for p in activation.parameters:
            value = p.default * factor + more if p.default else factor - 1.0 + more
            values.append(p.effective(value if p.low <= value <= p.high else p.default))
        found.append(tuple(values))
    return list(dict.fromkeys(found))


def _float(path: Any, x: Floats, order: int, values: tuple[float, ...]) -> Floats:
    y = np.empty(len(x), np.float32)
    _call(path, y, x, order, values)
    return y


def _wide(loaded: ctypes.CDLL, x: Floats, order: int, values: tuple[float, ...]) -> Doubles:
    y = np.empty(len(x), np.float64)
    _call(loaded.nl_measure_wide, y, x, order, values)
    return y


def _call(function: Any, y: NDArray[Any], x: Floats, order: int, values: tuple[float, ...]) -> None:
    settings = np.array([*NEVER, *values], np.float64)
    at = (ctypes.c_void_p(a.ctypes.data) for a in (y, x))
    function(*at, ctypes.c_int64(len(x)), ctypes.c_int64(order), ctypes.c_void_p(settings.ctypes.data))
