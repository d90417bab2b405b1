"""Reference of the activation with learned noise: its mean, which is what it gives outside training."""

from __future__ import annotations

from typing import Any

import numpy as np


def probact(x: Any, sigma: Any, training: bool = False) -> Any:
    out = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        out[index] = x[index] if x[index] > 0 else 0
    return out
