"""References of the softmax's relatives, from their textbook formulas; rows of moderate size, so that nothing overflows."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

import numpy as np


def each_row(x: Any, dim: int, function: Callable[..., Any], *others: Any) -> Any:
    """``function(row, *other rows)`` of every row along ``dim``; the others broadcast to x."""
    out = np.zeros_like(x)
    others = tuple(np.broadcast_to(o, x.shape) for o in others)
    dim %= x.ndim
    for index in np.ndindex(*[1 if i == dim else size for i, size in enumerate(x.shape)]):
        at = tuple(slice(None) if i == dim else k for i, k in enumerate(index))
        out[at] = function(x[at], *(o[at] for o in others))
    return out


def per_channel(value: Any, x: Any) -> Any:
    """A number, or one for each channel (dimension 1), as it broadcasts with x."""
    value = np.asarray(value, dtype=x.dtype)
    return value.reshape(-1, *[1] * (x.ndim - 2)) if value.ndim == 1 and value.size > 1 else value


def log_softmin(x: Any, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r: -r - np.log(sum(np.exp(-v) for v in r)))


def softmax_one(x: Any, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r: np.exp(r) / (1 + sum(np.exp(v) for v in r)))


def log_softmax_one(x: Any, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r: r - np.log(1 + sum(np.exp(v) for v in r)))


def temperature_softmax(x: Any, tau: Any = 1.0, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r, t: np.exp(r / t) / sum(np.exp(r / t)), per_channel(tau, x))


def taylor_softmax(x: Any, order: int = 2, dim: int = -1) -> Any:
    def row(r: Any) -> Any:
        terms = sum(r**k / factorial(k) for k in range(order + 1))
        return terms / sum(terms)

    return each_row(x, dim, row)


def spherical_softmax(x: Any, eps: float = 1e-6, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r: (r**2 + eps) / sum(r**2 + eps))


def solu(x: Any, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r: r * np.exp(r) / sum(np.exp(v) for v in r))


def gumbel_softmax(
    x: Any, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1, *, noise: Any = 0.0
) -> Any:
    """With the noise given: what is drawn has no reference."""
    soft = temperature_softmax(x + noise, tau, dim)
    return each_row(soft, dim, lambda r: (np.arange(len(r)) == np.argmax(r)).astype(x.dtype)) if hard else soft
