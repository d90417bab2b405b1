"""References of the sparse softmaxes: by sorting or by bisection, from the conditions that define them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.contract.oracles.softmax import each_row, per_channel


def _bisected(power: Any, row: Any, width: Any) -> Any:
    """power(row - tau) where row > tau, with tau below the maximum by at most ``width`` such that it sums to 1."""
    low, high = row.max() - width, row.max()
    for _ in range(200):
        tau = (low + high) / 2
        total = sum(power(v - tau) for v in row if v > tau)
        low, high = (tau, high) if total >= 1 else (low, tau)
    return np.array([power(v - low) if v > low else 0 * v for v in row])


def _sparsemax(row: Any) -> Any:
    """By sorting, as published."""
    ordered = np.sort(row)[::-1]
    sums = np.cumsum(ordered)
    k = max(i for i in range(1, len(row) + 1) if 1 + i * ordered[i - 1] > sums[i - 1])
    return np.maximum(row - (sums[k - 1] - 1) / k, 0)


def sparsemax(x: Any, dim: int = -1) -> Any:
    return each_row(x, dim, _sparsemax)


def entmax15(x: Any, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r: _bisected(lambda u: u**2, r / 2, 1))


def entmax(x: Any, alpha: Any = 1.5, dim: int = -1) -> Any:
    def row(r: Any, alphas: Any) -> Any:
        a = alphas[0]
        if a == 1:
            return np.exp(r) / sum(np.exp(r))
        return _bisected(lambda u: u ** (1 / (a - 1)), (a - 1) * r, 1)

    return each_row(x, dim, row, per_channel(alpha, x))


def sparsegen(x: Any, lam: float = 0.0, dim: int = -1) -> Any:
    return each_row(x, dim, lambda r: _sparsemax(r / (1 - x.dtype.type(lam))))


def r_softmax(x: Any, r: float = 0.5, dim: int = -1) -> Any:
    def row(v: Any) -> Any:
        weights = np.maximum(v - np.quantile(v, r), 0) * np.exp(v)
        largest = v == v.max()
        return weights / sum(weights) if sum(weights) > 0 else largest / sum(largest)

    return each_row(x, dim, row)


def normmax(x: Any, alpha: float = 2.0, dim: int = -1) -> Any:
    """From the optimality condition: (p_i/|p|)^(alpha - 1) = x_i - tau where p_i > 0."""

    def row(r: Any) -> Any:
        powers = _bisected(lambda u: u ** (alpha / (alpha - 1)), r, 1)
        return powers ** (1 / alpha) / sum(powers ** (1 / alpha))

    return each_row(x, dim, row)
