"""References of the concatenating rectifiers and of those with two inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def crelu(x: Any, dim: int = 1) -> Any:
    return _doubled(x, dim, sign=1)


def ncrelu(x: Any, dim: int = 1) -> Any:
    return _doubled(x, dim, sign=-1)


def dual_relu(x: Any, dim: int = -1, other: Any = None) -> Any:
    return _difference(lambda u: max(u, 0.0), x, dim, other)


def dual_elu(x: Any, dim: int = -1, alpha: float = 1.0, other: Any = None) -> Any:
    return _difference(lambda u: u if u > 0 else alpha * np.expm1(u), x, dim, other)


_BASES: dict[str, Callable[[Any], Any]] = {
    "relu": lambda u: max(u, 0.0),
    "elu": lambda u: u if u > 0 else np.expm1(u),
    "leaky_relu(0.2)": lambda u: u if u > 0 else u / 5,
}


def brelu_bipolar(x: Any, base: str = "relu", dim: int = 1) -> Any:
    out = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        out[index] = -_BASES[base](-x[index]) if index[dim] % 2 else _BASES[base](x[index])
    return out


def _doubled(x: Any, dim: int, sign: int) -> Any:
    """Positive numbers where they were, the others, with their size times ``sign``, one whole dimension further."""
    out = np.zeros([size * (2 if i == dim % x.ndim else 1) for i, size in enumerate(x.shape)], dtype=x.dtype)
    for index in np.ndindex(*x.shape):
        other = list(index)
        other[dim] += x.shape[dim]
        if x[index] > 0:
            out[index] = x[index]
        else:
            out[tuple(other)] = sign * abs(x[index])
    return out


def _difference(one: Callable[[Any], Any], x: Any, dim: int, other: Any) -> Any:
    first, second = np.split(x, 2, axis=dim) if other is None else np.broadcast_arrays(x, other)
    out = np.zeros(first.shape, dtype=x.dtype)
    for index in np.ndindex(*out.shape):
        out[index] = one(first[index]) - one(second[index])
    return out
