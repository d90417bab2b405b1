"""References of the fixed activations among learned numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nonlin.contract.oracles.coefficients import by_channel, elementwise

_ACTS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda u: u,
    "relu": lambda u: max(u, 0 * u),
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "tanh": np.tanh,
    "softsign": lambda u: u / (1 + abs(u)),
    "silu": lambda u: u / (1 + np.exp(-u)),
    "softplus": lambda u: np.logaddexp(0, u),
}


def rowdy(x: Any, weight: Any, act: str = "tanh", n: float = 1.0) -> Any:
    def curve(u: Any, a: Any) -> Any:
        return _ACTS[act](u) + sum(n * a[k - 2] * np.sin((k - 1) * n * u) for k in range(2, len(a) + 2))

    return elementwise(curve, x, weight)


def laaf(x: Any, weight: Any, act: str = "tanh", n: float = 1.0) -> Any:
    return elementwise(lambda u, a: _ACTS[act](n * a[0] * u), x, by_channel(weight))


def lin_comb(
    x: Any, weight: Any, acts: tuple[str, ...] = ("relu", "sigmoid", "tanh", "softsign"), normalize: bool = False
) -> Any:
    def curve(u: Any, w: Any) -> Any:
        length = np.sqrt(sum(v * v for v in w)) if normalize else 1
        return sum(w[k] / length * _ACTS[acts[k]](u) for k in range(len(acts)))

    return elementwise(curve, x, weight)
