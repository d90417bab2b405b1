"""Gaussian integrals E[g(sigma z)], z ~ N(0, 1), of functions that may have kinks and jumps.

The line is cut at every kink, and finely where activations bend; each piece gets a 24-point Gauss-Legendre rule, exact
for polynomials up to degree 47. Gauss-Hermite rules are not used: across a kink they converge like 1/n, and 301 nodes
miss E[relu'(z)^2] = 1/2 by 0.036, where these pieces are off by rounding only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], NDArray[Any]]

POINTS = 24
TAIL = 15.0  # the density is 5e-50 there: nothing that grows slower than exp(z^2 / 4) reaches 1e-15 beyond
_Z_CUTS = (1.0, 2.0, 3.0, 4.5, 6.0, 8.0, 11.0)
_X_CUTS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 13.0, 17.0, 22.0, 30.0, 40.0)


@lru_cache(maxsize=1)
def _rule() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    return nodes, weights


@lru_cache(maxsize=4096)
def nodes(sigma: float = 1.0, kinks: tuple[float, ...] = ()) -> tuple[Array, Array]:
    """Nodes z and weights w (density included) with ``E[g(sigma z)] = sum(w * g(sigma * z))``; ``kinks`` are those of g."""
    cuts = {0.0, TAIL, -TAIL}
    for cut in (*_Z_CUTS, *(x / sigma for x in _X_CUTS)):
        cuts.update((cut, -cut))
    edges = np.array(sorted(cut for cut in cuts if abs(cut) <= TAIL))
    exact = np.array([kink / sigma for kink in kinks if abs(kink / sigma) < TAIL])
    if exact.size:
        # a regular cut so near to a kink only makes a sliver of it
        near = np.min(np.abs(edges[:, None] - exact[None, :]), axis=1) < 1e-9
        edges = np.sort(np.concatenate([edges[~near], exact]))
    unit, weight = _rule()
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    z = (middle[:, None] + half[:, None] * unit).ravel()
    w = (half[:, None] * weight).ravel() * np.exp(-z * z / 2) / sqrt(2 * np.pi)
    z.setflags(write=False)
    w.setflags(write=False)
    return z, w


def expectation(g: Function, kinks: Sequence[float] = (), sigma: float = 1.0) -> float:
    """``E[g(sigma z)]`` for z ~ N(0, 1), where ``g`` is analytic between its ``kinks``; absolute error about 1e-14.

    Example:
        >>> import numpy as np
        >>> round(expectation(lambda x: np.maximum(x, 0.0) ** 2, kinks=[0.0]), 14)
        0.5
    """
    z, w = nodes(sigma, tuple(kinks))
    return float(np.dot(w, g(sigma * z)))
