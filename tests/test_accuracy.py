"""float32 and float64 against the oracle, over the whole range: value, first and second derivative.

Two measures of error, both in ULP of the output dtype:

- plain: the unit is the spacing of the dtype at the true value. float32 is held to it everywhere, also next to zeros of
  the derivative;
- local: the unit is the spacing at max(|f(x)|, |x f'(x)|), and at max(|f'(x)|, |x f''(x)|) for the derivative: what moving x
  by one unit in its own last place does. float64 is held to it: there a composite has no wider arithmetic to lean on, so next to
  a zero of f', and where a rounded product enters an exponent, the plain error has no bound that a composite could meet.

float64 results below 2^-1000 are asked not to vanish while they are normal numbers: their factors are subnormal there.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from tests.oracle import Array, Truth
from tests.points import sweep
from tests.scalar_cases import Case, cases, varied
from tests.ulp import FORMATS, Score, errors, lost, score

ALL = pytest.mark.parametrize("case", (*cases(), *varied()), ids=str)
SINGLE = 0.51
DOUBLE = 4.0
DOUBLE_SLOPE = 4.0
TINY = 2.0**-1000

# The exceptions, each with the bar that holds and its reason.
SINGLE_EXCEPTIONS = {"leaky_relu": (1.0, "computed in float32, bit for bit as torch does: the slope 0.01 is rounded before it is used")}
SLOPE_EXCEPTIONS: dict[str, tuple[float, str]] = {}
AMPLIFIED = {
    "gelu_tanh": "the cubic in the exponent is rounded: |x f'/f| is up to 2,000",
    "quick_gelu": "1.702 x in the exponent is rounded: |x f'/f| is up to 700",
    "celu(alpha=1.5)": "",
}


@cache
def _points(case: Case, dtype: torch.dtype) -> tuple[torch.Tensor, Array, list[Truth], list[torch.Tensor]]:
    """(points as a tensor, as float64, the truth of f, f', f'', what nonlin computes)."""
    points = sweep(case, dtype)
    x = torch.from_numpy(points).to(dtype)
    truth = case.oracle.truth(points, 2) if dtype is torch.float64 else [Truth(t, np.zeros_like(t)) for t in case.oracle.rough(points, 2)]
    return x, points, truth, case.slopes(x, 2)


def judge(case: Case, dtype: torch.dtype, order: int) -> tuple[Score, Score]:
    """(plain, local) score of f (order 0), f' (1) or f'' (2: no local one, the plain one twice); f'' away from breakpoints."""
    x, points, truth, computed = _points(case, dtype)
    y, t = computed[order], truth[order]
    keep = np.ones(len(points), dtype=bool)
    if dtype is torch.float64:
        keep &= (np.abs(t.nearest) >= TINY) | (t.nearest == 0)
    if order == 2:
        keep &= ~np.isin(points, [0.0, *case.breakpoints])
    if order == 2:
        scale = None
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            scale = np.nan_to_num(np.abs(points * truth[order + 1].nearest), posinf=0.0)[keep]
    chosen = torch.from_numpy(keep)
    return score(x[chosen], y[chosen], t[keep]), score(x[chosen], y[chosen], t[keep], scale)
