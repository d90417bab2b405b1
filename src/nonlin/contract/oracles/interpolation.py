"""References of the curves through learned values: all of them are looked at for each element."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.contract.oracles.coefficients import elementwise


def pwlu(x: Any, value: Any, bound: Any, slope: Any) -> Any:
    def curve(u: Any, y: Any, b: Any, k: Any) -> Any:
        if u < b[0]:
            return y[0] + k[0] * (u - b[0])
        if u >= b[1]:
            return y[-1] + k[1] * (u - b[1])
        place = (u - b[0]) / (b[1] - b[0]) * (len(y) - 1)
        i = min(int(place), len(y) - 2)
        return y[i] + (place - i) * (y[i + 1] - y[i])

    return elementwise(curve, x, value, bound, slope)


def cubic_spline(x: Any, value: Any, low: float = -2.0, high: float = 2.0) -> Any:
    def curve(u: Any, y: Any) -> Any:
        step = (high - low) / (len(y) - 1)
        if u <= low:
            return y[0] + (u - low) * (y[1] - y[0]) / step
        if u >= high:
            return y[-1] + (u - high) * (y[-1] - y[-2]) / step
        q = [2 * y[0] - y[1], *y, 2 * y[-1] - y[-2]]
        i = int((u - low) / step)
        t = (u - low) / step - i
        a, b, c, d = q[i : i + 4]
        # Hermite: the ends, and half the difference of their neighbours for the slopes
        first, second = (c - a) / 2, (d - b) / 2
        ends = b * (1 + 2 * t) * (1 - t) ** 2 + c * t**2 * (3 - 2 * t)
        return ends + first * t * (1 - t) ** 2 - second * t**2 * (1 - t)

    return elementwise(curve, x, value)


def lutu(x: Any, value: Any, low: float = -3.0, high: float = 3.0, reach: int = 1) -> Any:
    def curve(u: Any, y: Any) -> Any:
        step = (high - low) / (len(y) - 1)
        first, last = (y[1] - y[0]) / step, (y[-1] - y[-2]) / step
        total = first * min(u - low, 0 * u) + last * max(u - high, 0 * u)
        inside = min(max(u, low), high)
        for j in range(1 - reach, len(y) + reach):
            anchor = low + j * step
            height = y[0] + first * (anchor - low) if j < 0 else y[-1] + last * (anchor - high) if j >= len(y) else y[j]
            away = abs(inside - anchor) / (reach * step)
            if away < 1:
                total = total + height * (1 + np.cos(np.pi * away)) / (2 * reach)
        return total

    return elementwise(curve, x, value)
