"""Composites in bfloat16 and float16 against the oracle: every seventh number, value and derivative, correctly rounded.

Kernels are judged at all 65,536 patterns (test_kernel_accuracy.py). STEP is odd, so that every mantissa's last bits occur.
"""

from __future__ import annotations

from functools import cache

import pytest
import torch

from tests.oracle import Array
from tests.points import every
from tests.scalar_cases import Case, cases
from tests.ulp import Score, score

BAR = 0.51
STEP = 7
ALL = pytest.mark.parametrize("case", [c for c in cases() if c.activation.torch_name], ids=str)
BOTH = pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)


@cache
def judge(case: Case, dtype: torch.dtype) -> tuple[list[Score], list[torch.Tensor]]:
    """The scores of f and f' at these values, and what nonlin computes for f, f' and f''."""
    points: Array = every(dtype)[::STEP]
    x = torch.from_numpy(points).to(dtype)
    computed = case.slopes(x, 2)
    return [score(x, y, t) for y, t in zip(computed, case.oracle.rough(points, 1), strict=False)], computed


@ALL
@BOTH
def test_value_and_derivative_are_correctly_rounded(case: Case, dtype: torch.dtype) -> None:
    scores, computed = judge(case, dtype)
    for order, found in enumerate(scores):
        assert found.worst <= BAR, f"derivative {order}: {found}"
        assert found.lost == 0, f"derivative {order}: {found}"
    for order, y in enumerate(computed):
        assert not torch.isnan(y).any(), f"derivative {order} is NaN at a finite x"


@ALL
@BOTH
def test_nan_patterns_give_nan(case: Case, dtype: torch.dtype) -> None:
    patterns = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(dtype)
    nans = patterns[torch.isnan(patterns)]
    assert len(nans) == {torch.bfloat16: 254, torch.float16: 2046}[dtype]
    assert torch.isnan(case(nans)).all()
