"""How a formula behaves on the real line: its breakpoints, its limits at both ends, its poles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import mpmath
import sympy as sp

from nonlin.formula.calculus import conditions, effective, elementary, expression, substitute
from nonlin.formula.declaration import Activation
from nonlin.formula.limits import GIVE_UP, limit
from nonlin.formula.numeric_limits import Capped


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


def breakpoints(activation: Activation, parameters: Mapping[str, float] | None = None) -> tuple[float, ...]:
    """Where a branch of the formula changes."""
    values = effective(activation, {**activation.defaults, **(parameters or {})})
    return _breakpoints(substitute(expression(activation, stable=False), values))


def _breakpoints(expr: sp.Expr) -> tuple[float, ...]:
    x = sp.Symbol("x", real=True)
    points: set[float] = set()
    for boundary in conditions(expr):
        if not boundary.has(x):
            continue
        try:
            roots = sp.solveset(elementary(boundary), x, sp.S.Reals)
        except GIVE_UP:
            roots = None
        if isinstance(roots, sp.FiniteSet) and all(root.is_number for root in roots):
            points.update(float(root) for root in roots if root.is_real)
        elif not isinstance(roots, sp.FiniteSet) and roots != sp.S.EmptySet:
            points.update(_crossings(boundary))
    return tuple(sorted(points))


_GRID = [mpmath.mpf(k) / 16 + mpmath.mpf(1) / 97 for k in range(-800, 801)]  # [-50, 50], beside what is round


def _crossings(boundary: sp.Expr) -> list[float]:
    """Where an expression that SymPy cannot solve changes its sign near 0: two smooth functions meet in maximum, say."""
    from nonlin.writers.mpmath import compile_expression

    function = compile_expression(boundary, ("x",), Capped())
    found = []
    values = [function(x) for x in _GRID]
    for low, high, below, above in zip(_GRID, _GRID[1:], values, values[1:], strict=False):
        if below * above < 0:
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if function(middle) * below > 0 else (low, middle)
            found.append(float(low))
    return found


def singular_points(activation: Activation, parameters: Mapping[str, float]) -> tuple[sp.Expr, ...]:
    """Zeros of the formula's denominators and logarithms' arguments, as far as SymPy can solve for them."""
    x = sp.Symbol("x", real=True)
    expr = elementary(substitute(expression(activation), effective(activation, parameters)))
    inside = {p.base for p in expr.atoms(sp.Pow) if p.exp.could_extract_minus_sign()}
    inside |= {call.args[0] for call in expr.atoms(sp.log)}
    found: set[sp.Expr] = set()
    for zero_of in sorted((e for e in inside if e.has(x) and not _nonzero(e)), key=str):
        try:
            roots = sp.solveset(zero_of, x, sp.S.Reals)
        except GIVE_UP:
            continue
        if isinstance(roots, sp.FiniteSet):
            found.update(root for root in roots if root.is_real)
    return tuple(sorted(found, key=str))


def _nonzero(expr: sp.Expr) -> bool:
    """Whether the signs of its terms alone show that ``expr`` has no zero: solving for one may take seconds."""
    x = sp.Symbol("x", real=True)
    sides = (sp.Dummy(positive=True), sp.Dummy(negative=True))
    return all(expr.subs(x, side).is_nonzero for side in sides) and expr.subs(x, 0) != 0


def diverges(activation: Activation, parameters: Mapping[str, float], x: sp.Expr | float) -> bool:
    """Whether the formula is undefined, complex or unbounded next to ``x``, in 60 digits."""
    from nonlin.writers.mpmath import compile_expression

    expr = substitute(expression(activation), effective(activation, parameters))
    function = compile_expression(expr, ("x",), Capped())
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


__all__ = ["Analysis", "analyse", "breakpoints", "diverges", "limit", "singular_points"]
