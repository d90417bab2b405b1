"""References of the activations whose curve a small network computes: the last step, from what the network gave."""

from __future__ import annotations

from typing import Any

import numpy as np


def meta_acon(x: Any, p1: Any, p2: Any, beta: Any) -> Any:
    out = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        right, left = (p.reshape(-1)[index[1] if p.size > 1 else 0] for p in (p1, p2))
        u, change = x[index], right - left
        out[index] = change * u / (1 + np.exp(-beta[index[:2]] * change * u)) + left * u
    return out


def dynamic_relu(x: Any, slopes: Any, intercepts: Any, attention: Any = None) -> Any:
    out = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        n, c = index[0], index[1] if slopes.shape[1] > 1 else 0
        at = (n, 0, *index[2:])
        place = 1 if attention is None else attention[at]
        out[index] = max(place * a * x[index] + place * b for a, b in zip(slopes[n, c], intercepts[n, c], strict=True))
    return out
