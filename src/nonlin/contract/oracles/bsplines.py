"""The reference of the sum of B-splines: all of them, for each element, by their recursion."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.contract.oracles.coefficients import by_channel, elementwise


def bspline(x: Any, weight: Any, base: Any, scale: Any, low: float = -1.0, high: float = 1.0, degree: int = 3) -> Any:
    def curve(u: Any, c: Any, b: Any, s: Any) -> Any:
        step = (high - low) / (len(c) - degree)
        knots = [low + (i - degree) * step for i in range(len(c) + degree + 1)]

        def spline(i: int, k: int) -> Any:
            if k == 0:
                return float(knots[i] <= u < knots[i + 1])
            rising = (u - knots[i]) / (knots[i + k] - knots[i]) * spline(i, k - 1)
            return rising + (knots[i + k + 1] - u) / (knots[i + k + 1] - knots[i + 1]) * spline(i + 1, k - 1)

        return b[0] * u / (1 + np.exp(-u)) + s[0] * sum(c[i] * spline(i, degree) for i in range(len(c)))

    return elementwise(curve, x, weight, by_channel(base), by_channel(scale))
