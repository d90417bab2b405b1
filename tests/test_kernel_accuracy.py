"""The C kernels against the oracle: f and f' in every dtype, at every 16-bit number and over a sweep of the wider ones.

Errors are in ULP of the output dtype. For f the unit is the spacing at the true value. For f' it is the spacing at
max(|f'(x)|, |x f''(x)|), what moving x by one unit in its own last place does: next to a zero of f' no arithmetic of the
width of x has an error bounded by the spacing of its result.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from tests.oracle import Truth
from tests.paths import compiles
from tests.points import every, sweep
from tests.scalar_cases import Case, cases, varied
from tests.ulp import Score, score

pytestmark = pytest.mark.skipif(not compiles(), reason="no C compiler: there are no kernels to judge")

BARS = {torch.float32: 2.0, torch.float64: 4.0, torch.bfloat16: 0.51, torch.float16: 0.51}
EXCEPTIONS: dict[tuple[str, torch.dtype], tuple[float, str]] = {
    ("softplus(beta=1.5, threshold=25.25)", torch.float64): (
        float("inf"), "beta * x overflows above 1.2e308, where softplus(x) is still finite",
    ),
}  # fmt: skip
TINY = 2.0**-1000  # of float64 results below it only limits and NaN are judged: factors are subnormal there
ALL = pytest.mark.parametrize("case", [*cases(), *varied()], ids=str)
DTYPES = pytest.mark.parametrize("dtype", BARS, ids=str)


@cache
def judge(case: Case, dtype: torch.dtype) -> tuple[Score, Score, torch.Tensor, torch.Tensor]:
    points = every(dtype) if dtype.itemsize == 2 else sweep(case, dtype)
    x = torch.from_numpy(points).to(dtype)
    y, slope = case.fused(x)
    proved = dtype is torch.float64
    truth = (
        case.oracle.truth(points, 2) if proved else [Truth(t, np.zeros_like(t)) for t in case.oracle.rough(points, 2)]
    )
    with np.errstate(over="ignore", invalid="ignore"):
        scale = np.nan_to_num(np.abs(points * truth[2].nearest), posinf=0.0)
    scores = []
    for computed, t, unit in ((y, truth[0], None), (slope, truth[1], scale)):
        keep = np.ones(len(points), dtype=bool)
        if dtype is torch.float64:
            keep = (np.abs(t.nearest) >= TINY) | (t.nearest == 0)
        chosen = torch.from_numpy(keep)
        scores.append(score(x[chosen], computed[chosen], t[keep], None if unit is None else unit[keep]))
    return scores[0], scores[1], y, slope


@ALL
@DTYPES
def test_value(case: Case, dtype: torch.dtype) -> None:
    found, _, y, _ = judge(case, dtype)
    bar, _reason = EXCEPTIONS.get((str(case), dtype), (BARS[dtype], ""))
    assert found.worst <= bar, str(found)
    assert found.lost == 0 or bar == float("inf"), str(found)
    assert not torch.isnan(y).any()


@ALL
@DTYPES
def test_derivative(case: Case, dtype: torch.dtype) -> None:
    _, found, _, slope = judge(case, dtype)
    assert found.worst <= BARS[dtype], str(found)
    assert not torch.isnan(slope).any()


@ALL
@DTYPES
def test_ends(case: Case, dtype: torch.dtype) -> None:
    """At the infinities and at NaN the kernels give what the composite gives, sign of zero aside."""
    x = torch.tensor([float("inf"), -float("inf"), float("nan")], dtype=dtype)
    for fast, plain in zip(case.fused(x), case.slopes(x, 1), strict=True):
        # a gated unit's derivative by its value is a function of its gate, which is finite here: two roundings apart
        tolerance = 2 * torch.finfo(dtype).eps if case.activation.kind == "gated" else 0
        torch.testing.assert_close(fast, plain, rtol=tolerance, atol=0, equal_nan=True)
