"""The C writer: what it prints, and that it names nothing of C."""

from __future__ import annotations

import pytest
import sympy as sp

import nonlin
from nonlin import registry
from nonlin.formula import calculus
from nonlin.formula.grammar import parse
from nonlin.kernels.spec import names
from nonlin.writers import c

X = sp.Symbol("x", real=True)


def body(text: str, *parameters: str) -> str:
    table = {"x": X, **{p: sp.Symbol(p, real=True) for p in parameters}}
    return c.function("formula", parse(text, table), ["x", *parameters])


@pytest.mark.parametrize(
    ("formula", "printed"),
    [
        ("x*sigmoid(x)", "NL(times_sigmoid)(x, x)"),
        ("3*x*logistic_pdf(x) + 2*sigmoid(x)", "NL(sigmoid_line)(x, C(2.0), (C(3.0) * x))"),
        ("x*sigmoid(1.702*x)", "NL(times_sigmoid_at)(x, argument0.high, argument0.low)"),
        ("tanh(x) + x*sech2(x)", "NL_FMA(NL(sech2)(x), x, NL(tanh)(x))"),
        ("relu(x)**2", "NL(square)(NL(relu)(x))"),
        ("clip(x + 3, 0, 6)/6", "NL(over)(NL(clip)((x + C(3.0)), C(0.0), C(6.0)), 6.0)"),
        ("where(x > 0, x, expm1(x))", "((x > C(0.0)) ? x : NL(expm1)(x))"),
        ("x*exp(x) + tanh(x)", "NL_FMA(NL(exp)(x), x, NL(tanh)(x))"),
        ("1/(1 + x*x)", "(C(1.0) / (NL(square)(x) + C(1.0)))"),
    ],
)
def test_expressions(formula: str, printed: str) -> None:
    assert printed in body(formula)


def test_a_rounded_argument_carries_its_error() -> None:
    text = body("sigmoid(1.702*x)")
    assert "const NL(pair) argument0 = NL(product_with)(NL(constant)(1.702, 4.263256414560601e-17), x);" in text
    assert "NL(corrected)(NL(sigmoid)(argument0.high), NL(logistic_pdf)(argument0.high), argument0.low)" in text


@pytest.mark.parametrize("formula", ["sigmoid(x)", "sigmoid(-x)", "sigmoid(2*x)", "sigmoid(x/4)", "tanh(softplus(x))"])
def test_an_exact_argument_carries_nothing(formula: str) -> None:
    assert "pair" not in body(formula)


def test_parameters_are_never_words_of_c() -> None:
    text = body("double*x + tanh(int*x)", "double", "int")
    assert "T p_double, T p_int" in text


def test_every_formula_and_its_derivative_is_spelled() -> None:
    for name in registry.names(kind="pointwise"):
        activation = nonlin.find(name)
        expr = calculus.expression(activation)
        for function in (expr, calculus.derivative(expr, "x")):
            text = c.function("formula", function, names(activation))
            assert text.startswith("INLINE T NL(formula)(T x")
            assert "nan" not in text.replace("__builtin_nan", "")
