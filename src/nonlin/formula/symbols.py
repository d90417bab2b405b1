"""The rows of the table of primitives as SymPy functions, differentiated by their own row."""

from __future__ import annotations

from typing import Any

import sympy as sp

from nonlin.formula.primitives import PRIMITIVES, Primitive

_ARGUMENTS = tuple(sp.Symbol(name, real=True) for name in ("u", "v", "w"))


class PrimitiveFunction(sp.Function):  # type: ignore[misc]  # sympy has no types
    """Base of all primitives: ``row`` is its row of the table."""

    row: Primitive
    is_real = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if self.row.derivative is None:
            return sp.S.Zero
        template = _derivative(self.row.name, argindex - 1)
        return template.subs(dict(zip(_ARGUMENTS, self.args, strict=False)), simultaneous=True)

    def textbook(self) -> sp.Expr:
        """The defining formula of this call, by elementary rows only."""
        if self.row.textbook is None:
            return self
        template = _textbook(self.row.name)
        return template.subs(dict(zip(_ARGUMENTS, self.args, strict=False)), simultaneous=True)


class Where(PrimitiveFunction):
    """``where(condition, a, b)``: the derivative keeps the condition, so the branch not taken never enters."""

    row = PRIMITIVES["where"]

    @classmethod
    def eval(cls, condition: Any, a: Any, b: Any) -> Any:
        if condition == 1:
            return a
        if condition == 0:
            return b
        if a == b:
            return a
        return None

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        condition, a, b = self.args
        return Where(condition, sp.diff(a, symbol), sp.diff(b, symbol))


class Sign(PrimitiveFunction):
    """``sign(u)``; its square is left to :mod:`nonlin.formula.calculus`."""

    row = PRIMITIVES["sign"]


def _comparison_eval(cls: Any, left: Any, right: Any) -> Any:
    """Numbers compare at once, infinities included, so an unused branch disappears from the formula."""
    if right in (sp.oo, -sp.oo) and left not in (sp.oo, -sp.oo):
        return sp.Integer((right == sp.oo) == cls.row.name.startswith("less"))  # a real x is below infinity
    if not (left.is_number and right.is_number):
        return None
    truth = {"greater": left > right, "greater_equal": left >= right, "less": left < right, "less_equal": left <= right}
    decided = {sp.true: sp.Integer(1), sp.false: sp.Integer(0)}
    return decided.get(
        truth[cls.row.name]
    )  # None, as of the size of a primitive's value: then it is compared when it is run


def _abs_eval(cls: Any, u: Any) -> Any:
    return abs(u) if u.is_Number else None


def _conjunction_eval(cls: Any, left: Any, right: Any) -> Any:
    neutral = 1 if cls.row.name == "both" else 0
    if left == neutral:
        return right
    if right == neutral:
        return left
    return sp.Integer(1 - neutral) if 1 - neutral in (left, right) else None


def _build() -> dict[str, type[PrimitiveFunction]]:
    built: dict[str, type[PrimitiveFunction]] = {"where": Where, "sign": Sign}
    for name, row in PRIMITIVES.items():
        if name in built:
            continue
        body: dict[str, Any] = {"row": row, "nargs": row.arity}
        if row.condition and row.arity == 2 and row.torch.count(" "):
            evaluate = _conjunction_eval if name in ("both", "either") else _comparison_eval
            body["eval"] = classmethod(evaluate)
        if name == "abs":
            body["eval"] = classmethod(_abs_eval)
        built[name] = type(name, (PrimitiveFunction,), body)
    return built


FUNCTIONS: dict[str, type[PrimitiveFunction]] = _build()

_templates: dict[tuple[str, str, int], sp.Expr] = {}


def _template(name: str, column: str, index: int, text: str) -> sp.Expr:
    from nonlin.formula.grammar import parse  # grammar names these classes: imported at the first derivative

    key = (name, column, index)
    if key not in _templates:
        _templates[key] = parse(text, {s.name: s for s in _ARGUMENTS[: PRIMITIVES[name].arity]})
    return _templates[key]


def _derivative(name: str, index: int) -> sp.Expr:
    derivative = PRIMITIVES[name].derivative
    assert derivative is not None
    return _template(name, "derivative", index, derivative[index])


def _textbook(name: str) -> sp.Expr:
    text = PRIMITIVES[name].textbook
    assert text is not None
    return _template(name, "textbook", 0, text)


def textbook(expr: sp.Expr) -> sp.Expr:
    """``expr`` with every safe primitive replaced by its defining formula."""
    while True:
        safe = [call for call in expr.atoms(PrimitiveFunction) if call.row.textbook is not None]
        if not safe:
            return expr
        expr = expr.replace(
            lambda e: isinstance(e, PrimitiveFunction) and e.row.textbook is not None, lambda e: e.textbook()
        )
