"""References of the activations that look at other places: the last step, from what the linear map gave."""

from __future__ import annotations

from typing import Any

import numpy as np


def funnel_relu(x: Any, condition: Any) -> Any:
    out = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        out[index] = max(x[index], condition[index])
    return out


def sgu(x: Any, gate: Any) -> Any:
    out = np.empty_like(gate)
    for index in np.ndindex(*gate.shape):
        out[index] = x[index] * gate[index]
    return out
