"""How the kernels' errors are judged: the bars, how far out, in which unit. For the tests and for benchmarks/accuracy.py.

Errors are in ULP of the output dtype. For what torch has too, the unit of f in float32 and less is the spacing at the true value.
Elsewhere it is the spacing at max(|f(x)|, |x f'(x)|), and for f' everywhere that at
max(|f'(x)|, |x f''(x)|): what moving x by one unit in its own last place does. Next to an irrational zero of f or f', and where a
rounded number enters an exponent, no arithmetic of the width of x has an error bounded by the spacing of its result.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from tests.oracle import Array, Truth
from tests.scalar_cases import Case
from tests.ulp import Score, score

BARS = {torch.float32: 2.0, torch.float64: 4.0, torch.bfloat16: 0.51, torch.float16: 0.51}
EXCEPTIONS: dict[str, tuple[float, str]] = {  # of values and derivatives in float64, whatever the parameters
    "rational_tanh": (8.0, "a quotient of polynomials of degree 4 and its derivative, a dozen roundings"),
    "spocu": (8.0, "a polynomial of degree 8 in a quotient, two dozen roundings"),
    "dsu": (5.0, "a difference of two terms over a square next to their common zero"),
    "srs": (6.0, "exp(x/beta) with x/beta rounded enters five factors"),
    "serf": (6.0, "next to the zero of f', a density of a softplus against an error function, each rounded often"),
    "erf_act": (6.0, "the same with an exponential in place of the softplus"),
    "mila": (6.0, "next to the zero of f' two terms cancel, each corrected for the rounding of x + beta"),
}  # fmt: skip
UP_TO = {  # how far out a function, or one case of it, is judged
    "finer": (1e15, "the phase is a product that no dtype holds: further out even the size of its derivative is not known"),
    "pdelu(alpha=1.5, t=1.375)": (100.0, "the exponent 1/(1 - t) is rounded, and counts as the logarithm of x does"),
}  # fmt: skip
EXACT_PRODUCTS = 2.0**1018  # beyond, a product of x by a parameter may overflow
LARGEST = float(np.finfo(np.float64).max)
TINY = 2.0**-1000  # of float64 results below it only limits and NaN are judged: factors are subnormal there


def bar(case: Case, dtype: torch.dtype) -> float:
    """The most ULP that value and derivative may be off."""
    excused = dtype is torch.float64 and case.activation.name in EXCEPTIONS
    return EXCEPTIONS[case.activation.name][0] if excused else BARS[dtype]


def truth_at(case: Case, dtype: torch.dtype, points: Array) -> list[Truth]:
    """f, f' and f'', every digit proved where float64 is judged."""
    if dtype is torch.float64:
        return case.oracle.truth(points, 2)
    return [Truth(t, np.zeros_like(t)) for t in case.oracle.rough(points, 2)]


def judged(
    case: Case, dtype: torch.dtype, points: Array, truth: list[Truth], order: int, computed: torch.Tensor
) -> Score:
    """The errors of f (order 0) or f' (1) as computed at these points."""
    true = truth[order]
    keep = np.abs(points) <= min(_up_to(case), EXACT_PRODUCTS if case.parameters and dtype is torch.float64 else np.inf)
    if dtype is torch.float64:
        keep &= (np.abs(true.nearest) >= TINY) | (true.nearest == 0)
    chosen = torch.from_numpy(keep)
    unit = (
        _moved(points, truth, order)[keep]
        if order or dtype is torch.float64 or not case.activation.torch_name
        else None
    )
    return score(torch.from_numpy(points).to(dtype)[chosen], computed[chosen], true[keep], unit)


def _up_to(case: Case) -> float:
    return min(UP_TO[key][0] if key in UP_TO else np.inf for key in (str(case), case.activation.name))


def _moved(points: Array, truth: list[Truth], order: int) -> NDArray[np.float64]:
    """What moving x by its own size, along the slope, would do: its last place does that in units of the last place."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.nan_to_num(np.abs(points * truth[order + 1].nearest), posinf=LARGEST)
