"""References of the row functions that are built in: the published quotients, term by term, in 40 digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np


def _rows(x: Any, dim: int, sign: int, logarithm: bool) -> Any:
    moved = np.moveaxis(np.asarray(x, dtype=np.float64), dim, -1)
    out = np.zeros(moved.shape)
    with mpmath.workdps(40):
        for index in np.ndindex(*moved.shape[:-1]):
            terms = [mpmath.exp(sign * mpmath.mpf(float(entry))) for entry in moved[index]]
            shares = [term / mpmath.fsum(terms) for term in terms]
            # the logarithm of a share next to 1 is that of what the others leave
            logs = (
                [mpmath.log1p(-(mpmath.fsum(terms) - t) / mpmath.fsum(terms)) for t in terms] if logarithm else shares
            )
            out[index] = [float(entry) for entry in logs]
    return np.moveaxis(out, -1, dim)


def softmax(x: Any, dim: int = -1) -> Any:
    return _rows(x, dim, 1, logarithm=False)


def softmin(x: Any, dim: int = -1) -> Any:
    return _rows(x, dim, -1, logarithm=False)


def log_softmax(x: Any, dim: int = -1) -> Any:
    return _rows(x, dim, 1, logarithm=True)


def softmax2d(x: Any) -> Any:
    return _rows(x, -3, 1, logarithm=False)
