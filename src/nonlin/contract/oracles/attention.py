"""References of attention weights, entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.contract.oracles.softmax import each_row


def _some(row: Any, takes_part: Any) -> Any:
    shares = np.array([np.exp(v) if m else 0 * np.exp(0 * row[0]) for v, m in zip(row, takes_part, strict=True)])
    total = sum(shares)
    return shares / total if total > 0 else shares


def masked_softmax(x: Any, mask: Any = None, dim: int = -1) -> Any:
    return each_row(x, dim, _some, np.ones(x.shape, bool) if mask is None else mask)


def causal_softmax(x: Any, offset: int = 0) -> Any:
    mask = np.zeros(x.shape, bool)
    for i in range(x.shape[-2]):
        for j in range(x.shape[-1]):
            mask[..., i, j] = j <= i + offset
    return each_row(x, -1, _some, mask)


def relu_attention(x: Any, dim: int = -1, length: int | None = None) -> Any:
    return np.where(x > 0, x, 0 * x) / (x.shape[dim] if length is None else length)
