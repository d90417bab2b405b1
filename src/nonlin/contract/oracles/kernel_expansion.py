"""References of the sums of hats and bells."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.contract.oracles.coefficients import by_channel, elementwise

# (centre, half width) as the publications tabulate them, for inputs up to 1
_HATS = [(2, 2), (1, 1), (3, 1), (0.5, 0.5), (1.5, 0.5), (2.5, 0.5), (3.5, 0.5)]
_WAVES = [(1, 1), (0.5, 0.5), (2.5, 0.5), (0.25, 0.25), (1.25, 0.25), (2.25, 0.25), (3.25, 0.25)]


def melu(x: Any, weight: Any, max_input: float = 1.0) -> Any:
    def curve(u: Any, c: Any) -> Any:
        y = u if u > 0 else c[0] * u
        for j, (a, w) in enumerate(_HATS[: len(c) - 1]):
            y = y + c[j + 1] * max(max_input * w - abs(u - max_input * a), 0 * u)
        return y

    return elementwise(curve, x, weight)


def galu(x: Any, weight: Any, max_input: float = 1.0) -> Any:
    def curve(u: Any, c: Any) -> Any:
        y = u if u > 0 else c[0] * u
        for j, (a, w) in enumerate(_WAVES[: len(c) - 1]):
            a, w = a * max_input, w * max_input
            y = y + c[j + 1] * (max(w - abs(u - a), 0 * u) + min(abs(u - a - 2 * w) - w, 0 * u))
        return y

    return elementwise(curve, x, weight)


def kaf(x: Any, weight: Any, gamma: Any, bound: float = 3.0) -> Any:
    def curve(u: Any, a: Any, g: Any) -> Any:
        places = np.linspace(-bound, bound, len(a))
        return sum(a[i] * np.exp(-g[0] * (u - d) ** 2) for i, d in enumerate(places))

    return elementwise(curve, x, weight, by_channel(gamma))
