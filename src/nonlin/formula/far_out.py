"""What an expression is far out on one side: every branch decided, exponentially small parts left out."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from nonlin.formula.calculus import elementary
from nonlin.formula.symbols import PrimitiveFunction, Where

Values = Mapping[sp.Symbol, sp.Expr]

# what a function is at an argument that is far out: (above, below); the rest is exponentially small
_TAILS: dict[str, tuple[int, int]] = {
    "sigmoid": (1, 0), "logistic_pdf": (0, 0), "sech2": (0, 0), "normal_cdf": (1, 0), "normal_pdf": (0, 0),
    "tanh": (1, -1), "erf": (1, -1), "tanh_softplus": (1, 0), "tanh_softplus_slope": (0, 0),
}  # fmt: skip


def at_infinity(expr: sp.Expr, side: int, x: sp.Symbol, values: Values, *, tails: bool = False) -> sp.Expr:
    """``expr`` with every branch decided as it is far out on one side at these values, so that no condition on x is left.

    With ``tails``, what differs from a constant or a line by less than any power of x becomes it.
    """
    far = sp.Integer(side * 10**12)

    def decide(node: sp.Basic) -> sp.Basic:
        if isinstance(node, Where):
            condition = decide_condition(node.args[0])
            if condition is not None:
                return decide(node.args[1] if condition else node.args[2])
        if not node.has(x):
            return node
        if isinstance(node, PrimitiveFunction) and node.row.piecewise and node.row.textbook is not None:
            return decide(node.textbook())
        if isinstance(node, PrimitiveFunction) and node.row.name in ("abs", "sign"):
            inside = decide(node.args[0])
            sign = sign_far_out(inside)
            if sign is not None:
                return sign * inside if node.row.name == "abs" else sp.Integer(sign)
        if tails and isinstance(node, PrimitiveFunction) and len(node.args) == 1:
            inside = decide(node.args[0])
            value = tail(node.row.name, inside)
            return node.func(inside) if value is None else value
        return node.func(*(decide(argument) for argument in node.args)) if node.args else node

    def tail(name: str, inside: sp.Expr) -> sp.Expr | None:
        if not inside.has(x):
            return None
        size = elementary(inside).subs(values).subs(x, far).evalf(15)
        if not size.is_real or abs(size) < 10**6:
            return None
        if name in _TAILS:
            return sp.Integer(_TAILS[name][0 if size > 0 else 1])
        if name == "softplus":
            return inside if size > 0 else sp.Integer(0)
        if name in ("exp", "expm1") and size < 0:
            return sp.Integer(0 if name == "exp" else -1)
        return None

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
        value = elementary(inside).subs(values).subs(x, far).evalf(15)
        return int(sp.sign(value)) if value.is_real else None

    return decide(expr)
