"""How a formula behaves on the real line: its breakpoints, its limits at both ends, its poles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import mpmath
import sympy as sp

from nonlin.formula.calculus import conditions, effective, elementary, expression, substitute
from nonlin.formula.declaration import Activation
from nonlin.formula.symbols import PrimitiveFunction, Where


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
