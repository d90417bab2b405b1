"""The limit of a function at an end of the real line, read off its values far out, in 60 digits."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import mpmath
import sympy as sp

# 10^k: the first show exponentials and powers, the last, where a logarithm has grown a hundredfold, logarithms
_FAR = (4, 8, 14, 20, 40, 400, 4000)
_LEAST = 4  # of them
_CAP = mpmath.mpf(10) ** 25  # exp beyond it is infinite: exp(exp(1e20)) would need more memory than there is

Function = Callable[..., mpmath.mpf]


class Capped:
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


def numeric_limit(expr: sp.Expr, side: int) -> sp.Expr | None:
    """The limit of an expression in x alone: 0, a rational, an infinity, or None."""
    from nonlin.writers.mpmath import compile_expression

    if expr.has(sp.nan, sp.zoo):  # a parameter at which the formula divides by zero
        return None
    return limit_of(compile_expression(expr, ("x",), Capped()), side)


def limit_of(function: Function, side: int) -> sp.Expr | None:
    """0, a rational, an infinity, or None where there is no limit."""
    with mpmath.workdps(60):
        try:
            values = [function(mpmath.mpf(side) * mpmath.mpf(10) ** k) for k in _FAR]
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
        while len(values) > _LEAST and mpmath.isnan(values[-1]):  # 0 times a capped exponential
            values.pop()
        if any(not mpmath.isfinite(v) or isinstance(v, mpmath.mpc) for v in values):
            return _beyond(values)
        *_, before, last = values
        size = [abs(v) for v in values]
        if size[-1] < mpmath.mpf(10) ** -6 and all(a >= b for a, b in itertools.pairwise(size)):
            return sp.Integer(0)
        if abs(last - before) <= mpmath.mpf(10) ** -10 * size[-1]:
            if size[-1] >= 10**6:
                return None
            return sp.nsimplify(sp.Float(str(last), 30), rational=True, tolerance=sp.Rational(1, 10**18))
        grows = all(1.2 * a < b for a, b in itertools.pairwise(size))
        if grows and all(v * last > 0 for v in values):
            return sp.oo if last > 0 else -sp.oo
    return None


def _beyond(values: list[mpmath.mpf]) -> sp.Expr | None:
    """The infinity that values have reached and stay at, sign and all."""
    if any(isinstance(v, mpmath.mpc) or mpmath.isnan(v) for v in values):
        return None
    last = values[-1]
    if mpmath.isinf(last) and all(v == last for v in values[-3:]):
        return sp.oo if last > 0 else -sp.oo
    return None
