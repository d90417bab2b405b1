"""A fact sheet as rows of text: what ``nonlin show`` prints and the guide's tables hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, NamedTuple

from nonlin.facts.sheet import (
    CriticalPoint,
    Extremum,
    Fact,
    FactSheet,
    FixedPoint,
    GradientFactor,
    Interval,
    Lipschitz,
    Observed,
    RowFacts,
)


class Row(NamedTuple):
    """A label, the value as text, and how it was obtained."""

    label: str
    text: str
    how: str


def rows(sheet: FactSheet, digits: int = 6) -> list[Row]:
    """Every fact that the sheet has, in reading order, numbers with so many significant digits.

    Example:
        >>> import nonlin
        >>> from nonlin.facts.table import rows
        >>> print(*rows(nonlin.facts("sigmoid"))[0])
        range (0, 1) derived
    """
    token = _digits.set(digits)
    try:
        return _rows(sheet)
    finally:
        _digits.reset(token)


def _rows(sheet: FactSheet) -> list[Row]:
    found = list(_plain(sheet))
    if sheet.gate is not None:
        found += [Row(f"gate {row.label}", row.text, row.how) for row in _plain(sheet.gate) if row.label in _OF_A_GATE]
    return found


_digits: ContextVar[int] = ContextVar("digits", default=6)
_OF_A_GATE = ("range", "slope", "steepest slope", "continuity", "monotonicity")


def _plain(sheet: FactSheet) -> Iterable[Row]:
    for name, label, write in _ROWS:
        fact: Fact[Any] | None = getattr(sheet, name)
        if fact is not None and (text := write(fact.value)) is not None:
            yield Row(label, text, fact.how)


def number(value: float | None) -> str:
    """A few significant digits; infinities and the absence of a limit in signs."""
    if value is None:
        return "no limit"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value + 0.0:.{_digits.get()}g}".replace("-", "−")


def _interval(interval: Interval) -> str:
    if interval.is_point:
        return number(interval.low)
    left = "(−∞" if math.isinf(interval.low) else f"[{number(interval.low)}"
    right = "∞)" if math.isinf(interval.high) else f"{number(interval.high)}]"
    return f"{left}, {right}"


def _intervals(intervals: tuple[Interval, ...]) -> str:
    return " and ".join(_interval(i) for i in intervals) or "none"


def _range(value: Any) -> str:
    left, right = "[" if value.low_attained else "(", "]" if value.high_attained else ")"
    return f"{left}{number(value.low)}, {number(value.high)}{right}"


def _limits(value: tuple[float | None, float | None]) -> str:
    return f"{number(value[0])} at −∞, {number(value[1])} at ∞"


def _extremum(value: Extremum | None) -> str:
    return "not attained" if value is None else f"{number(value.value)} at x = {_interval(value.at)}"


def _lipschitz(value: Lipschitz) -> str:
    where = "" if value.x is None else " in the limit" if math.isinf(value.x) else f" at x = {number(value.x)}"
    return number(value.value) + where


def _fixed_point(value: FixedPoint) -> str:
    slopes = ", ".join(
        f"{name} = {number(slope)}"
        for name, slope in (("χ⊥", value.chi_perp), ("χ∥", value.chi_par))
        if slope is not None
    )
    return f"q = {number(value.q)} at σ_w = {number(value.sigma_w)}" + (f": {slopes}" if slopes else "")


def _critical_point(value: CriticalPoint) -> str:
    if value.sigma_w is None:
        return "none"
    bias = f", σ_b = {number(value.sigma_b)}" if value.sigma_b is not None else ""
    return f"{value.kind}: σ_w = {number(value.sigma_w)}{bias}"


def _gradient_factor(value: GradientFactor) -> str | None:
    named = (
        ("own gain", value.norm("own_gain")),
        ("Xavier", value.norm("xavier")),
        ("torch's default", value.norm("torch_default")),
    )
    known = [f"×{number(factor)} with {name}" for name, factor in named if factor is not None]
    return ", ".join(known) or None


def _row(value: RowFacts) -> str:
    yes = [
        text
        for holds, text in (
            (value.sums_to_one, "sums to 1"),
            (value.non_negative, "never negative"),
            (value.shift_invariant, "unchanged by adding a constant"),
            (value.order_preserving, "keeps the order"),
        )
        if holds
    ]
    return ", ".join([*yes, f"largest of two outputs for inputs 5 apart: {number(value.peak_at_gap_5)}"])


def _observed(value: Observed) -> str:
    shape = "keeps the shape" if value.keeps_shape else f"{number(value.outputs_per_input)} outputs an input"
    yes = [
        text
        for holds, text in (
            (value.elementwise, "element by element" + ("" if value.uniform else ", each place its own")),
            (value.permutation_equivariant and not value.elementwise, "treats its entries alike"),
            (value.sums_to_one, "sums to 1"),
            (value.shift_invariant, "unchanged by adding a constant"),
            (value.positively_homogeneous, "f(c x) = c f(x) for c > 0"),
            (value.odd, "f(−x) = −f(x)"),
            (value.random, "draws in training"),
        )
        if holds
    ]
    zeros = [f"{number(100 * value.exact_zeros)} % of the outputs exactly 0"] if value.exact_zeros else []
    learned = [f"learns {value.learned} numbers"] if value.learned else []
    return ", ".join([shape, *yes, *zeros, *learned])


_ROWS: tuple[tuple[str, str, Callable[[Any], str | None]], ...] = (
    ("range", "range", _range),
    ("limits", "limits", _limits),
    ("zeros", "zeros", _intervals),
    ("minimum", "minimum", _extremum),
    ("maximum", "maximum", _extremum),
    ("symmetry", "symmetry", str),
    ("monotonicity", "monotonicity", str),
    ("curvature", "curvature", str),
    ("continuity", "continuity", str),
    ("lipschitz", "steepest slope", _lipschitz),
    ("derivative_range", "slope", _range),
    ("saturation", "|slope| < 1 %", _intervals),
    ("dead_zones", "slope exactly 0", _intervals),
    ("mean", "mean of f(z)", number),
    ("second_moment", "second moment of f(z)", number),
    ("variance", "variance of f(z)", number),
    ("non_linearity", "non-linearity", number),
    ("dead_probability", "P(slope = 0)", number),
    ("saturated_probability", "P(|slope| < 1 %)", number),
    ("forward_gain", "forward gain", number),
    ("variance_gain", "variance gain", number),
    ("backward_gain", "backward gain", number),
    ("fixed_point", "fixed point", _fixed_point),
    ("critical_point", "critical point", _critical_point),
    ("gradient_factor", "gradient per layer", _gradient_factor),
    ("saved_bytes", "saved for backward", lambda value: f"{value} byte{'s' if value != 1 else ''} an element"),
    ("row", "of a row", _row),
    ("observed", "as a map", _observed),
)
