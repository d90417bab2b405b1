"""A formula as somebody would write it in torch: what a function is compared with where torch has none of its own.

It is the textbook form in single torch calls, in the tensor's own dtype, without the care for tails that nonlin's own
composite takes: that would make torch look slower than the code that people run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from torch import Tensor
from torch.nn import functional

from nonlin.formula import calculus
from nonlin.formula.declaration import Activation
from nonlin.formula.symbols import PrimitiveFunction
from nonlin.kernels.numerics import NAMESPACE
from nonlin.writers.printer import Printer, assignments

# rows of the table of primitives that nonlin's composite spells with more care than people do
_PLAIN = {
    "sin": "torch.sin({0})",
    "cos": "torch.cos({0})",
    "expm1": "torch.expm1({0})",
    "sinh": "torch.sinh({0})",
    "cosh": "torch.cosh({0})",
    "sigmoid": "torch.sigmoid({0})",
    "logistic_pdf": "(torch.sigmoid({0}) * torch.sigmoid(-{0}))",
    "softplus": "functional.softplus({0})",
    "sech2": "(1.0 - torch.square(torch.tanh({0})))",
    "normal_cdf": "torch.special.ndtr({0})",
    "normal_pdf": "(torch.exp(-0.5 * torch.square({0})) * 0.3989422804014327)",
    "tanh_residual": "({0} - torch.tanh({0}))",
}


class EagerPrinter(Printer):
    """One torch call for each function and operator of the formula."""

    column = "torch"

    def call(self, expr: PrimitiveFunction) -> str:
        template = _PLAIN.get(expr.row.name, expr.row.torch)
        return template.format(*(self.expression(argument) for argument in expr.args), like="x")

    def infinity(self, positive: bool) -> str:
        return "inf" if positive else "-inf"

    def power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        if exponent == 2:
            return f"torch.square({self.expression(base)})"
        if exponent.is_Integer and exponent > 2:
            return f"torch.pow({self.expression(base)}, {int(exponent)})"
        return super().power(base, exponent)

    def square_root(self, base: str) -> str:
        return f"torch.sqrt({base})"

    def general_power(self, base: str, exponent: str) -> str:
        return f"torch.pow({base}, {exponent})"


def source(activation: Activation, values: Mapping[str, float]) -> str:
    """``def formula(x, <learned parameters>)`` of a pointwise declaration, ``values`` written into it as numbers."""
    learned = [p.name for p in activation.learnable]
    numbers = {**activation.defaults, **values}
    fixed = {name: number for name, number in numbers.items() if name not in learned}
    expr = calculus.substitute(calculus.expression(activation, stable=False), calculus.effective(activation, fixed))
    pairs, (result,) = assignments(EagerPrinter(), [expr])
    if not expr.has(sp.Symbol("x", real=True)):
        result = f"torch.zeros_like(x) + {result}"
    lines = [f"    {name} = {text}" for name, text in pairs]
    return "\n".join([f"def formula({', '.join(['x', *learned])}):", *lines, f"    return {result}", ""])


def spelled(activation: Activation, values: Mapping[str, float]) -> Callable[..., Tensor]:
    """:func:`source` as a function."""
    scope: dict[str, Any] = {**NAMESPACE, "functional": functional}
    # of names that the grammar admitted
    exec(compile(source(activation, values), f"<{activation.name} in plain torch>", "exec"), scope)
    function: Callable[..., Tensor] = scope["formula"]
    return function
