"""One element at a time, with the coefficients of its channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def elementwise(curve: Callable[..., Any], x: Any, *coefficients: Any) -> Any:
    """``curve(u, *rows)`` of each element u; a table of two dimensions has a row for each channel (dimension 1)."""
    out = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        rows = [c if c.ndim < 2 else c[index[1]] for c in coefficients]
        out[index] = curve(x[index], *rows)
    return out


def by_channel(numbers: Any) -> Any:
    """One number for all, or one a channel, as a table with a column."""
    return numbers.reshape(-1) if numbers.size == 1 else numbers.reshape(-1, 1)
