"""References of the activations of two lines or of two channels."""

from __future__ import annotations

from typing import Any

import numpy as np


def householder(x: Any, theta: Any, dim: int = 1) -> Any:
    rows = np.moveaxis(x, dim, -1)
    out = np.empty_like(rows)
    half = rows.shape[-1] // 2
    for index in np.ndindex(*rows.shape[:-1]):
        for pair in range(half):
            angle = theta.reshape(-1)[pair if theta.size > 1 else 0]
            v = np.array([np.sin(angle / 2), -np.cos(angle / 2)])
            z = np.array([rows[index][pair], rows[index][pair + half]])
            if not v @ z > 0:
                z = (np.eye(2) - 2 * np.outer(v, v)) @ z
            out[index][pair], out[index][pair + half] = z
    return np.moveaxis(out, -1, dim)


def paired_relu(x: Any, scale: Any, threshold: Any, dim: int = 1) -> Any:
    return np.concatenate([np.maximum(scale[i] * x - threshold[i], 0) for i in range(2)], axis=dim)
