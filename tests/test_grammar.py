"""The grammar of formulas: what is a formula, and that nothing else is ever executed."""

from __future__ import annotations

import time

import pytest
import sympy as sp

import nonlin
from nonlin.catalogue import declarations
from nonlin.errors import FormulaError
from nonlin.formula.grammar import KNOWN_FUNCTIONS, MAX_LENGTH, parse_formula
from nonlin.formula.primitives import PRIMITIVES

x = sp.Symbol("x", real=True)

CODE = [
    "__import__('os').system('touch /tmp/nonlin_was_here')",
    "x.__class__.__bases__[0].__subclasses__()",
    "x.real",
    "(lambda: x)()",
    "lambda x: x",
    "[x for x in (1, 2)]",
    "{x: 1}",
    "{x}",
    "(x, x)",
    "[x]",
    "x[0]",
    "f'{x}'",
    "f'{__import__(\"os\")}'",
    "'x'",
    "b'x'",
    "x if x > 0 else 0",
    "(y := x)",
    "exec('1')",
    "eval('x')",
    "open('/etc/passwd')",
    "getattr(x, 'real')",
    "print(x)",
    "*x",
    "await x",
    "yield x",
    "not x",
    "~x",
    "x @ x",
    "x // 2",
    "x % 2",
    "x << 2",
    "x | x",
    "x & x",
    "x ^ 2",
    "x == 0",
    "x != 0",
    "x is x",
    "x in x",
    "True",
    "None",
    "...",
    "1j * x",
    "x; x",
    "x = 1",
    "import os",
    "x\nx",
    "",
    "   ",
    "#",
    "x +",
    "((x)",
    "x\x00",
    "tanh",
    "tanh(x=1)",
    "tanh(*x)",
    "tanh(**x)",
    "tanh()",
    "tanh(x, x)",
    "sqrt()",
    "where(x, 1, 0)",
    "where(x > 0, x > 1, 0)",
    "(x > 0) * x",
    "x > 0",
    "y",
    "tahn(x)",
    "greater(x, 0)",
    "sigmoid(x)(x)",
    "x(2)",
    "1/0",
    "x/0",
    "0**-1",
    "0**x",
    "1e999 * x",
    "1e-999 * x",
    "0x10 * x",
]

BOMBS = {
    "power tower": "9**9**9",
    "power of a power": "((((9**64)**64)**64)**64)**64",
    "huge exponent": "x**1000000",
    "negative huge exponent": "x**-1000000",
    "symbolic exponent tower": "x**x**x**x**x**x**x**x",
    "deep parentheses": "(" * 500 + "x" + ")" * 500,
    "deep calls": "tanh(" * 200 + "x" + ")" * 200,
    "deep minus": "-" * 1500 + "x",
    "long text": "x" + " + x" * 1000,
    "long name": "a" * 1999,
    "many digits": "1" * 1990,
    "many factors": " * ".join(["9**64"] * 200),
    "nested roots": "sqrt(" * 100 + "x" + ")" * 100,
}
FINE = {"symbolic exponent tower", "many factors"}  # formulas indeed, and quickly parsed


@pytest.mark.parametrize("text", CODE, ids=repr)
def test_code_is_refused(text: str) -> None:
    with pytest.raises(FormulaError) as error:
        parse_formula(text)
    assert str(error.value).strip()
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_at_once(name: str) -> None:
    """Nothing of 2,000 characters keeps the parser busy."""
    start = time.process_time()
    try:
        parse_formula(BOMBS[name])
    except FormulaError:
        pass
    else:
        assert name in FINE
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize("value", [None, 3, b"x", ["x"], x])
def test_only_texts_are_formulas(value: object) -> None:
    with pytest.raises(FormulaError, match="a formula is a string"):
        parse_formula(value)  # type: ignore[arg-type]


def test_messages_show_the_place_and_the_remedy() -> None:
    with pytest.raises(
        FormulaError, match=r"'tahn\(x\)'|'tahn' in 'x \* tahn\(x\)' is an unknown function \(did you mean 'tanh'"
    ):
        parse_formula("x * tahn(x)")
    with pytest.raises(FormulaError, match="'y' in 'x \\* y' is an unknown name"):
        parse_formula("x * y")
    with pytest.raises(FormulaError, match=r"'tanh' in .* is a function: write tanh"):
        parse_formula("x * tanh")
    with pytest.raises(FormulaError, match=rf"has {MAX_LENGTH + 1} characters; at most {MAX_LENGTH}"):
        parse_formula("x" + " " * (MAX_LENGTH - 1) + "x")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x + 2 * 3", x + 6),
        ("2 ** 3 ** 2", sp.Integer(512)),
        ("-x**2", -(x**2)),
        ("+x", x),
        ("x / 4 - 1", x / 4 - 1),
        ("0.1 * x", sp.Rational(1, 10) * x),
        ("1_000 * x", 1000 * x),
        ("2.5e-3", sp.Rational(1, 400)),
        ("pi * e", sp.pi * sp.E),
        ("sqrt(4)", sp.Integer(2)),
    ],
)
def test_arithmetic(text: str, value: sp.Expr) -> None:
    """Numbers are exact: 0.1 is one tenth, not a float."""
    assert sp.simplify(parse_formula(text) - value) == 0


@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_every_known_function_parses(name: str) -> None:
    arity = PRIMITIVES[name].arity if name in PRIMITIVES else 1
    arguments = ["x > 0" if name == "where" else "x", "0.5", "0.25"][:arity]
    parse_formula(f"{name}({', '.join(arguments)})")


def test_comparisons_chain_and_join() -> None:
    for text in ("where(0 < x < 1, x, 0)", "where(x > 0 and x < 1, x, 0)", "where(x > 0 or x <= -1, x, 0)"):
        parse_formula(text)


@pytest.mark.parametrize(
    "activation", [a for a in declarations().values() if a.kind == "pointwise"], ids=lambda a: a.name
)
def test_the_catalogue_parses(activation: nonlin.Activation) -> None:
    for text in filter(None, (activation.formula, activation.stable)):
        free = parse_formula(text, ("x", *activation.defaults)).free_symbols
        assert {s.name for s in free} <= {"x", *activation.defaults}
