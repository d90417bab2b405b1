"""The C kernels against the oracle: f and f' in every dtype, at every 16-bit number and over a sweep of the wider ones.

Of the formulas that torch does not have, those are judged that call each function of the kernels once (tests/catalogue.py);
benchmarks/accuracy.py judges all, and its record is held to the same bars and to today's formulas (test_records.py).
The bars and the units are those of tests/judging.py.
"""

from __future__ import annotations

from functools import cache

import pytest
import torch

from tests.catalogue import JUDGED
from tests.judging import BARS, bar, judged, truth_at
from tests.paths import compiles
from tests.points import every, sweep
from tests.scalar_cases import Case, cases, varied
from tests.ulp import Score

pytestmark = pytest.mark.skipif(not compiles(), reason="no C compiler: there are no kernels to judge")

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
    truth = truth_at(case, dtype, points)
    of_value, of_slope = (judged(case, dtype, points, truth, k, computed) for k, computed in enumerate((y, slope)))
    return of_value, of_slope, y, slope


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
