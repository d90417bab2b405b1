"""Calculus on declared formulas: parsing with assumptions, derivatives, conditions, rounding.

Everything here is symbolic (SymPy) and cheap enough to run at the first use of a formula that a user defines; for the
catalogue it runs once, when the derived records are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp
from sympy.core.parameters import distribute

from nonlin.formula.declaration import Activation
from nonlin.formula.grammar import parse
from nonlin.formula.symbols import FUNCTIONS, PrimitiveFunction, Where, textbook

_SYMPY = {
    "exp": sp.exp, "expm1": lambda u: sp.exp(u) - 1, "log": sp.log, "log1p": lambda u: sp.log(1 + u),
    "sin": sp.sin, "cos": sp.cos, "tanh": sp.tanh, "sinh": sp.sinh, "cosh": sp.cosh, "asinh": sp.asinh,
    "atan": sp.atan, "erf": sp.erf, "abs": sp.Abs, "sign": sp.sign,
}  # fmt: skip


def symbols(activation: Activation) -> dict[str, sp.Symbol]:
    """The formula's symbols, with what the parameters' bounds let SymPy assume."""
    table = {name: sp.Symbol(name, real=True) for name in activation.inputs}
    for p in activation.parameters:
        positive = p.low > 0 or (p.low == 0 and p.open_low)
        sign = {"positive": True} if positive else {"nonnegative": True} if p.low == 0 else {"real": True}
        table[p.name] = sp.Symbol(p.name, **sign)
    return table


@lru_cache(maxsize=2048)
def _formula(text: str, names: tuple[sp.Symbol, ...]) -> sp.Expr:
    return parse(text, {symbol.name: symbol for symbol in names})


def expression(activation: Activation, *, stable: bool = True) -> sp.Expr:
    """The formula as an expression: the stable form where one is declared, or the textbook form."""
    names = tuple(symbols(activation).values())
    return _formula(activation.stable if stable and activation.stable else activation.formula, names)


def elementary(expr: sp.Expr) -> sp.Expr:
    """``expr`` in SymPy's own functions, free of ours; conditions become ``Piecewise``."""
    expr = textbook(expr)

    def convert(node: sp.Basic) -> sp.Basic:
        if not node.args:
            return node
        args = [convert(argument) for argument in node.args]
        if isinstance(node, Where):
            return sp.Piecewise((args[1], args[0]), (args[2], True))
        if isinstance(node, PrimitiveFunction):
            return _convert_call(node.row.name, args)
        return node.func(*args)

    return convert(expr)


def _convert_call(name: str, args: list[sp.Basic]) -> sp.Basic:
    relations = {
        "greater": sp.Gt,
        "greater_equal": sp.Ge,
        "less": sp.Lt,
        "less_equal": sp.Le,
        "both": sp.And,
        "either": sp.Or,
    }
    return relations[name](*args) if name in relations else _SYMPY[name](*args)


def derivative(expr: sp.Expr, name: str) -> sp.Expr:
    """The derivative with respect to the symbol called ``name``, over one denominator where the formula is algebraic.

    A sum of fractions cancels in the tails: softsign' = 1/(1+|x|) - |x|/(1+|x|)^2 has lost every digit at 3e7, while
    1/(1+|x|)^2 is right to the last.
    """
    symbol = next((s for s in expr.free_symbols if s.name == name), None)
    if symbol is None:
        return sp.Integer(0)
    with distribute(False):
        raw = _touching(_isolated(sp.diff(expr, symbol)))
        return _one_denominator(raw)


def _touching(expr: sp.Expr) -> sp.Expr:
    """1 plus a multiple of a sine or cosine as a multiple of a square: where it touches 0 the sum has lost its digits."""
    sin, cos = FUNCTIONS["sin"], FUNCTIONS["cos"]

    def square(waves: frozenset[sp.Expr], sign: int) -> sp.Expr | None:
        """1 + sign * the product of the waves, or of twice it for a sine times its cosine."""
        if len(waves) == 2:
            u = next(iter(waves)).args[0]
            return (sin(u) + sign * cos(u)) ** 2 if waves == {sin(u), cos(u)} else None
        (wave,) = waves
        half = wave.args[0] / 2
        if isinstance(wave, sin):
            return (sin(half) + sign * cos(half)) ** 2
        return 2 * (cos(half) if sign > 0 else sin(half)) ** 2

    def rewrite(sum_: sp.Expr) -> sp.Expr:
        others = [term for term in sum_.args if term != 1]
        if len(others) != 1 or len(sum_.args) != 2:
            return sum_
        (term,) = others
        sign = -1 if term.could_extract_minus_sign() else 1
        waves = frozenset(f for f in sp.Mul.make_args(sign * term) if isinstance(f, sin | cos))
        factor = sign * term / sp.Mul(*waves)
        found = square(waves, sign) if 1 <= len(waves) <= 2 and not factor.has(PrimitiveFunction) else None
        if found is None:
            return sum_
        factor = factor / len(waves)
        return (1 - factor) + factor * found

    return expr.replace(lambda e: e.is_Add, rewrite)


def _isolated(expr: sp.Expr) -> sp.Expr:
    """Comparisons with their numbers on one side: x + 3 >= 6 holds of a rounded sum one step too early, x >= 3 does not."""

    def move(call: PrimitiveFunction) -> sp.Expr:
        left, right = call.args
        number = left.as_coeff_Add()[0]
        return call.func(left - number, right - number)

    return expr.replace(
        lambda e: isinstance(e, PrimitiveFunction) and e.row.condition and e.args[0].is_Add and e.args[1].is_number,
        move,
    )


def _one_denominator(expr: sp.Expr) -> sp.Expr:
    calls = expr.atoms(PrimitiveFunction)
    kinks = {call.args[0] for call in calls}
    fractions = any(p.exp.is_negative for p in expr.atoms(sp.Pow) if p.exp.is_number and not p.is_number)
    if not fractions or len(kinks) > 1 or any(call.row.name not in ("abs", "sign") for call in calls):
        return expr
    sign = sp.Symbol("sign", real=True)
    plain = expr.replace(FUNCTIONS["abs"], lambda u: sign * u).replace(FUNCTIONS["sign"], lambda u: sign)
    numerator, denominator = sp.fraction(sp.together(plain))
    if kinks:
        numerator = sp.expand(numerator).replace(
            lambda e: e.is_Pow and e.base == sign, lambda e: sign ** (int(e.exp) % 2)
        )
    joined = sp.factor(sp.expand(numerator)) / denominator
    joined = (
        sp.factor(sp.cancel(joined))
        if not joined.atoms(sp.Pow) - {p for p in joined.atoms(sp.Pow) if p.exp.is_Integer}
        else joined
    )
    for kink in kinks:
        joined = joined.subs(sign * kink, FUNCTIONS["abs"](kink)).subs(sign, FUNCTIONS["sign"](kink))
    return joined


def conditions(expr: sp.Expr) -> list[sp.Expr]:
    """Every comparison in ``expr``, also those inside relu, clip, abs and sign, as ``left - right``."""
    kinked = expr.replace(
        lambda e: isinstance(e, PrimitiveFunction) and e.row.piecewise and e.row.textbook is not None,
        lambda e: e.textbook(),
    )
    found = []
    for call in sorted(kinked.atoms(PrimitiveFunction), key=str):
        if call.row.name in ("abs", "sign"):
            found.append(call.args[0])
        elif call.row.condition and call.row.name not in ("both", "either"):
            found.append(call.args[0] - call.args[1])
    return found


def substitute(expr: sp.Expr, parameters: Mapping[str, float]) -> sp.Expr:
    """``expr`` with numbers for its parameters (floats enter exactly; infinities as infinities)."""
    by_name = {symbol.name: symbol for symbol in expr.free_symbols}
    return expr.subs({by_name[n]: _exact(v) for n, v in parameters.items() if n in by_name}, simultaneous=True)


def _exact(value: float) -> sp.Expr:
    if value in (float("inf"), float("-inf")):
        return sp.oo if value > 0 else -sp.oo
    text = repr(value)  # the shortest decimal that names this float: what the caller wrote
    return sp.Rational(text)


def effective(activation: Activation, values: Mapping[str, float]) -> dict[str, float]:
    """Parameter values as the formula uses them: from ``unlimited_from`` on, infinity."""
    known = {p.name: p for p in activation.parameters}
    return {name: known[name].effective(value) if name in known else value for name, value in values.items()}


def roundings(expr: sp.Expr) -> int:
    """How many roundings an evaluation makes on its worst path: 0 (selections), 1, or 2 for "many".

    Formulas with at most one rounding are correctly rounded in the input's own dtype; the others are computed wider.
    """
    if expr.is_Symbol or expr.is_Integer:
        return 0
    if expr.is_number:
        return 1
    if isinstance(expr, Where):
        condition, a, b = expr.args
        if any(roundings(side) for side in condition.args) or condition.free_symbols - {sp.Symbol("x", real=True)}:
            return 2  # a threshold that the dtype cannot hold decides wrongly next to it
        return max(roundings(a), roundings(b))
    if isinstance(expr, PrimitiveFunction) and expr.row.piecewise:
        return min(2, expr.row.roundings + max(roundings(argument) for argument in expr.args))
    if isinstance(expr, sp.Mul | sp.Add) and all(argument.is_Symbol or argument.is_number for argument in expr.args):
        negation = isinstance(expr, sp.Mul) and expr.args[0] == -1
        count = len(expr.args) - 1 - negation
        return min(2, count)
    return 2


__all__ = [
    "conditions", "derivative", "effective", "elementary", "expression", "roundings", "substitute", "symbols",
]  # fmt: skip
