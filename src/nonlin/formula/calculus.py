"""Calculus on declared formulas: parsing with assumptions, derivatives, behaviour at infinity, breakpoints, rounding.

Everything here is symbolic (SymPy) and cheap enough to run at the first use of a formula that a user defines; for the
catalogue it runs once, when the derived records are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import mpmath
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
        table[p.name] = sp.Symbol(p.name, positive=True) if positive else sp.Symbol(p.name, real=True)
    return table


@lru_cache(maxsize=2048)
def _formula(text: str, names: tuple[tuple[str, bool], ...]) -> sp.Expr:
    table = {n: sp.Symbol(n, positive=True) if positive else sp.Symbol(n, real=True) for n, positive in names}
    return parse(text, table)


def expression(activation: Activation, *, stable: bool = True) -> sp.Expr:
    """The formula as an expression: the stable form where one is declared, or the textbook form."""
    names = tuple((name, bool(symbol.is_positive)) for name, symbol in symbols(activation).items())
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
        raw = _isolated(sp.diff(expr, symbol))
        return _one_denominator(raw)


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


@dataclass(frozen=True)
class Analysis:
    """What calculus says of a formula of ``x`` at given parameter values."""

    breakpoints: tuple[float, ...]
    limits: tuple[float | None, float | None]


def analyse(activation: Activation, parameters: Mapping[str, float] | None = None) -> Analysis:
    """Breakpoints (where a branch of the formula changes) and limits at -inf and +inf, None where there is none."""
    values = {**activation.defaults, **(parameters or {})}
    expr = substitute(expression(activation, stable=False), effective(activation, values))
    stable = substitute(expression(activation), effective(activation, values))
    low, high = (limit(stable, side) for side in (-1, +1))
    return Analysis(_breakpoints(expr), (None if low is None else float(low), None if high is None else float(high)))


def effective(activation: Activation, values: Mapping[str, float]) -> dict[str, float]:
    """Parameter values as the formula uses them: from ``unlimited_from`` on, infinity."""
    unlimited = {p.name: p.unlimited_from for p in activation.parameters if p.unlimited_from is not None}
    return {n: float("inf") if n in unlimited and v >= unlimited[n] else v for n, v in values.items()}


def _breakpoints(expr: sp.Expr) -> tuple[float, ...]:
    x = sp.Symbol("x", real=True)
    points: set[float] = set()
    for boundary in conditions(expr):
        if not boundary.has(x):
            continue
        roots = sp.solveset(elementary(boundary), x, sp.S.Reals)
        if isinstance(roots, sp.FiniteSet):
            points.update(float(root) for root in roots if root.is_real)
    return tuple(sorted(points))


def singular_points(activation: Activation, parameters: Mapping[str, float]) -> tuple[sp.Expr, ...]:
    """Zeros of the formula's denominators and logarithms' arguments, as far as SymPy can solve for them."""
    x = sp.Symbol("x", real=True)
    expr = elementary(substitute(expression(activation), effective(activation, parameters)))
    inside = {p.base for p in expr.atoms(sp.Pow) if p.exp.could_extract_minus_sign()}
    inside |= {call.args[0] for call in expr.atoms(sp.log)}
    found: set[sp.Expr] = set()
    for zero_of in sorted((e for e in inside if e.has(x)), key=str):
        try:
            roots = sp.solveset(zero_of, x, sp.S.Reals)
        except (NotImplementedError, ValueError, TypeError, RecursionError, AttributeError):
            continue
        if isinstance(roots, sp.FiniteSet):
            found.update(root for root in roots if root.is_real)
    return tuple(sorted(found, key=str))


def diverges(activation: Activation, parameters: Mapping[str, float], x: sp.Expr | float) -> bool:
    """Whether the formula is undefined, complex or unbounded next to ``x``, in 60 digits."""
    from nonlin.writers.mpmath import compile_expression

    expr = substitute(expression(activation), effective(activation, parameters))
    function = compile_expression(expr, ("x",), _Capped())
    with mpmath.workdps(60):
        centre = mpmath.mpf(str(sp.N(x, 60)))
        for side in (-1, 1):
            try:
                far, near = (function(centre + side * mpmath.mpf(10) ** k) for k in (-20, -40))
            except (ZeroDivisionError, ValueError, OverflowError):
                return True
            if not (isinstance(near, mpmath.mpf) and mpmath.isfinite(near)):
                return True
            if abs(near) > 1 and abs(near) > 1.5 * abs(far):
                return True
    return False


def limit(expr: sp.Expr, side: int) -> sp.Expr | None:
    """The limit of ``expr`` as x goes to ``side`` infinity, as an expression in the parameters; None where none exists.

    Numerically first (at x = 1e4 ... 1e20, in 60 digits, for three values of every parameter): SymPy's own limit of a
    second derivative can take half a minute. Only where the limit depends on a parameter does SymPy find the expression.
    """
    x = sp.Symbol("x", real=True)
    parameters = sorted(expr.free_symbols - {x}, key=str)
    found = [
        _numeric_limit(expr.subs({p: sp.Rational(v) + i * sp.Rational(1, 8) for i, p in enumerate(parameters)}), side)
        for v in _SAMPLES
    ]
    if None in found:
        return None
    if all(value == found[0] for value in found):
        return found[0]
    try:
        value = sp.limit(elementary(_at_infinity(expr, side, x)), x, sp.oo if side > 0 else -sp.oo)
    except (NotImplementedError, ValueError, TypeError, RecursionError, AttributeError):
        return None
    return None if value.has(sp.AccumBounds, sp.nan, sp.zoo, x, sp.Limit) else value


_SAMPLES = ("1/2", "3/4", "5/4")
_FAR = (4, 8, 14, 20)
_CAP = mpmath.mpf(10) ** 25  # exp beyond it is infinite: exp(exp(1e20)) would need more memory than there is


class _Capped:
    """mpmath's names, with exponentials that end: what they would become beyond the cap, its limit takes the place of."""

    def __getattr__(self, name: str) -> object:
        return getattr(mpmath.mp, name)

    def exp(self, u: mpmath.mpf) -> mpmath.mpf:
        return (mpmath.inf if u > 0 else mpmath.mpf(0)) if abs(u) > _CAP else mpmath.exp(u)

    def expm1(self, u: mpmath.mpf) -> mpmath.mpf:
        return self.exp(u) - 1 if abs(u) > _CAP else mpmath.expm1(u)

    def cosh(self, u: mpmath.mpf) -> mpmath.mpf:
        return mpmath.inf if abs(u) > _CAP else mpmath.cosh(u)

    def sinh(self, u: mpmath.mpf) -> mpmath.mpf:
        return mpmath.inf * mpmath.sign(u) if abs(u) > _CAP else mpmath.sinh(u)

    def tanh(self, u: mpmath.mpf) -> mpmath.mpf:
        return mpmath.sign(u) if abs(u) > _CAP else mpmath.tanh(u)

    def erf(self, u: mpmath.mpf) -> mpmath.mpf:
        return mpmath.sign(u) if abs(u) > _CAP else mpmath.erf(u)


def _numeric_limit(expr: sp.Expr, side: int) -> sp.Expr | None:
    """The limit of an expression in x alone: 0, a rational, an infinity, or None."""
    from nonlin.writers.mpmath import compile_expression

    function = compile_expression(expr, ("x",), _Capped())
    with mpmath.workdps(60):
        try:
            values = [function(mpmath.mpf(side) * mpmath.mpf(10) ** k) for k in _FAR]
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
        if any(not mpmath.isfinite(v) or isinstance(v, mpmath.mpc) for v in values):
            return None
        a, b, c, d = values
        if abs(d) < mpmath.mpf(10) ** -6 and abs(d) <= abs(c) <= abs(b) <= abs(a):
            return sp.Integer(0)
        if abs(d - c) <= mpmath.mpf(10) ** -10 * abs(d):
            return (
                sp.nsimplify(sp.Float(str(d), 30), rational=True, tolerance=sp.Rational(1, 10**18))
                if abs(d) < 10**6
                else None
            )
        if abs(d) > abs(c) * 1.5 > abs(b) * 2.2 and d * c > 0 and d * b > 0:
            return sp.oo if d > 0 else -sp.oo
    return None


def _at_infinity(expr: sp.Expr, side: int, x: sp.Symbol) -> sp.Expr:
    """``expr`` with every branch decided as it is far out on one side, so that no condition on x is left."""
    far = sp.Integer(side * 10**12)

    def decide(node: sp.Basic) -> sp.Basic:
        if not node.has(x):
            return node
        if isinstance(node, PrimitiveFunction) and node.row.piecewise and node.row.textbook is not None:
            return decide(node.textbook())
        if isinstance(node, Where):
            condition = decide_condition(node.args[0])
            if condition is not None:
                return decide(node.args[1] if condition else node.args[2])
        if isinstance(node, PrimitiveFunction) and node.row.name in ("abs", "sign"):
            inside = decide(node.args[0])
            sign = sign_far_out(inside)
            if sign is not None:
                return sign * inside if node.row.name == "abs" else sp.Integer(sign)
        return node.func(*(decide(argument) for argument in node.args)) if node.args else node

    def decide_condition(node: sp.Basic) -> bool | None:
        if not isinstance(node, PrimitiveFunction):
            return None if not node.is_number else bool(node)
        name = node.row.name
        if name in ("both", "either"):
            parts = [decide_condition(argument) for argument in node.args]
            if None in parts:
                return None
            return all(parts) if name == "both" else any(parts)
        sign = sign_far_out(node.args[0] - node.args[1])
        if sign is None:
            return None
        return {"greater": sign > 0, "greater_equal": sign >= 0, "less": sign < 0, "less_equal": sign <= 0}[name]

    def sign_far_out(inside: sp.Expr) -> int | None:
        numbers = {s: sp.Integer(1) for s in inside.free_symbols if s != x}
        value = elementary(inside).subs(numbers).subs(x, far).evalf(15)
        return int(sp.sign(value)) if value.is_real else None

    return decide(expr)


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
    "Analysis", "analyse", "conditions", "derivative", "diverges", "effective", "elementary", "expression", "limit", "roundings",
    "singular_points", "substitute", "symbols",
]  # fmt: skip
