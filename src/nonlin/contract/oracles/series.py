"""References of the learned sums of powers and polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.contract.oracles.coefficients import elementwise


def poly(x: Any, weight: Any) -> Any:
    return elementwise(lambda u, w: sum(w[k] * u**k for k in range(len(w))), x, weight)


def chebyshev(x: Any, weight: Any) -> Any:
    return elementwise(lambda u, w: sum(w[k] * np.cos(k * np.arccos(np.tanh(u))) for k in range(len(w))), x, weight)


def poly_relu(x: Any, weight: Any) -> Any:
    return elementwise(lambda u, w: sum(w[k] * max(u, 0 * u) ** k for k in range(len(w))), x, weight)
