"""The oracle: true values with proved error bounds, by ball arithmetic (Arb, through python-flint).

What is evaluated is the *textbook* formula by elementary functions, in Taylor arithmetic: the derivatives are the
coefficients of the formula's power series at x, so neither a stable form, nor a safe primitive, nor the symbolic
derivative has a part in them. Textbook forms cancel ((1 + erf)/2 at -38 needs 1,100 bits, x - tanh(x) at 1e-300 needs
2,100); the working precision therefore rises until the ball that holds the value is narrow enough, and a value that
cannot be proved raises an error. Which branch of a ``where`` holds is decided on the exact x.

Source: F. Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite, ldexp
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, arb_series, ctx
from numpy.typing import NDArray

from nonlin.formula.calculus import effective, expression, substitute
from nonlin.formula.declaration import Activation
from nonlin.writers.mpmath import compile_expression

Array = NDArray[np.float64]

PRECISIONS = (64, 128, 256, 512, 1280, 2560, 5120)
_HUGE = arb(2) ** 20000  # infinity
_BITS, _FLOOR = 70, -1144  # relative width 2^-70, or 2^-70 of float64's smallest subnormal


class UndecidedError(ArithmeticError):
    """A comparison that the working precision cannot decide."""


class Taylor:
    """A truncated power series with ball coefficients, and the operations that formulas are made of."""

    __slots__ = ("series",)

    def __init__(self, series: arb_series) -> None:
        self.series = series

    def __neg__(self) -> Taylor:
        return Taylor(-self.series)

    def __add__(self, other: Taylor) -> Taylor:
        return Taylor(self.series + other.series)

    def __sub__(self, other: Taylor) -> Taylor:
        return Taylor(self.series - other.series)

    def __mul__(self, other: Taylor) -> Taylor:
        return Taylor(self.series * other.series)

    def __truediv__(self, other: Taylor | int) -> Taylor:
        divisor = other.series if isinstance(other, Taylor) else other
        return Taylor(self.series / divisor)

    def __pow__(self, exponent: Taylor | int) -> Taylor:
        if isinstance(exponent, Taylor):
            if self.series.length() == 0:  # a power of exactly 0, such as relu(x)**p beyond the kink
                return self
            doubled = 2 * exponent.series[0]
            if exponent.series.length() == 1 and doubled == 1:
                return Taylor(self.series.sqrt())
            if exponent.series.length() == 1 and doubled == -1:
                return Taylor(self.series.rsqrt())
            return Taylor((self.series.log() * exponent.series).exp())
        power = Taylor(arb_series([1]))
        for _ in range(abs(exponent)):
            power = power * self
        return power if exponent >= 0 else Taylor(arb_series([1])) / power

    def __gt__(self, other: Taylor) -> bool:
        return _decide(self, other, lambda a, b: a > b, lambda a, b: a <= b)

    def __lt__(self, other: Taylor) -> bool:
        return _decide(self, other, lambda a, b: a < b, lambda a, b: a >= b)

    def __ge__(self, other: Taylor) -> bool:
        return not self < other

    def __le__(self, other: Taylor) -> bool:
        return not self > other


def _decide(left: Taylor, right: Taylor, holds: Callable[[arb, arb], bool], fails: Callable[[arb, arb], bool]) -> bool:
    a, b = left.series[0], right.series[0]
    if holds(a, b):  # true only where it is true of every pair of points of the two balls
        return True
    if fails(a, b):
        return False
    raise UndecidedError


def _pinned(series: arb_series, value: arb) -> Taylor:
    """``series`` with its constant term replaced by a sharper ball of the same number."""
    return Taylor(arb_series([value, *series.coeffs()[1:]]))


class Names:
    """mpmath's names over :class:`Taylor`: the namespace ``m`` of the mpmath writer's text."""

    def __init__(self) -> None:
        self._integers: dict[tuple[int, int], Taylor] = {}

    def mpf(self, number: int) -> Taylor:
        key = number, ctx.cap  # a series remembers where it is cut off; integers are exact at any precision
        if key not in self._integers:
            self._integers[key] = Taylor(arb_series([number]))
        return self._integers[key]

    @property
    def pi(self) -> Taylor:
        return Taylor(arb_series([arb.pi()]))

    @property
    def e(self) -> Taylor:
        return Taylor(arb_series([arb.const_e()]))

    @property
    def inf(self) -> Taylor:
        return Taylor(arb_series([arb.pos_inf()]))

    def exp(self, u: Taylor) -> Taylor:
        return Taylor(u.series.exp())

    def expm1(self, u: Taylor) -> Taylor:
        return _pinned(u.series.exp(), u.series[0].expm1())

    def log(self, u: Taylor) -> Taylor:
        return Taylor(u.series.log())

    def log1p(self, u: Taylor) -> Taylor:
        return _pinned((1 + u.series).log(), u.series[0].log1p())

    def sin(self, u: Taylor) -> Taylor:
        return Taylor(u.series.sin())

    def cos(self, u: Taylor) -> Taylor:
        return Taylor(u.series.cos())

    def sinh(self, u: Taylor) -> Taylor:
        return _pinned((u.series.exp() - (-u.series).exp()) / 2, u.series[0].sinh())

    def cosh(self, u: Taylor) -> Taylor:
        return Taylor((u.series.exp() + (-u.series).exp()) / 2)

    def tanh(self, u: Taylor) -> Taylor:
        e = (-2 * (u.series if u.series[0].mid() >= 0 else -u.series)).exp()  # 1/cosh^2 = 4e/(1 + e)^2 is even
        d = 1 + e
        return self._integral(u, 4 * e / (d * d), u.series[0].tanh())

    def asinh(self, u: Taylor) -> Taylor:
        return self._integral(u, (1 + u.series * u.series).rsqrt(), u.series[0].asinh())

    def atan(self, u: Taylor) -> Taylor:
        return Taylor(u.series.atan())

    def erf(self, u: Taylor) -> Taylor:
        return Taylor(u.series.erf())

    def sqrt(self, u: Taylor) -> Taylor:
        if u.series[0] == 0 and ctx.cap > 1:  # infinitely steep from the right
            return Taylor(arb_series([0, *[arb.pos_inf()] * (ctx.cap - 1)]))
        return Taylor(u.series.sqrt())

    def fabs(self, u: Taylor) -> Taylor:
        """At exactly 0 the constant 0: the derivative at the kink is 0, as torch has it."""
        zero = self.mpf(0)
        return zero if u.series[0] == 0 else u if u > zero else -u

    def sign(self, u: Taylor) -> Taylor:
        zero = self.mpf(0)
        return self.mpf(1 if u > zero else -1 if u < zero else 0)

    def _integral(self, u: Taylor, slope: arb_series, constant: arb) -> Taylor:
        """The function with this value at u's constant term, and ``slope`` as its derivative along u."""
        return Taylor((slope * u.series.derivative()).integral() + constant)


@dataclass(frozen=True)
class Truth:
    """True values at some points: the nearest float64, and what is left, in units of float64's last place there."""

    nearest: Array
    rest: Array

    def __getitem__(self, index: Any) -> Truth:
        return Truth(self.nearest[index], self.rest[index])


class Oracle:
    """The textbook formula of an activation at given parameter values, as a function of one of its inputs.

    Args:
        activation: pointwise, stochastic (its evaluation form) or gated.
        parameters: values that differ from the defaults; taken as what the float is, not as the decimal that names it.
        variable: the input that varies, where there are two.
        fixed: the value of the other.
    """

    def __init__(
        self,
        activation: Activation,
        parameters: Mapping[str, float] | None = None,
        variable: str = "x",
        fixed: Mapping[str, float] | None = None,
    ) -> None:
        values = {**effective(activation, {**activation.defaults, **(parameters or {})}), **(fixed or {})}
        self._start = 0
        expr = expression(activation, stable=False)
        exact = {
            s: sp.Rational(Fraction(values[s.name])) for s in expr.free_symbols if isfinite(values.get(s.name, inf))
        }
        self.formula = compile_expression(substitute(expr.subs(exact), values), (variable,), Names())

    def balls(self, x: float, order: int = 0, bits: int = _BITS, floor: int = _FLOOR) -> list[arb]:
        """Balls for f, f', ... up to ``order`` at x: each narrower than 2^-bits of its value, or than 2^floor."""
        return prove(lambda: self._coefficients(x, order), self, bits, floor)

    def _coefficients(self, x: float, order: int) -> list[arb]:
        ctx.cap = order + 1
        series = self.formula(Taylor(arb_series([arb(x), 1] if order else [arb(x)]))).series
        assert series.prec > order, "the series was cut off below the order asked for"
        coefficients = [series[k] for k in range(order + 1)]
        return [c if k < 2 else c * k for k, c in enumerate(coefficients)]  # k! for k <= 2

    def truth(self, points: Iterable[float], order: int = 0) -> list[Truth]:
        """f, f', ... up to ``order`` (at most 2) at finite points, right to 2^-70 of the value: judges any dtype."""
        rows = [[split(ball) for ball in self.balls(x, order)] for x in points]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), order + 1, 2)
        return [Truth(table[:, k, 0], table[:, k, 1]) for k in range(order + 1)]

    def rough(self, points: Iterable[float], order: int = 0) -> list[Array]:
        """The same, right to 2^-40 of the value: judges float32 and less, in a third of the time."""
        rows = [[float(ball) for ball in self.balls(x, order, bits=42, floor=-200)] for x in points]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), order + 1)
        return [table[:, k] for k in range(order + 1)]


@dataclass
class _Level:
    _start: int = 0


def prove(
    evaluate: Callable[[], Sequence[arb]], level: Any = None, bits: int = _BITS, floor: int = _FLOOR
) -> list[arb]:
    """Evaluate at rising precision until every ball is narrow enough; ``level`` remembers where to start next time.

    Raises:
        ArithmeticError: where even the highest precision proves too little.
    """
    level = level or _Level()
    width = arb(2) ** floor
    before = ctx.prec, ctx.cap
    try:
        for index in range(level._start, len(PRECISIONS)):
            ctx.prec = PRECISIONS[index]
            try:
                found = list(evaluate())
            except (UndecidedError, ValueError):  # ValueError: a divisor's ball still contains 0
                continue
            if all(ball.rel_accuracy_bits() >= bits or abs(ball) < width or abs(ball) > _HUGE for ball in found):
                level._start = max(index - 1, 0)
                return found
    finally:
        ctx.prec, ctx.cap = before
    raise ArithmeticError(f"{PRECISIONS[-1]} bits prove too little; the balls are {found}")


def split(ball: arb) -> tuple[float, float]:
    """(nearest float64, the rest in its units in the last place)."""
    if not ball.is_finite():
        return float(ball), 0.0
    mantissa, exponent = ball.mid().man_exp()
    m, e = int(mantissa), int(exponent)
    if m == 0:
        return 0.0, 0.0
    size = m.bit_length() + e
    if size > 1100:
        return (inf if m > 0 else -inf), 0.0
    if size < -1200:
        return 0.0, 0.0
    unit = max(size - 53, -1074)
    shift = unit - e
    if shift <= 0:
        return _float(m << -shift, unit), 0.0
    whole = (m + (1 << (shift - 1))) >> shift
    left = m - (whole << shift)
    cut = max(shift - 64, 0)
    return _float(whole, unit), ldexp(left >> cut, cut - shift)


def _float(whole: int, unit: int) -> float:
    try:
        return ldexp(whole, unit)
    except OverflowError:
        return inf if whole > 0 else -inf
