"""References of the activations that look at a mean or a size."""

from __future__ import annotations

from typing import Any

import numpy as np


def abrelu(x: Any, alpha: float = 1.0) -> Any:
    out = np.empty_like(x)
    for i in range(len(x)):
        mean = sum(x[i].reshape(-1)) / x[i].size
        for inner in np.ndindex(*x.shape[1:]):
            index = (i, *inner)
            out[index] = max(x[index] - alpha * mean, 0 * mean)
    return out


def poly_norm(x: Any, weight: Any, bias: Any, dim: int = -1, eps: float = 1e-6) -> Any:
    rows = np.moveaxis(x, dim, -1)
    out = np.empty_like(rows)
    for index in np.ndindex(*rows.shape[:-1]):
        row = rows[index]
        for j, u in enumerate(row):
            out[index][j] = np.reshape(bias, ()) + sum(
                a * u ** (i + 1) / np.sqrt(sum(v ** (2 * i + 2) for v in row) / len(row) + eps)
                for i, a in enumerate(weight)
            )
    return np.moveaxis(out, -1, dim)


def dice(x: Any, alpha: Any, mean: Any, variance: Any, eps: float = 1e-8) -> Any:
    out = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        c, u = index[1], x[index]
        a = alpha.reshape(-1)[c if alpha.size > 1 else 0]
        p = 1 / (1 + np.exp(-(u - mean[c]) / np.sqrt(variance[c] + eps)))
        out[index] = p * u + (1 - p) * a * u
    return out
