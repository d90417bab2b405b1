"""The oracle itself: against mpmath, against constants known by hand, and that it refuses what it cannot prove."""

from __future__ import annotations

import dataclasses
import math

import mpmath
import numpy as np
import pytest
import torch
from flint import arb, ctx

from nonlin.catalogue import declarations
from nonlin.contract.ulp import FORMATS
from nonlin.formula import calculus
from nonlin.formula.symbols import PrimitiveFunction
from nonlin.writers import mpmath as reference
from tests.oracle import Oracle, Truth, prove
from tests.scalar_cases import Case, cases
from tests.ulp import errors, lost

POINTS = (-745.25, -38.5, -5.0, -1.3125, -1e-3, -1e-30, 2e-20, 0.3, 1.125, 4.75, 88.5, 1e10)


def bringing_something_new() -> list[Case]:
    """Each case with a primitive that none before it has: formulas are combinations of what is tested then."""
    known: set[str] = set()
    found = []
    for case in cases():
        parts = {c.row.name for c in calculus.expression(case.activation, stable=False).atoms(PrimitiveFunction)}
        if not case.fixed and (case.activation.torch_name or parts - known):
            found.append(case)
            known |= parts
    return found


def _dyadic(value: float) -> float:
    return round(64 * value) / 64 if math.isfinite(value) else value


@pytest.mark.parametrize("case", bringing_something_new(), ids=str)
@pytest.mark.parametrize("order", [0, 1])
def test_agrees_with_mpmath(case: Case, order: int) -> None:
    # parameters that are the same number in binary and in decimal: one oracle takes the float, the other what was written
    case = dataclasses.replace(case, parameters={p.name: _dyadic(p.default) for p in case.activation.parameters})
    with mpmath.workdps(1200):  # (1 + erf)/2 at -38.5 has lost 325 digits
        function = reference.function(case.activation, case.parameters)
        for x in POINTS:
            (*_, ball) = case.oracle.balls(x, order)
            step = mpmath.mpf(2) ** -1200
            expected = function(mpmath.mpf(x)) if order == 0 else (function(x + step) - function(x - step)) / (2 * step)
            mantissa, exponent = ball.mid().man_exp()
            found = mpmath.mpf(int(mantissa)) * mpmath.mpf(2) ** int(exponent)
            assert abs(found - expected) <= abs(expected) * mpmath.mpf(2) ** -69 + mpmath.mpf(2) ** -1140, x


KNOWN = [
    ("silu", -1.2784645427610738, 0, -0.27846454276107380),  # the minimum is 1 + its place: x = -(1 + W(1/e))
    ("silu", 0.0, 1, 0.5),
    ("gelu", 1.0, 0, 0.84134474606854293),  # the normal distribution function at 1
    ("gelu", 0.0, 2, 0.79788456080286536),  # sqrt(2/pi)
    ("sigmoid", 0.0, 1, 0.25),
    ("tanh", 0.5493061443340548, 0, 0.5),  # artanh(1/2) = ln(3)/2
    ("softplus", 0.0, 0, 0.69314718055994531),  # ln 2
    ("mish", 0.0, 1, 0.6),  # tanh(ln 2) = 3/5
    ("tanhshrink", 1e-100, 0, 3.3333333333333333e-301),  # x^3/3
    ("selu", -1e30, 0, -1.7580993408473768),  # -scale * alpha
    ("softsign", -3.0, 1, 0.0625),
]


@pytest.mark.parametrize(("name", "x", "order", "value"), KNOWN)
def test_known_constants(name: str, x: float, order: int, value: float) -> None:
    truth = Oracle(declarations()[name]).truth([x], order)[order]
    assert truth.nearest[0] == pytest.approx(value, rel=1e-15)


def test_orders_do_not_disturb_each_other() -> None:
    """flint's series remember where they are cut off: a number kept from order 0 must not cut order 2 off."""
    oracle = Oracle(declarations()["silu"])
    oracle.balls(0.0, 0)
    assert [float(ball) for ball in oracle.balls(0.0, 2)] == [0.0, 0.5, 0.5]


def test_branches_are_decided_on_the_exact_x() -> None:
    oracle = Oracle(declarations()["hardshrink"])
    below, at, above = np.nextafter(0.5, 0), 0.5, np.nextafter(0.5, 1)
    assert [float(oracle.balls(x)[0]) for x in (below, at, above, -below, -above)] == [0, 0, above, 0, -above]


def test_refuses_what_it_cannot_prove() -> None:
    with pytest.raises(ArithmeticError, match="prove too little"):
        prove(lambda: [arb.pi() - arb.pi() + arb(1, 0.25)])


def test_leaves_flints_precision_alone() -> None:
    before = ctx.prec, ctx.cap
    Oracle(declarations()["gelu"]).balls(-38.0, 2)
    assert (ctx.prec, ctx.cap) == before


@pytest.mark.parametrize("dtype", FORMATS, ids=str)
def test_errors_count_units_in_the_last_place(dtype: torch.dtype) -> None:
    form = FORMATS[dtype]
    info = torch.finfo(dtype)
    assert (form.largest, form.smallest_normal) == (info.max, info.tiny)
    values = torch.tensor([1.0, -3.0, info.tiny, 2.0**form.lowest, info.max], dtype=dtype)
    exact = values.to(torch.float64).numpy()
    units = np.ldexp(1.0, form.unit(exact))
    moved = Truth(exact, np.ldexp(0.25, form.unit(exact) - FORMATS[torch.float64].unit(exact)))
    assert errors(values, exact).tolist() == [0.0] * 5
    assert errors(values, moved).tolist() == [0.25] * 5
    up = (
        torch.nextafter(values[:4], torch.full_like(values[:4], torch.inf))
        if dtype.itemsize > 2
        else torch.from_numpy(exact + units)[:4].to(dtype)
    )
    assert errors(up, exact[:4]).tolist() == [1.0] * 4


def test_overflow_and_loss() -> None:
    inf = torch.tensor([torch.inf], dtype=torch.float16)
    assert errors(inf, np.array([65520.0])).tolist() == [0.0]  # half a unit beyond 65504 rounds to infinity
    assert errors(inf, np.array([65519.0])).tolist() == [np.inf]
    assert errors(torch.tensor([torch.nan]), np.array([1.0])).tolist() == [np.inf]
    zero = torch.zeros(3, dtype=torch.float16)
    assert lost(zero, np.array([2.0**-14, 2.0**-15, 0.0])).tolist() == [True, False, False]
