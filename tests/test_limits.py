"""At the ends of the range: infinities, NaN; and the same x gives the same bits wherever it stands.

The limits are not the formula's own: they are read off the oracle at 10^250, far beyond where anything still moves but
logarithms and sines: of those, it is asked at 10^300 as well whether they have grown or turned.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import copysign, inf, isinf, nan

import pytest
import torch
from torch import Tensor

from tests.catalogue import REPRESENTATIVES
from tests.scalar_cases import DTYPES, Case, cases, varied

# nonlin.contract.checks.limits judges all others, in test_contract.py
ALL = pytest.mark.parametrize("case", [c for c in [*cases(), *varied()] if c.activation in REPRESENTATIVES], ids=str)
EVERY_DTYPE = pytest.mark.parametrize("dtype", DTYPES, ids=str)
FAR = 1e250
NEARER = (1e150, 1.5e190, 1.7e200, 1e230)


@cache
def limits(case: Case, side: int) -> tuple[float, float]:
    """The limits of f and f' at -inf (side -1) or +inf (+1), from the oracle."""
    found = (float(ball) for ball in case.oracle.balls(side * FAR, 1))
    near = [[float(ball) for ball in case.oracle.balls(side * x, 1)] for x in NEARER]
    f, slope = (_end(v, [row[k] for row in near]) for k, v in enumerate(found))
    return f, slope


def _end(value: float, before: list[float]) -> float:
    if abs(value) < 1e-200:
        return 0.0
    steady = all(v * value > 0 for v in before)
    if isinf(value):  # so far out that float64 holds it no more
        return value if steady else nan
    if all(abs(v - value) <= 1e-12 * abs(value) for v in before):
        return value
    grown = [*map(abs, before), abs(value)]
    steady = steady and all(a < b for a, b in pairwise(grown))
    if abs(value) < 1e-60 and not steady:  # it dies away while it turns
        return 0.0
    return copysign(inf, value) if steady and grown[-1] > 1.05 * grown[-2] else nan


@ALL
@EVERY_DTYPE
@pytest.mark.parametrize("side", [-1, 1])
def test_infinity_gives_the_limit(case: Case, dtype: torch.dtype, side: int) -> None:
    value, slope = case.slopes(torch.tensor([side * inf], dtype=dtype), 1)
    expected = torch.tensor(limits(case, side), dtype=torch.float64).to(dtype)
    torch.testing.assert_close(
        torch.cat([value, slope]), expected, rtol=0.0 if dtype.itemsize == 2 else 1e-7, atol=0.0, equal_nan=True
    )


@ALL
@EVERY_DTYPE
def test_nan_gives_nan(case: Case, dtype: torch.dtype) -> None:
    for length in (1, 3, 37):
        x = torch.linspace(-3, 3, length).to(dtype)
        x[length // 2] = torch.nan
        value, slope = case.slopes(x, 1)
        assert torch.isnan(value).nonzero().flatten().tolist() == [length // 2], value
        if slope_depends(case):
            assert torch.isnan(slope).nonzero().flatten().tolist() == [length // 2], slope


def slope_depends(case: Case) -> bool:
    """False where f' is one number (the identity, a gate times its value): nothing of a NaN x enters it."""
    values = {float(b) for x in (-7.0, -0.3, 0.2, 0.7, 1.9, 7.0) for b in case.oracle.balls(x, 1)[1:]}
    return len(values) > 1


@ALL
@EVERY_DTYPE
def test_the_same_x_gives_the_same_bits(case: Case, dtype: torch.dtype) -> None:
    """In every length up to 67, at every offset, strided, transposed, alone and 0-d: value and derivative."""
    x = (torch.randn(67, dtype=torch.float64, generator=torch.Generator().manual_seed(7)) * 4).to(dtype)
    reference = _both(case, x)
    for length in range(1, 67):
        _same(_both(case, x[:length]), [r[:length] for r in reference], f"length {length}")
        _same(_both(case, x[length:]), [r[length:] for r in reference], f"offset {length}")
    columns = torch.zeros(67, 3, dtype=dtype)
    columns[:, 1] = x
    _same(_both(case, columns[:, 1]), reference, "strided")
    square = x[:64].reshape(8, 8)
    _same([r.T.reshape(-1) for r in _both(case, square.T)], [r[:64] for r in reference], "transposed")
    _same([r.reshape(1) for r in _both(case, x[5].reshape(()))], [r[5:6] for r in reference], "0-d")


def _both(case: Case, x: Tensor) -> list[Tensor]:
    """f and f' without copying x: its strides and offset are what is tested."""
    x = x.detach().requires_grad_()
    y = case(x)
    if not y.requires_grad:
        return [y, torch.zeros_like(x)]
    (slope,) = torch.autograd.grad(y, x, torch.ones_like(y))
    return [y.detach(), slope]


def _same(found: list[Tensor], expected: list[Tensor], where: str) -> None:
    for order, (a, b) in enumerate(zip(found, expected, strict=True)):
        assert torch.equal(a, b), f"derivative {order} differs: {where}"
