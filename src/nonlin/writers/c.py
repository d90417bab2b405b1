"""The C writer: a formula as a C function over ``T``, compiled for float, for double, and for double that becomes float.

The text names no precision: ``T`` is the type, ``C(number)`` a constant of it, ``NL(name)`` the primitive of that precision
(``kernels/c``). Where a primitive's argument is itself computed, its rounding error is computed along with it (``NL(pair)``)
and put back by the primitive's own derivative: rounding 1.702 x costs sigmoid(1.702 x) up to 350 ULP in its tail otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import sympy as sp

from nonlin.formula.calculus import elementary
from nonlin.formula.symbols import PrimitiveFunction, Where
from nonlin.writers.printer import MAX_DIVISOR, Printer, assignments

ONCE = ("exp", "log", "tanh", "sech2", "erf")  # what formulas ask of a parameter alone
VARIES, FIXED = "argument", "fixed"  # pairs that depend on x, and of parameters alone
TABLES = frozenset({"sin", "cos", "sinc", "spherical_j1", "spherical_j2"})
MAX_MULTIPLIED_POWER = 16  # as products; beyond, a call of pow


class CPrinter(Printer):
    """Spells a formula over scalars of type ``T``."""

    column = "c"

    def __init__(self, arguments: Iterable[sp.Symbol] = ()) -> None:
        self._pairs = frozenset(arguments)  # what is held as a value and its rounding error

    def expression(self, expr: sp.Expr) -> str:
        if expr.is_Symbol:
            return f"{expr.name}.high" if expr in self._pairs else symbol(expr)
        return super().expression(expr)

    def call(self, expr: PrimitiveFunction) -> str:
        text = super().call(expr)
        fixed = _of_parameters(expr)
        if isinstance(expr, Where) and (
            fixed or all(_computed(side) for side in expr.args[1:]) or _reads_a_table(expr)
        ):
            return f"NL(choose{'_once' if fixed else ''})({', '.join(map(self.expression, expr.args))})"
        if expr.row.name in ONCE and fixed:
            text = text.replace(f"NL({expr.row.name})", f"NL({expr.row.name}_once)", 1)
        if not (len(expr.args) == 1 and expr.args[0] in self._pairs):
            return text
        (argument,) = expr.args
        if expr.row.turns:
            return f"NL({expr.row.name}_at)({argument.name}.high, {argument.name}.low)"
        slope = CPrinter(self._pairs).plain(expr.diff(argument))
        return f"NL(corrected)({text}, {slope}, {argument.name}.low)"

    def product(self, expr: sp.Expr) -> str:
        """A joint factor by a function of its own, which rounds once less than the product."""
        calls = [f for f in expr.args if isinstance(f, PrimitiveFunction) and f.row.joint]
        rest = expr / calls[0] if len(calls) == 1 else expr
        if len(calls) != 1 or rest.is_number:
            return super().product(expr)
        at, argument = self.argument(calls[0])
        return f"NL(times_{calls[0].row.name}{at})({self.expression(rest)}, {argument})"

    def argument(self, call: PrimitiveFunction) -> tuple[str, str]:
        """What a joint primitive's name ends in, and its argument: a pair is given as its two parts."""
        (argument,) = call.args
        if argument in self._pairs:
            return "_at", f"{argument.name}.high, {argument.name}.low"
        return "", self.expression(argument)

    def sum(self, expr: sp.Expr) -> str:
        """Products join by fused multiply-add: one rounding for both, and the same in every loop. A joint primitive and its
        derivative, each with its factor, are one call, which computes their exponential once and rounds their sum once."""
        terms = list(expr.args)
        lines = [self.line(*found) for found in _lines(terms)]
        ordered = sorted(terms, key=lambda term: (_is_product(term), term.is_number, sp.default_sort_key(term)))
        text = lines.pop() if lines else self.expression(ordered.pop(0))
        for line in lines:
            text = f"({text} + {line})"
        for term in ordered:
            negative = term.could_extract_minus_sign()
            positive = -term if negative else term
            if _is_product(positive):
                *most, last = sorted(positive.args, key=lambda f: (f.is_Symbol, sp.default_sort_key(f)))
                product = self.grouped(sp.Mul(*most))
                text = f"NL_FMA({'-' if negative else ''}{product}, {self.grouped(last)}, {text})"
            else:
                text = f"({text} {'-' if negative else '+'} {self.grouped(positive)})"
        return text

    def line(self, call: PrimitiveFunction, factor: sp.Expr, slope_factor: sp.Expr) -> str:
        """``factor f(u) + slope_factor f'(u)``; beside an argument that is a pair, the second factor is one as well: where
        the terms cancel its rounding shows."""
        at, argument = self.argument(call)
        text = f"NL({call.row.name}_line{at})({argument}, {self.expression(factor)}"
        if not at:
            return f"{text}, {self.expression(slope_factor)})"
        if _arithmetic(slope_factor) and not slope_factor.free_symbols & self._pairs:
            return f"{text}, {_compensated(slope_factor)})"
        return f"{text}, NL(exactly)({self.expression(slope_factor)}, C(0.0)))"

    def plain(self, expr: sp.Expr) -> str:
        """``expr`` without corrections: a slope that itself multiplies a rounding error needs none."""
        values = {pair: sp.Symbol(f"{pair.name}.high", real=True) for pair in self._pairs}
        return _Plain().expression(expr.xreplace(values))

    def number(self, expr: sp.Expr) -> str:
        text = super().number(expr)
        return text if text.startswith(("C(", "(")) else f"C({text})"

    def infinity(self, positive: bool) -> str:
        return f"C({'' if positive else '-'}__builtin_inf())"

    def no_number(self) -> str:
        return 'C(__builtin_nan(""))'

    def over(self, text: str, divisor: sp.Expr) -> str:
        return f"NL(over)({text}, {self.number(divisor)[2:-1]})"

    def square_root(self, base: str) -> str:
        return f"NL(sqrt)({base})"

    def general_power(self, base: str, exponent: str) -> str:
        return f"NL(pow)({base}, {exponent})"

    def power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        if exponent.is_Integer and 2 <= exponent <= MAX_MULTIPLIED_POWER:
            if exponent % 2:
                return f"({self.grouped(base)} * {self.power(base, exponent - 1)})"
            half = self.grouped(base) if exponent == 2 else self.power(base, exponent / 2)
            return f"NL(square)({half})"
        return super().power(base, exponent)


def _lines(terms: list[sp.Expr]) -> list[tuple[PrimitiveFunction, sp.Expr, sp.Expr]]:
    """(f(u), a, b) for every a f(u) + b f'(u) among ``terms``, which lose them."""
    found = []
    for term in tuple(terms):
        for call in (f for f in sp.Mul.make_args(term) if isinstance(f, PrimitiveFunction) and f.row.joint):
            slope = call.fdiff()
            partner = next((t for t in terms if t is not term and slope in sp.Mul.make_args(t)), None)
            if term in terms and partner is not None:
                found.append((call, term / call, partner / slope))
                terms.remove(term)
                terms.remove(partner)
    return found


def _of_parameters(expr: sp.Expr) -> bool:
    """Whether it is the same at every element, such as a limit: a branch of it would be left in the loop."""
    return all(symbol(s).startswith("p_") and not s.name.startswith(VARIES) for s in expr.free_symbols)


def _computed(expr: sp.Expr) -> bool:
    """Whether it calls a function that rounds often: two of these one in each branch keep a loop from becoming vector code."""
    return any(call.row.roundings > 1 for call in expr.atoms(PrimitiveFunction))


def _is_product(term: sp.Expr) -> bool:
    """Whether it multiplies and does not divide: what a fused multiply-add takes."""
    positive = -term if term.could_extract_minus_sign() else term
    factors = positive.args if positive.is_Mul else ()
    divided = any(f.is_Pow and f.exp.is_number and f.exp.is_negative for f in factors if not f.is_number)
    numbers = sp.Mul(*(f for f in factors if f.is_number))
    return bool(factors) and not divided and not (numbers.is_Rational and 1 < numbers.q <= MAX_DIVISOR)


class _Plain(CPrinter):
    def expression(self, expr: sp.Expr) -> str:
        return str(expr.name) if expr.is_Symbol and expr.name.endswith(".high") else super().expression(expr)


def symbol(expr: sp.Symbol) -> str:
    """A symbol's name in C: parameters get a prefix, so that none is a word of C."""
    return str(expr.name) if expr.name == "x" or expr.name.startswith("t_") else f"p_{expr.name}"


def function(
    name: str,
    expr: sp.Expr,
    names: Sequence[str],
    *,
    limits: tuple[sp.Expr | None, sp.Expr | None] | None = None,
    keep_nan: bool = False,
) -> str:
    """``T NAME(T x, T p_...)`` for ``expr``; ``limits`` and ``keep_nan`` as in :func:`nonlin.writers.torch.source`."""
    expr, pairs = _pairs(expr)
    printer = CPrinter([pair for pair, _ in pairs])
    steps, (result,) = assignments(printer, [expr], prefix="t_")
    lines = [f"const NL(pair) {pair.name} = {_compensated(argument)};" for pair, argument in pairs]
    lines += [f"const T {step} = {text};" for step, text in steps]
    if limits is not None:
        low, high = (printer.no_number() if value is None else printer.expression(value) for value in limits)
        result = f"NL(settle)({result}, x, {low}, {high})"
    if keep_nan:
        result = f"(x != x ? x : {result})"
    given = ", ".join("T x" if n == "x" else f"T p_{n}" for n in names)
    return "\n".join(
        [f"INLINE T NL({name})({given}) {{", *(f"    {line}" for line in lines), f"    return {result};", "}"]
    )


def _pairs(expr: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Symbol, sp.Expr]]]:
    """``expr`` with a symbol for every rounded argument of a primitive, and what each stands for."""
    found: dict[sp.Expr, sp.Symbol] = {}
    for call in sorted(expr.atoms(PrimitiveFunction), key=sp.default_sort_key):
        if len(call.args) == 1 and call.row.roundings > 1 and _rounded(call.args[0]):
            kind = FIXED if _of_parameters(call.args[0]) else VARIES
            found.setdefault(call.args[0], sp.Symbol(f"{kind}{len(found)}", real=True))
    replaced = expr.replace(
        lambda e: isinstance(e, PrimitiveFunction) and len(e.args) == 1 and e.args[0] in found,
        lambda e: e.func(found[e.args[0]]),
    )
    return replaced, [(pair, argument) for argument, pair in found.items()]


def _rounded(argument: sp.Expr) -> bool:
    """Whether it is arithmetic on symbols that rounds: not a symbol, its negative or a power of two of it."""
    if argument.is_number or argument.has(PrimitiveFunction):
        return False
    coefficient, rest = argument.as_coeff_Mul()
    if rest.is_Symbol:
        numerator, denominator = (abs(int(k)) for k in sp.Rational(coefficient).as_numer_denom())
        exact = coefficient.is_Rational and not (numerator & (numerator - 1) or denominator & (denominator - 1))
        return not exact
    return _arithmetic(argument)


def _arithmetic(expr: sp.Expr) -> bool:
    """Whether it is sums, products and whole powers of symbols and numbers."""
    return not expr.has(PrimitiveFunction) and all(p.exp.is_Integer for p in expr.atoms(sp.Pow) if not p.is_number)


def _compensated(expr: sp.Expr) -> str:
    """``expr`` as a pair: the value, and what rounding took from it."""
    if expr.is_Symbol:
        return f"NL(exactly)({symbol(expr)}, C(0.0))"
    if expr.is_number:
        return _compensated_number(expr)
    if expr.is_Add or expr.is_Mul:
        number, others = expr.as_independent(*expr.free_symbols, as_Add=expr.is_Add)
        if len(sp.Add.make_args(number) if expr.is_Add else sp.Mul.make_args(number)) > 1:  # one constant, rounded once
            both = f"{_compensated_number(number)}, {_compensated(others)}"
            return f"NL({'sum' if expr.is_Add else 'product'})({both})"
        first, *rest = sorted(expr.args, key=lambda e: (not e.is_number, e.is_Symbol, sp.default_sort_key(e)))
        text = _compensated(first)
        for term in rest:
            if expr.is_Mul and term.is_Pow and term.exp.is_negative:
                text = f"NL(divided)({text}, {_compensated(term.base**-term.exp)})"
            else:
                text = _joined("sum" if expr.is_Add else "product", text, term)
        return text
    if expr.exp.is_negative:
        return f"NL(divided)(NL(constant)(1.0, 0.0), {_compensated(expr.base**-expr.exp)})"
    if expr.base.is_Symbol:
        text = f"NL(product_of)({symbol(expr.base)}, {symbol(expr.base)})"
        factors = int(expr.exp) - 2
    else:
        text, factors = _compensated(expr.base), int(expr.exp) - 1
    for _ in range(factors):
        text = _joined("product", text, expr.base)
    return text


def _joined(kind: str, text: str, term: sp.Expr) -> str:
    """A pair plus or times another term; what is exact brings no error of its own."""
    if term.is_Symbol:
        return f"NL({kind}_with)({text}, {symbol(term)})"
    return f"NL({kind})({text}, {_compensated(term)})"


def _compensated_number(expr: sp.Expr) -> str:
    """A constant and what its double leaves of it; in float the header splits the double itself."""
    value = sp.N(elementary(expr), 60)
    high = float(value)
    low = float(value - sp.Float(Fraction(high).numerator, 60) / Fraction(high).denominator)
    return f"NL(constant)({high!r}, {low!r})"


def _reads_a_table(expr: sp.Expr) -> bool:
    """Whether it calls a function that does: behind a branch its loads would be masked, which keeps a loop out of vector code."""
    return any(call.row.name in TABLES for call in expr.atoms(PrimitiveFunction))
