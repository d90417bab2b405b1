"""The torch writer: a formula as Python text over torch and :mod:`nonlin.kernels.numerics`, one function a formula."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from nonlin.formula.symbols import PrimitiveFunction
from nonlin.writers.printer import Printer, assignments


class TorchPrinter(Printer):
    """Spells a formula over tensors of one dtype; ``like`` is the tensor that gives dtype, device and shape."""

    column = "torch"

    def __init__(self, like: str) -> None:
        self._like = like

    def like(self) -> str:
        return self._like

    def infinity(self, positive: bool) -> str:
        return "inf" if positive else "-inf"

    def no_number(self) -> str:
        return "nan"

    def root_power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        root = self.square_root(self.expression(base))  # evaluated once; torch multiplies squares and cubes
        return self.general_power(root, self.number(sp.Integer(exponent.p)))

    def square_root(self, base: str) -> str:
        return f"torch.sqrt({base})"

    def general_power(self, base: str, exponent: str) -> str:
        return f"torch.pow({base}, {exponent})"


def source(
    expr: sp.Expr,
    names: Sequence[str],
    *,
    limits: tuple[sp.Expr | None, sp.Expr | None] | None = None,
    keep_nan: bool = False,
) -> str:
    """``def formula(<names>)`` for ``expr``; the first name is the tensor that the formula is a function of.

    Args:
        limits: where given, NaN at a non-NaN x becomes the limit on x's side (inf * 0 far out, and at +-inf itself).
        keep_nan: where True, NaN in gives NaN out although no branch taken mentions x.
    """
    like = names[0]
    printer = TorchPrinter(like)
    if not expr.has(sp.Symbol(like, real=True)):
        value = printer.expression(expr)
        lifted = [(name, f"tensor({name}, {like})") for name in _in_functions(expr, like)]
        body = f"torch.full_like({like}, {value})" if expr.is_number else f"torch.zeros_like({like}) + {value}"
        return _function(names, lifted, body)
    pairs, (result,) = assignments(printer, [expr])
    inside = sorted({name for part in (expr, *filter(None, limits or ())) for name in _in_functions(part, like)})
    pairs = [*((name, f"tensor({name}, {like})") for name in inside), *pairs]
    if limits is not None:
        low, high = ("nan" if value is None else printer.expression(value) for value in limits)
        result = f"settle({result}, {like}, {low}, {high})"
    elif keep_nan:
        result = f"keep_nan({result}, {like})"
    return _function(names, pairs, result)


def _in_functions(expr: sp.Expr, like: str) -> list[str]:
    """The parameters that a function is called of without x: torch's functions take no plain numbers."""
    x = sp.Symbol(like, real=True)
    found = {
        symbol.name
        for part in sp.preorder_traversal(expr)
        if not part.has(x) and (_calls(part) or (part.is_Pow and part.exp != -1))
        for symbol in part.free_symbols
    }
    return sorted(found)


def _calls(part: sp.Basic) -> bool:
    """Whether it is a function of torch's; comparisons and choices take numbers as well."""
    return isinstance(part, PrimitiveFunction) and not (part.row.condition or part.row.name == "where")


def _function(names: Sequence[str], pairs: list[tuple[str, str]], result: str) -> str:
    lines = [f"    {name} = {text}" for name, text in pairs]
    return "\n".join([f"def formula({', '.join(names)}):", *lines, f"    return {result}", ""])
