"""References of the sums of hinges."""

from __future__ import annotations

from typing import Any

from nonlin.contract.oracles.coefficients import elementwise


def _positive(u: Any) -> Any:
    return u if u > 0 else 0 * u


def apl(x: Any, slope: Any, hinge: Any) -> Any:
    return elementwise(
        lambda u, a, b: _positive(u) + sum(a[s] * _positive(-u + b[s]) for s in range(len(a))), x, slope, hinge
    )


def splash(x: Any, right: Any, left: Any, hinges: tuple[float, ...] = (0.0, 1.0, 2.0, 2.5)) -> Any:
    def curve(u: Any, up: Any, down: Any) -> Any:
        return sum(up[s] * _positive(u - b) + down[s] * _positive(-u - b) for s, b in enumerate(hinges))

    return elementwise(curve, x, right, left)
