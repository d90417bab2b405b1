"""Composites in float32 and float64 against the oracle, over the whole range: value, first and second derivative.

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
from tests.ulp import Score, errors, lost, score

# The dense sweep is for what torch has too; benchmarks/accuracy.py makes it over all, test_kernel_accuracy.py judges all kernels.
ALL = pytest.mark.parametrize("case", [c for c in [*cases(), *varied()] if c.activation.torch_name], ids=str)
SINGLE = 0.51  # correctly rounded but for float64's own error
SINGLE_AT_ZEROS = 1.0  # f' next to its zeros, where float64 itself has cancelled
DOUBLE = 4.0
TINY = 2.0**-1000
STEP = 2  # of the points at which kernels are judged

# The exceptions, each with the bar that does hold and its reason.
SINGLE_EXCEPTIONS = {
    "leaky_relu": (1.0, "one product in float32, bit for bit torch's: the slope 0.01 is rounded to float32 before it"),
}
DOUBLE_PLAIN_EXCEPTIONS = {
    "gelu_tanh": (2000.0, "the cubic in the exponent is rounded; x f'/f is up to 2,100"),
    "quick_gelu": (1000.0, "1.702 x in the exponent is rounded; x f'/f is up to 710"),
    "softplus(beta=1.5, threshold=25.25)": (
        float("inf"),
        "beta * x is rounded, and overflows above 1.2e308, where softplus(x) is still finite",
    ),
}
DOUBLE_SLOPE = 8.0  # a derivative is a product or two of three or four primitives, each rounded a few times


@cache
def _points(case: Case, dtype: torch.dtype) -> tuple[torch.Tensor, Array, list[Truth], list[torch.Tensor]]:
    """(points as a tensor, as float64, the truth of f, f', f'', what nonlin computes)."""
    points = sweep(case, dtype)[::STEP]
    x = torch.from_numpy(points).to(dtype)
    truth = (
        case.oracle.truth(points, 2)
        if dtype is torch.float64
        else [Truth(t, np.zeros_like(t)) for t in case.oracle.rough(points, 2)]
    )
    return x, points, truth, case.slopes(x, 2)


def judge(case: Case, dtype: torch.dtype, order: int) -> tuple[Score, Score]:
    """The plain and the local score of f (order 0), f' (1) or f'' (2: the plain one twice, away from breakpoints)."""
    x, points, truth, computed = _points(case, dtype)
    y, t = computed[order], truth[order]
    keep = np.ones(len(points), dtype=bool)
    if dtype is torch.float64:
        keep &= (np.abs(t.nearest) >= TINY) | (t.nearest == 0)
    if order == 2:
        keep &= ~np.isin(points, [0.0, *case.breakpoints])
    scale = _scale(points, truth, order)[keep] if order < 2 else None
    chosen = torch.from_numpy(keep)
    return score(x[chosen], y[chosen], t[keep]), score(x[chosen], y[chosen], t[keep], scale)


def _scale(points: Array, truth: list[Truth], order: int) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.nan_to_num(np.abs(points * truth[order + 1].nearest), posinf=0.0)


def vanished(case: Case, dtype: torch.dtype, order: int) -> Array:
    """The points where 0 stands for a normal number and is not within 4 local ULP of it."""
    _, points, truth, computed = _points(case, dtype)
    far = errors(computed[order], truth[order], _scale(points, truth, order)) > DOUBLE
    return points[lost(computed[order], truth[order]) & far]


@ALL
def test_float32_value(case: Case) -> None:
    plain, _ = judge(case, torch.float32, 0)
    bar, _reason = SINGLE_EXCEPTIONS.get(str(case), (SINGLE, ""))
    assert plain.worst <= bar, str(plain)
    assert plain.lost == 0, str(plain)


@ALL
def test_float32_derivative(case: Case) -> None:
    plain, local = judge(case, torch.float32, 1)
    assert local.worst <= SINGLE, str(local)
    assert plain.worst <= SINGLE_AT_ZEROS, str(plain)
    assert plain.lost == 0, str(plain)


@ALL
def test_float32_second_derivative(case: Case) -> None:
    plain, _ = judge(case, torch.float32, 2)
    assert plain.worst <= SINGLE_AT_ZEROS, str(plain)
    assert plain.lost == 0, str(plain)


@ALL
def test_float64_value(case: Case) -> None:
    plain, local = judge(case, torch.float64, 0)
    bar, _reason = DOUBLE_PLAIN_EXCEPTIONS.get(str(case), (DOUBLE, ""))
    assert plain.worst <= bar, str(plain)
    assert plain.worst > DOUBLE or str(case) not in DOUBLE_PLAIN_EXCEPTIONS, (
        f"the exception of {case} is no longer needed"
    )
    assert local.worst <= DOUBLE or bar == float("inf"), str(local)


@ALL
def test_float64_derivative(case: Case) -> None:
    _, local = judge(case, torch.float64, 1)
    assert local.worst <= DOUBLE_SLOPE, str(local)


@ALL
@pytest.mark.parametrize("order", [0, 1])
def test_no_normal_result_vanishes_in_float64(case: Case, order: int) -> None:
    assert not vanished(case, torch.float64, order).size


@ALL
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_nothing_is_nan_at_a_finite_point(case: Case, dtype: torch.dtype) -> None:
    _, points, _, computed = _points(case, dtype)
    for order, y in enumerate(computed):
        assert not torch.isnan(y).any(), f"derivative {order} is NaN at x = {points[torch.isnan(y).numpy()][0]!r}"
