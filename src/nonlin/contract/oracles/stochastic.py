"""References of the rectifiers with noise, in evaluation: the draws have no reference but their distribution."""

from __future__ import annotations

from typing import Any

import numpy as np


def noisy_relu(x: Any, training: bool = False) -> Any:
    return _relu(x)


def rt_relu(x: Any, std: float = 0.75, training: bool = False) -> Any:
    return _relu(x)


def erelu(x: Any, alpha: float = 0.1, training: bool = False) -> Any:
    return _relu(x)


def eelu(x: Any, alpha: Any = 1.0, beta: Any = 1.0, epsilon: float = 1.0, training: bool = False) -> Any:
    alphas, betas = np.atleast_1d(alpha), np.atleast_1d(beta)
    out = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        a, b = (p[index[1] if p.size > 1 else 0] for p in (alphas, betas))
        out[index] = x[index] if x[index] > 0 else a * np.expm1(b * x[index])
    return out


def _relu(x: Any) -> Any:
    out = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        out[index] = x[index] if x[index] > 0 else 0.0
    return out
