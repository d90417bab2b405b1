"""Every formula of the literature's list against values that were computed elsewhere, and none of the list forgotten.

``data/catalogue_values.json`` holds, for each published function that the catalogue declares as a formula in one input, its
values at five points with the parameters of its publication; and for each that it does not declare, the reason. The values of
sau are the convolution of Leaky ReLU with a normal density, by quadrature. Those of aria are SiLU's, which it is at its
defaults, and those of spocu come from the formula that is declared: they guard against a slip, not against a wrong reading. Where
the list departs from the publication, the catalogue follows the publication: ``differs`` says how, and ``ours`` is what
the publication gives.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from nonlin.catalogue import declarations
from nonlin.formula import Activation, behaviour, calculus
from nonlin.formula.symbols import PrimitiveFunction
from nonlin.kernels.composite import numpy_function
from nonlin.writers.mpmath import compile_expression

DATA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "catalogue_values.json").read_text(encoding="utf-8")
)
VALUES: list[dict[str, Any]] = DATA["values"]
DIFFERING = [row for row in VALUES if "differs" in row]
DECLARED = {row["name"]: row["declared"] for row in VALUES} | DATA["other_kinds"]

each_value = pytest.mark.parametrize("row", VALUES, ids=lambda row: row["name"])
each_formula = pytest.mark.parametrize(
    "activation", [declarations()[row["declared"]] for row in VALUES], ids=lambda activation: activation.name
)

GRID = [mpmath.mpf(k) / 4 + mpmath.mpf(1) / 57 for k in range(-120, 121)]  # [-30, 30], beside every kink
FINITE = np.concatenate([sign * np.logspace(-300, 300, 601) for sign in (-1.0, 1.0)] + [np.linspace(-40.0, 40.0, 1601)])


def formula(activation: Activation, *, stable: bool, parameters: dict[str, float] | None = None) -> sp.Expr:
    """The formula with numbers for its parameters."""
    values = calculus.effective(activation, parameters or activation.defaults)
    return calculus.substitute(calculus.expression(activation, stable=stable), values)


def oscillates(activation: Activation) -> bool:
    """Whether it has a sine or a cosine in it, and so may have no limit."""
    return bool({call.row.name for call in formula(activation, stable=True).atoms(PrimitiveFunction)} & {"sin", "cos"})


@each_value
@pytest.mark.parametrize("stable", [False, True], ids=["formula", "stable"])
def test_values(row: dict[str, Any], stable: bool) -> None:
    activation = declarations()[row["declared"]]
    function = compile_expression(formula(activation, stable=stable, parameters=row["params"]), ("x",))
    with mpmath.workdps(50):
        for x, y in zip(row["test_x"], row.get("ours", row["test_y"]), strict=True):
            assert float(function(mpmath.mpf(x))) == pytest.approx(y, rel=1e-12, abs=1e-12), x


@each_value
def test_parameters_are_the_defaults(row: dict[str, Any]) -> None:
    assert row["params"] == declarations()[row["declared"]].defaults


@pytest.mark.parametrize("row", DIFFERING, ids=lambda row: row["name"])
def test_differences_are_still_there(row: dict[str, Any]) -> None:
    assert row["differs"]
    assert row["ours"] != pytest.approx(row["test_y"], rel=1e-12, abs=1e-12)


@each_formula
def test_the_stable_form_is_equal(activation: Activation) -> None:
    textbook, stable = (compile_expression(formula(activation, stable=s), ("x",)) for s in (False, True))
    with mpmath.workdps(120):  # textbook forms cancel: 50 digits are left of them
        for x in GRID:
            expected = textbook(x)
            assert abs(stable(x) - expected) <= mpmath.mpf(10) ** -50 * (1 + abs(expected)), x


@each_formula
def test_the_derivative_is_written_in_primitives(activation: Activation) -> None:
    slope = calculus.derivative(formula(activation, stable=True), "x")
    assert not slope.has(sp.Derivative, sp.Subs)
    found, expected = (compile_expression(expr, ("x",)) for expr in (slope, formula(activation, stable=False)))
    with mpmath.workdps(120):
        step = mpmath.mpf(10) ** -40
        for x in GRID[::3]:
            difference = (expected(x + step) - expected(x - step)) / (2 * step)
            assert abs(found(x) - difference) <= mpmath.mpf(10) ** -25 * (1 + abs(difference)), x


@each_formula
def test_nothing_is_nan_at_a_finite_point(activation: Activation) -> None:
    function = numpy_function(activation)
    assert not np.isnan(function(FINITE)).any()


@each_formula
@pytest.mark.parametrize("side", [0, 1], ids=["-inf", "+inf"])
def test_infinity_gives_the_limit(activation: Activation, side: int) -> None:
    (value,) = numpy_function(activation)(np.array([(-math.inf, math.inf)[side]]))
    if oscillates(activation) and math.isnan(value):
        return
    limit = behaviour.analyse(activation).limits[side]
    if limit is None:  # it grows like a logarithm: too slowly for its limit to be seen in numbers
        far = numpy_function(activation)(np.array([1e100, 1e300]) * (-1, 1)[side])
        assert math.isinf(value)
        assert abs(far[1]) > abs(far[0]) + 100
        assert far[1] * value > 0
    else:
        assert value == pytest.approx(limit, rel=1e-12, abs=1e-300)


def test_nothing_is_missing() -> None:
    """Each function of the list is declared, or is named with the reason why not; never both."""
    left = [name for names in DATA["left"].values() for name in names]
    assert all(DATA["left"]), "a reason is empty"
    assert len(left) == len(set(left))
    assert not set(left) & set(DECLARED)
    assert len(left) + len(DECLARED) == DATA["records"]
    assert not set(DECLARED.values()) - set(declarations())
    for name in left:
        assert name not in declarations(), (
            f"{name} is declared now: move it from the table of what is left to the values"
        )
