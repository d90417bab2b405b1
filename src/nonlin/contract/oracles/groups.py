"""References of the activations that look at a group, a row or a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def maxout(x: Any, k: int = 2, dim: int = 1) -> Any:
    return _by_group(lambda group: [max(group)], x, k, dim)


def group_sort(x: Any, k: int = 2, dim: int = 1, descending: bool = False) -> Any:
    return _by_group(lambda group: sorted(group, reverse=descending), x, k, dim)


def lwta(x: Any, k: int = 2, dim: int = 1) -> Any:
    def winner(group: list[Any]) -> list[Any]:
        best = group.index(max(group))
        return [u if i == best else 0.0 for i, u in enumerate(group)]

    return _by_group(winner, x, k, dim)


def topk(x: Any, k: int, dim: int = -1) -> Any:
    def kept(row: list[Any]) -> list[Any]:
        least = sorted(row)[-k]
        return [u if u >= least else 0.0 for u in row]

    return _by_group(kept, x, x.shape[dim], dim)


def batch_topk(x: Any, k: int, dim: int = -1) -> Any:
    count = k * (x.size // x.shape[dim])
    least = sorted(x.reshape(-1))[-count]
    return np.where(x >= least, x, 0.0)


def squash(x: Any, dim: int = -1) -> Any:
    def squashed(row: list[Any]) -> list[Any]:
        square = sum(u * u for u in row)
        return [u * np.sqrt(square) / (1 + square) for u in row]

    return _by_group(squashed, x, x.shape[dim], dim)


def _by_group(one: Callable[[list[Any]], list[Any]], x: Any, k: int, dim: int) -> Any:
    """``one`` of every k neighbours along ``dim``, the results side by side."""
    rows = np.moveaxis(x, dim, -1)
    found = [
        [u for at in range(0, rows.shape[-1], k) for u in one(list(rows[index][at : at + k]))]
        for index in np.ndindex(*rows.shape[:-1])
    ]
    return np.moveaxis(np.array(found, dtype=x.dtype).reshape(*rows.shape[:-1], -1), -1, dim)
