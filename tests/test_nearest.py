"""Which functions of the catalogue a function is: affine copies are found, broken ones are not, lines are refused."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

import nonlin
from nonlin.catalogue import declarations
from nonlin.formula.primitives import PRIMITIVES
from nonlin.kernels.composite import numpy_function
from nonlin.neighbours import Neighbour, formulas, nearest

POINTWISE = [a for a in declarations().values() if a.kind in ("pointwise", "stochastic") and not a.rule]


def first(neighbours: tuple[Neighbour, ...], name: str) -> Neighbour:
    return next(n for n in neighbours if n.name == name)


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("silu", "0.4 * (1.7 * x - 0.3) * sigmoid(1.7 * x - 0.3) - 2"),
        ("tanh", "-3 * tanh(0.6 * x + 0.4) + 1"),
        ("relu", "2.5 * relu(0.37 - x)"),
        ("hardtanh", "clip(1.3 * x, -0.6, 1.1)"),
        ("gelu", "(1.4 * x + 0.2) * normal_cdf(1.4 * x + 0.2)"),
        ("cosine", "sin(2.2 * x + 0.9)"),
        ("gaussian", "-exp(-(1.2 * x - 0.7)**2) + x * 0"),
    ],
)
def test_an_affine_copy_is_found_to_the_last_digits(name: str, copy: str) -> None:
    found = first(nearest(copy, limit=25), name)
    assert found.distance < 1e-9
    x = np.linspace(-3, 3, 61)
    again = found.a * formulas.declared(declarations()[name])(found.b * x + found.c) + found.d
    np.testing.assert_allclose(again, formulas.written(copy)(x), rtol=0, atol=1e-8)


@pytest.mark.parametrize("broken", ["x * sigmoid(x + 0.2)", "tanh(x) + 0.05 * x", "where(x > 0, x, 0.05 * x**2)"])
def test_a_broken_copy_is_not(broken: str) -> None:
    assert nearest(broken)[0].distance > 1e-4


def test_a_nearly_straight_or_constant_function_is_near_to_nothing() -> None:
    """Without the straight line as the yardstick everything would lie near to 100 x + tanh(x)."""
    for found in nearest("100 * x + tanh(x)"):
        assert found.distance > 0.01
    for straight in ("3 * x + 1", "0 * x + 2", "identity"):
        with pytest.raises(ValueError, match="straight line"):
            nearest(straight)


def test_a_formula_a_name_and_a_callable_are_one() -> None:
    by_name = nearest("mish", limit=3)
    assert "mish" not in {n.name for n in by_name}
    by_formula = nearest("x * tanh(log(1 + exp(x)))", limit=4)
    assert by_formula[0].name == "mish"
    assert [n.name for n in by_formula[1:]] == [n.name for n in by_name]
    by_call = nearest(torch.nn.Mish(), limit=2)
    assert [n.name for n in by_call] == [n.name for n in by_formula[:2]]
    assert by_call[0].distance < 1e-12
    assert nearest("leaky_relu(0.3)", limit=1)[0].distance > 1e-4
    assert nearest("where(x > 0, x, a * x)", a=0.01, limit=1)[0].name == "leaky_relu"


def test_the_distance_is_the_root_mean_square_against_a_line() -> None:
    found = nearest("x * normal_cdf(x) + 0.1 * x**2", limit=1)[0]
    z = torch.randn(2_000_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64).numpy()
    y = formulas.written("x * normal_cdf(x) + 0.1 * x**2")(z)
    fitted = found.a * formulas.declared(declarations()[found.name])(found.b * z + found.c) + found.d
    slope, intercept = np.polyfit(z, y, 1)
    share = math.sqrt(np.mean((y - fitted) ** 2) / np.mean((y - slope * z - intercept) ** 2))
    assert found.distance == pytest.approx(share, rel=0.02)


def test_every_primitive_has_its_numpy() -> None:
    hidden = {row.name for row in PRIMITIVES.values() if row.condition}
    assert set(formulas.FUNCTIONS) == set(PRIMITIVES) - hidden | {"sqrt"}


@pytest.mark.parametrize("activation", POINTWISE, ids=lambda a: a.name)
def test_numpy_agrees_with_the_formula(activation: nonlin.Activation) -> None:
    x = np.array([-7.0, -2.5, -0.3, 0.4, 1.9, 6.0])
    expected = numpy_function(activation, 0, activation.defaults)(x)
    np.testing.assert_allclose(formulas.declared(activation)(x), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("target", "error", "said"),
    [
        ("x * sgmoid(x)", nonlin.FormulaError, "unknown function .did you mean 'sigmoid'"),
        ("a * relu(x)", nonlin.FormulaError, "'a' .* is an unknown name.* a=1.0"),
        ("x * ", nonlin.FormulaError, "not a formula"),
        ("x.__class__", nonlin.FormulaError, "not allowed in a formula"),
        ("softmax", TypeError, "softmax is rowwise; expected a function of one number"),
        ("geluu", nonlin.UnknownNameError, "did you mean 'gelu'"),
        (3, TypeError, "got int; expected a formula"),
    ],
)
def test_what_has_no_neighbours(target: object, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        nearest(target)


def test_the_command_needs_neither_torch_nor_sympy() -> None:
    code = (
        "import sys\nfrom nonlin.cli import main\n"
        "main(['nearest', 'x * sigmoid(k * x)', '--set', 'k=1.7', '--limit', '3', '--format', 'json'])\n"
        "print(sorted({'torch', 'sympy', 'mpmath', 'scipy'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    told = json.loads(done.stdout)
    assert len(told["nearest"]) == 3
    assert told["nearest"][0]["name"] == "silu"
    assert told["nearest"][0]["b"] == pytest.approx(1.7)
