"""References of the quotients of polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.contract.oracles.coefficients import elementwise


def _quotient(u: Any, a: Any, b: Any) -> Any:
    numerator = sum(a[i] * u**i for i in range(len(a)))
    return numerator / (1 + abs(sum(b[j] * u ** (j + 1) for j in range(len(b)))))


def rational(x: Any, numerator: Any, denominator: Any) -> Any:
    return elementwise(_quotient, x, numerator, denominator)


def gr_kan(x: Any, numerator: Any, denominator: Any, dim: int = -1) -> Any:
    out = np.empty_like(x)
    size = x.shape[dim] // len(numerator)
    for index in np.ndindex(*x.shape):
        group = index[dim] // size
        out[index] = _quotient(x[index], numerator[group], denominator[group])
    return out


def opau(x: Any, numerator: Any, denominator: Any, basis: str = "hermite") -> Any:
    def polynomial(n: int, u: Any) -> Any:
        if n < 2:
            return u**n
        if basis == "chebyshev":
            return 2 * u * polynomial(n - 1, u) - polynomial(n - 2, u)
        return u * polynomial(n - 1, u) - (n - 1) * polynomial(n - 2, u)

    def curve(u: Any, c: Any, d: Any) -> Any:
        over = sum(c[i] * polynomial(i, u) for i in range(len(c)))
        return over / (1 + sum(abs(d[j] * polynomial(j + 1, u)) for j in range(len(d))))

    return elementwise(curve, x, numerator, denominator)
