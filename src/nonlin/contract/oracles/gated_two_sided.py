"""References of the gated units with two functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def gtu(x: Any, dim: int = -1, value: Any = None, gate_half: str = "second") -> Any:
    return _unit(lambda gate, value: np.tanh(value) * _sigmoid(gate), x, dim, value, gate_half)


def drelu_glu(x: Any, dim: int = -1, value: Any = None, gate_half: str = "second") -> Any:
    return _unit(lambda gate, value: max(gate, 0.0) * max(value, 0.0), x, dim, value, gate_half)


def clamped_swiglu(
    x: Any, dim: int = -1, limit: float = 7.0, alpha: float = 1.702, value: Any = None, gate_half: str = "second",
    interleaved: bool = False,
) -> Any:  # fmt: skip
    def one(gate: Any, value: Any) -> Any:
        limited = min(gate, limit)
        return limited * _sigmoid(alpha * limited) * (max(-limit, min(limit, value)) + 1)

    return _unit(one, x, dim, value, gate_half, interleaved)


def _sigmoid(u: Any) -> Any:
    return 1 / (1 + np.exp(-u)) if u > 0 else np.exp(u) / (1 + np.exp(u))


def _unit(
    one: Callable[[Any, Any], Any], x: Any, dim: int, value: Any, gate_half: str, interleaved: bool = False
) -> Any:  # fmt: skip
    """``one(gate, value)`` of each pair of numbers."""
    if value is not None:
        return np.vectorize(one, otypes=[x.dtype])(x, value)
    rows = np.moveaxis(x, dim, -1)
    half = rows.shape[-1] // 2
    out = np.zeros((*rows.shape[:-1], half), dtype=x.dtype)
    for index in np.ndindex(*out.shape):
        *row, i = index
        first, second = rows[tuple(row)][[2 * i, 2 * i + 1] if interleaved else [i, half + i]]
        out[index] = one(first, second) if gate_half == "first" else one(second, first)
    return np.moveaxis(out, -1, dim)
