"""What all writers of program text share: one recursive walk over a formula, spelled by a column of the table.

A writer is a subclass that names its column and spells numbers, sums, products and powers; it knows no activation.
"""

from __future__ import annotations

from typing import ClassVar

import sympy as sp

from nonlin.formula.calculus import elementary
from nonlin.formula.symbols import FUNCTIONS, PrimitiveFunction

MAX_DIVISOR = 64  # x / 6 rounds once, x * 0.1666 twice; 0.044715 stays a decimal
MAX_UNROLLED_POWER = 4  # x**4 as products; beyond, a call of pow
MAX_ROOT_POWER = 7  # x**(7/2) as a root and products; beyond, a call of pow


class Printer:
    """Formula to an infix expression of some language."""

    column: ClassVar[str]

    def expression(self, expr: sp.Expr) -> str:
        if expr.is_Symbol:
            return str(expr.name)
        if expr.is_number and not expr.has(PrimitiveFunction):
            return self.number(expr)
        if expr.is_number:
            return self.number(elementary(expr))
        if isinstance(expr, PrimitiveFunction):
            return self.call(expr)
        if isinstance(expr, sp.Abs):  # what SymPy makes of sqrt(x**2)
            return self.call(FUNCTIONS["abs"](expr.args[0]))
        if expr.is_Add:
            return self.sum(expr)
        if expr.is_Mul:
            return self.product(expr)
        if expr.is_Pow:
            return self.power(expr.base, expr.exp)
        raise TypeError(f"{type(self).__name__} cannot spell {type(expr).__name__} in {expr}")

    def call(self, expr: PrimitiveFunction) -> str:
        template: str = getattr(expr.row, self.column)
        return template.format(*(self.expression(argument) for argument in expr.args), like=self.like())

    def like(self) -> str:
        """What a template's ``{like}`` becomes: a tensor that gives dtype, device and shape."""
        return ""

    def number(self, expr: sp.Expr) -> str:
        if expr.is_Integer:
            return f"{int(expr)}.0"
        if expr is sp.nan:
            return self.no_number()
        if expr.is_infinite:
            return self.infinity(expr == sp.oo)
        return repr(float(sp.N(expr, 20)))

    def no_number(self) -> str:
        raise NotImplementedError

    def infinity(self, positive: bool) -> str:
        raise NotImplementedError

    def sum(self, expr: sp.Expr) -> str:
        terms = sorted(expr.args, key=lambda term: (term.is_number, sp.default_sort_key(term)))
        text = self.expression(terms[0])
        for term in terms[1:]:
            negative = term.could_extract_minus_sign()
            text += f" {'-' if negative else '+'} {self.grouped(-term if negative else term)}"
        return f"({text})"

    def product(self, expr: sp.Expr) -> str:
        """Bounded factors first, plain symbols last: x * (bounded / 6) stays finite where (x * 6) / 6 would not."""
        if expr.could_extract_minus_sign():
            return f"(-{self.grouped(-expr)})"
        coefficient, rest = self.constant(expr)
        above: list[sp.Expr] = []
        below: list[sp.Expr] = []
        for factor in sp.Mul.make_args(rest):
            base, exponent = factor.as_base_exp()
            inverted = exponent.is_number and exponent.is_negative and not factor.is_number
            (below if inverted else above).append(sp.Pow(base, -exponent) if inverted else factor)
        above.sort(key=lambda f: (f.is_Symbol, sp.default_sort_key(f)))
        if coefficient.is_Rational and 1 < coefficient.q <= MAX_DIVISOR:
            below.insert(0, sp.Integer(coefficient.q))
            coefficient = sp.Integer(coefficient.p)
        if coefficient != 1 or not above:
            above.insert(0, coefficient)
        constant = [f for f in below if f.is_number]
        symbolic = [f for f in below if not f.is_number]
        text = self.grouped(above[0])
        if constant and len(above) > 1:  # divide by a number before the unbounded factor enters
            text = " * ".join(self.grouped(f) for f in above[:-1])
            for divisor in constant:
                text = self.over(text, divisor)
            text = f"{text} * {self.grouped(above[-1])}"
        else:
            text = " * ".join(self.grouped(f) for f in above)
            for divisor in constant:
                text = self.over(text, divisor)
        if symbolic:
            divisor = " * ".join(self.grouped(f) for f in symbolic)
            text += f" / ({divisor})" if len(symbolic) > 1 else f" / {divisor}"
        return f"({text})"

    def over(self, text: str, divisor: sp.Expr) -> str:
        """``text`` divided by a number."""
        return f"({text} / {self.grouped(divisor)})"

    def constant(self, expr: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """A product as (one constant, the rest): 2*sqrt(2)/sqrt(pi) is one number, rounded once."""
        numbers, rest = expr.as_independent(*expr.free_symbols, as_Add=False)
        if numbers.is_Rational:
            return numbers, rest
        return sp.Float(sp.N(elementary(numbers), 30), 30), rest

    def power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        text = self.grouped(base)
        if exponent.is_Integer and 2 <= exponent <= MAX_UNROLLED_POWER and base.is_Symbol:
            return "(" + " * ".join([text] * int(exponent)) + ")"
        if exponent == sp.Rational(1, 2):
            return self.square_root(self.expression(base))
        if exponent.is_Rational and exponent.q == 2 and 1 < exponent.p <= MAX_ROOT_POWER:
            return self.root_power(base, exponent)
        if exponent.is_number and exponent.is_negative:
            inverse = self.expression(base) if exponent == -1 else self.power(base, -exponent)
            return f"({self.number(sp.Integer(1))} / {inverse if exponent != -1 else self.grouped(base)})"
        return self.general_power(self.expression(base), self.expression(exponent))

    def root_power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        """A half-integer power: u sqrt(u) is faster than a call of pow, and rounds no worse."""
        root = sp.Pow(base, sp.Rational(1, 2))
        return f"({self.power(base, exponent - root.exp) if exponent.p > 3 else self.grouped(base)} * {self.expression(root)})"

    def square_root(self, base: str) -> str:
        raise NotImplementedError

    def general_power(self, base: str, exponent: str) -> str:
        raise NotImplementedError

    def grouped(self, expr: sp.Expr) -> str:
        """``expr`` so that it may stand as a factor."""
        return self.expression(expr)


def assignments(printer: Printer, exprs: list[sp.Expr], prefix: str = "t") -> tuple[list[tuple[str, str]], list[str]]:
    """Common subexpressions as (name, text) pairs, then one text per expression."""
    pairs, reduced = sp.cse(exprs, symbols=sp.numbered_symbols(prefix, real=True), order="canonical")
    # a bare negative or a number is not worth a name; cse never makes one of a condition used once
    return [(str(name.name), printer.expression(expr)) for name, expr in pairs], [
        printer.expression(expr) for expr in reduced
    ]
