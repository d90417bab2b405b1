"""The reference of a formula: its textbook form in mpmath, at a precision that rises until two of them agree.

Neither a stable form, nor a safe primitive, nor the symbolic derivative has a part in it: derivatives are differences.
Textbook forms cancel ((1 + erf)/2 at -38 is 10^-316), so an exact 0 is believed at 700 digits and no earlier.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import mpmath

from nonlin.formula.calculus import effective, expression, substitute
from nonlin.formula.declaration import Activation
from nonlin.formula.numeric_limits import Capped
from nonlin.writers.mpmath import compile_expression

DIGITS = (50, 120, 300, 400, 700, 800)
ZERO = 700  # digits that cancelled to nothing: what is left is below 10^-700 of the terms
AGREE = mpmath.mpf(10) ** -18  # relative: far below half a unit of any dtype
PERIODS = mpmath.mpf(10) ** 60  # no dtype's x tells a phase beyond
NOTHING = mpmath.mpf(10) ** -400  # below the smallest subnormal number of any dtype


class Names(Capped):
    """mpmath's names; an error function next to +-1 is not summed up from the series of 0."""

    def erf(self, u: Any) -> Any:
        return mpmath.sign(u) if u * u > 2.31 * (mpmath.mp.dps + 15) else mpmath.erf(u)


Jet = tuple[Any, Any, Any]  # f, f', f'' as mpmath numbers


class Oracle:
    """The formula of an activation at given parameter values, as a function of one of its inputs.

    Args:
        activation: pointwise, stochastic (its evaluation form) or gated.
        parameters: values that differ from the defaults, taken as the shortest decimal that names the float.
        variable: the input that varies.
        fixed: the values of the others.
    """

    def __init__(
        self,
        activation: Activation,
        parameters: Mapping[str, float],
        variable: str = "x",
        fixed: Mapping[str, float] | None = None,
    ) -> None:
        self._activation, self._variable, self._fixed = activation, variable, fixed
        self._parameters = {**activation.defaults, **parameters}
        values = {**effective(activation, self._parameters), **(fixed or {})}
        formula = substitute(expression(activation, stable=False), values)
        self._formula = compile_expression(formula, (variable,), Names())
        self._known: dict[float, Jet | None] = {}

    def jet(self, x: float) -> Jet | None:
        """f, f' and f'' at x, right to AGREE or below NOTHING; None where no precision settles it.

        f'' is right to a few digits: it is a scale.
        """
        if x not in self._known:
            self._known[x] = self._settled(x)
        return self._known[x]

    def moved(self, x: float, order: int, step: float) -> Any:
        """The most by which f (order 0) or f' (1) changes at x when x moves by ``step`` or a parameter by its own last place.

        What is computed of rounded arguments has an error of that size, however exactly it is computed.
        """
        here = self.jet(x)
        jets = [self.jet(x - step), self.jet(x + step)]
        for name, value in self._parameters.items():
            for side in (-math.inf, math.inf):
                near = {**self._parameters, name: math.nextafter(value, side)}
                jets.append(Oracle(self._activation, near, self._variable, self._fixed).jet(x))
        if here is None:
            return mpmath.mpf(0)
        return max((abs(jet[order] - here[order]) for jet in jets if jet is not None), default=mpmath.mpf(0))

    def _settled(self, x: float) -> Jet | None:
        last: Jet | None = None
        enough = 50 + abs(math.log10(abs(x))) if x else 0  # what is added to 1 or to an x far from 1 is not to vanish
        for digits in [d for d in DIGITS if d >= enough] or DIGITS[-2:]:
            with mpmath.workdps(digits):
                found = self._at(mpmath.mpf(x), digits)
                if found is None:
                    return None
                if last is not None and all(map(_agree, last[:2], found[:2], [digits] * 2)):
                    return found
                last = found
        return last if last is not None and all(abs(part) < NOTHING for part in last[:2]) else None

    def _at(self, x: Any, digits: int) -> Jet | None:
        # in proportion to x, so that what is left of a curve far out does not vanish in a difference; but less than a period
        size = mpmath.mpf(1) if 1 < abs(x) < PERIODS else abs(x) or mpmath.mpf(1)
        step = size * mpmath.mpf(10) ** -(digits // 4)
        try:
            low, middle, high = (self._formula(at) for at in (x - step, x, x + step))
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
        if not all(isinstance(v, mpmath.mpf) and mpmath.isfinite(v) for v in (low, middle, high)):
            return None
        bend = (high - 2 * middle + low) / (step * step)
        noise = max(abs(low), abs(middle), abs(high)) * mpmath.mpf(10) ** (3 - digits) / (step * step)
        return middle, (high - low) / (2 * step), bend if abs(bend) > noise else mpmath.mpf(0)


def _agree(a: Any, b: Any, digits: int) -> bool:
    if a == 0 or b == 0:
        return bool(a == b) and digits >= ZERO
    return bool(abs(a - b) <= AGREE * abs(b) or (abs(a) < NOTHING and abs(b) < NOTHING))


def limit(oracle: Oracle, side: int, order: int) -> float | None:
    """The limit of f (order 0) or f' (1) at ``side`` infinity, as it shows from 10^120 to 10^300; None where it shows none."""
    jets = [oracle.jet(side * far) for far in _FAR]
    values = [jet[order] for jet in jets if jet is not None]
    if len(values) < len(_FAR):
        return None
    last, sizes = values[-1], [abs(value) for value in values]
    if sizes[-1] < 1e-60 and sizes == sorted(sizes, reverse=True):
        return 0.0
    if all(abs(last - value) <= abs(last) * mpmath.mpf(10) ** -30 for value in values):
        return float(last)
    if all(value * last > 0 for value in values) and sizes == sorted(sizes) and sizes[-1] > 10 + sizes[0]:
        return float("inf") if last > 0 else float("-inf")
    return None


_FAR = (1e120, 3.7e141, 2.3e167, 7.9e185, 5.1e210, 1.7e233, 8.3e258, 3e279, 6.1e299)  # no multiples of one period
