"""The C kernels against the oracle: f and f' in every dtype, at every 16-bit number and over a sweep of the wider ones.

Of the formulas that torch does not have, those are judged that call each function of the kernels once (tests/catalogue.py);
benchmarks/accuracy.py judges all, and its record is held to the same bars and to today's formulas (test_records.py).

Errors are in ULP of the output dtype. For what torch has too, the unit of f in float32 and less is the spacing at the true value.
Elsewhere it is the spacing at max(|f(x)|, |x f'(x)|), and for f' everywhere that at
max(|f'(x)|, |x f''(x)|): what moving x by one unit in its own last place does. Next to an irrational zero of f or f', and where a
rounded number enters an exponent, no arithmetic of the width of x has an error bounded by the spacing of its result.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from tests.catalogue import JUDGED
from tests.oracle import Truth
from tests.paths import compiles
from tests.points import every, sweep
from tests.scalar_cases import Case, cases, varied
from tests.ulp import Score, score

pytestmark = pytest.mark.skipif(not compiles(), reason="no C compiler: there are no kernels to judge")

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
UP_TO = {  # how far out a function is judged
    "finer": (1e15, "the phase is a product that no dtype holds: further out even the size of its derivative is not known"),
    "pdelu": (100.0, "the exponent 1/(1 - t) is rounded, and counts as the logarithm of x does"),
}  # fmt: skip
EXACT_PRODUCTS = 2.0**1018  # beyond, a product of x by a parameter may overflow
LARGEST = float(np.finfo(np.float64).max)
TINY = 2.0**-1000  # of float64 results below it only limits and NaN are judged: factors are subnormal there
# of what torch does not have, every STEP-th point of the wider dtypes; benchmarks/accuracy.py takes all, and 16 bits
STEP, STEP_VARIED = 6, 24
PAIRS = [
    (case, dtype)
    for case in [*cases(), *varied()] for dtype in BARS
    if case.activation in JUDGED and (case.activation.torch_name or dtype.itemsize > 2)
]  # fmt: skip
EACH = pytest.mark.parametrize(("case", "dtype"), PAIRS, ids=lambda value: str(value).removeprefix("torch."))


@cache
def judge(case: Case, dtype: torch.dtype) -> tuple[Score, Score, torch.Tensor, torch.Tensor]:
    points = every(dtype) if dtype.itemsize == 2 else sweep(case, dtype)
    if not case.activation.torch_name:
        points = points[:: STEP_VARIED if case.parameters else STEP]
    x = torch.from_numpy(points).to(dtype)
    y, slope = case.fused(x)
    proved = dtype is torch.float64
    truth = (
        case.oracle.truth(points, 2) if proved else [Truth(t, np.zeros_like(t)) for t in case.oracle.rough(points, 2)]
    )
    with np.errstate(over="ignore", invalid="ignore"):
        moved, scale = (np.nan_to_num(np.abs(points * t.nearest), posinf=LARGEST) for t in truth[1:])
    scores = []
    local = proved or not case.activation.torch_name
    for computed, t, unit in ((y, truth[0], moved if local else None), (slope, truth[1], scale)):
        keep = np.ones(len(points), dtype=bool)
        if dtype is torch.float64:
            keep = (np.abs(t.nearest) >= TINY) | (t.nearest == 0)
            if case.parameters:
                keep &= np.abs(points) <= EXACT_PRODUCTS
        keep &= np.abs(points) <= UP_TO.get(case.activation.name, (np.inf, ""))[0]
        chosen = torch.from_numpy(keep)
        scores.append(score(x[chosen], computed[chosen], t[keep], None if unit is None else unit[keep]))
    return scores[0], scores[1], y, slope


def bar(case: Case, dtype: torch.dtype) -> float:
    return (
        EXCEPTIONS[case.activation.name][0]
        if dtype is torch.float64 and case.activation.name in EXCEPTIONS
        else BARS[dtype]
    )


@EACH
def test_value(case: Case, dtype: torch.dtype) -> None:
    found, _, y, _ = judge(case, dtype)
    assert found.worst <= bar(case, dtype), str(found)
    assert found.lost == 0 or dtype is torch.float64, str(found)  # a zero within the bar, in local units
    assert not torch.isnan(y).any()


@EACH
def test_derivative(case: Case, dtype: torch.dtype) -> None:
    _, found, _, slope = judge(case, dtype)
    assert found.worst <= bar(case, dtype), str(found)
    assert not torch.isnan(slope).any()


@EACH
def test_ends(case: Case, dtype: torch.dtype) -> None:
    """At the infinities and at NaN the kernels give what the composite gives, sign of zero aside."""
    x = torch.tensor([float("inf"), -float("inf"), float("nan")], dtype=dtype)
    for fast, plain in zip(case.fused(x), case.slopes(x, 1), strict=True):
        # two roundings apart where it is a number: a function of the gate, which is finite here, or of a parameter
        computed = case.activation.kind == "gated" or case.activation.parameters
        tolerance = 2 * torch.finfo(dtype).eps if computed else 0
        torch.testing.assert_close(fast, plain, rtol=tolerance, atol=0, equal_nan=True)
