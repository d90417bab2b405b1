"""The oracle: the textbook formula at any precision, by elementary functions only.

It never sees a stable form or a safe primitive, so it shares no rounding behaviour with what it judges.
Derivatives are not taken from the symbolic derivative either, but numerically at a higher precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import sympy as sp

from nonlin.formula.calculus import effective, elementary, expression, substitute
from nonlin.formula.declaration import Activation
from nonlin.formula.symbols import textbook
from nonlin.writers.printer import Printer

DIGITS = 50


class MpmathPrinter(Printer):
    """Spells a textbook formula over a namespace ``m`` that has mpmath's names."""

    column = "mpmath"

    def number(self, expr: sp.Expr) -> str:
        if expr.is_Integer:
            return f"m.mpf({int(expr)})"
        if expr.is_Rational:
            return f"(m.mpf({expr.p})/{expr.q})"
        if expr.is_infinite:
            return "m.inf" if expr == sp.oo else "(-m.inf)"
        expr = elementary(expr)
        if expr == sp.pi:
            return "m.pi"
        if expr == sp.E:
            return "m.e"
        if expr.is_Add:
            return self.sum(expr)
        if expr.is_Mul:
            return "(" + " * ".join(self.number(factor) for factor in expr.args) + ")"
        if expr.is_Pow:
            return self.general_power(self.number(expr.base), self.number(expr.exp))
        if isinstance(expr, sp.Function):
            return f"m.{type(expr).__name__.lower()}({', '.join(self.number(a) for a in expr.args)})"
        raise TypeError(f"the oracle cannot spell the constant {expr}")

    def constant(self, expr: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        coefficient, rest = expr.as_coeff_Mul()  # irrational factors stay exact
        return coefficient, rest

    def power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        if exponent.is_Integer:
            return f"({self.expression(base)})**({int(exponent)})"
        return super().power(base, exponent)

    def square_root(self, base: str) -> str:
        return f"m.sqrt({base})"

    def general_power(self, base: str, exponent: str) -> str:
        return f"({base})**({exponent})"


def source(expr: sp.Expr, names: Sequence[str]) -> str:
    """Python text of ``expr``'s textbook form as a function of ``names`` over a namespace ``m``."""
    own = {
        s: sp.Symbol(f"{s.name}_", real=True) for s in expr.free_symbols if s.name == "m"
    }  # a parameter, not the namespace
    taken = ("m_" if name == "m" else name for name in names)
    return f"lambda {', '.join(taken)}: {MpmathPrinter().expression(textbook(expr.xreplace(own)))}"


def compile_expression(expr: sp.Expr, names: Sequence[str], namespace: Any = mpmath.mp) -> Callable[..., Any]:
    """``expr`` as a function over ``namespace`` (mpmath's context by default)."""
    # the text comes from the printer above, out of an expression that the grammar admitted
    function: Callable[..., Any] = eval(
        compile(source(expr, names), "<nonlin oracle>", "eval"), {"m": namespace, "__builtins__": {}}
    )
    return function


def function(activation: Activation, parameters: Mapping[str, float] | None = None) -> Callable[..., mpmath.mpf]:
    """The textbook formula at mpmath's current precision; +-inf gives the limit (nan where none exists), nan gives nan."""
    values = effective(activation, {**activation.defaults, **(parameters or {})})
    expr = substitute(expression(activation, stable=False), values)
    stable = substitute(expression(activation), values)  # for limits alone: textbook forms are inf / inf far out
    finite = compile_expression(expr, activation.inputs)
    if activation.inputs != ("x",):
        return finite

    def oracle(x: Any) -> mpmath.mpf:
        x = mpmath.mpf(x)
        if mpmath.isnan(x):
            return x
        if mpmath.isinf(x):
            from nonlin.formula.behaviour import limit  # which asks this writer for numbers

            value = limit(stable, 1 if x > 0 else -1)
            return (
                mpmath.nan
                if value is None
                else mpmath.mpf(sp.N(value, mpmath.mp.dps))
                if value.is_finite
                else mpmath.mpf(str(float(value)))
            )
        return finite(x)

    return oracle
