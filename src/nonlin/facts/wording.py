"""A sentence about an activation, and how numbers read in one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from nonlin.facts.sheet import FactSheet, How, Interval

SentenceKind = Literal["advantage", "disadvantage", "note"]


@dataclass(frozen=True)
class Sentence:
    """One statement, the number that it rests on, and how that number was obtained."""

    text: str
    value: float
    kind: SentenceKind
    how: How


Measurements = Mapping[str, float]
Rule = Callable[[FactSheet, Measurements], Sentence | None]


def number(value: float) -> str:
    """Three significant digits, and simple fractions as such: 1/4, 0.0998, 12.3; infinity in words."""
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    nearest = Fraction(value).limit_denominator(8)
    if 0 < abs(value) < 1 and nearest.denominator > 1 and abs(nearest - Fraction(value)) < 1e-12:
        return str(nearest)
    return f"{value + 0.0:.3g}"


def percent(share: float) -> str:
    """A share in percent, to two significant digits (of what is missing, near 100 %), never rounded to all or nothing."""
    if 0 < share < 1e-4:
        return "less than 0.01 %"
    if 0.9999 < share < 1:
        return "more than 99.99 %"
    if 0.9 <= share < 1:
        return f"{100 * share:.{1 if share < 0.99 else 2}f} %"
    return f"{100 * share:.2g} %" if share < 0.9 else "100 %"


def region(interval: Interval) -> str:
    """Where x lies: ``x ≤ 0``, ``x ≥ 3``, ``-0.5 ≤ x ≤ 0.5``."""
    if interval.low == float("-inf") and interval.high == float("inf"):
        return "every x"
    if interval.low == float("-inf"):
        return f"x ≤ {number(interval.high)}"
    if interval.high == float("inf"):
        return f"x ≥ {number(interval.low)}"
    return f"{number(interval.low)} ≤ x ≤ {number(interval.high)}"
