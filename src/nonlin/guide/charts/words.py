"""Numbers and lists as a sentence spells them, and the few statistics that the figures need."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence

THIN = "\u202f"  # narrow no-break space


def median(values: Iterable[float]) -> float:
    return float(statistics.median(values))


def distance(value: float) -> float:
    """How far a factor is from 1, in either direction: |log|; a factor of 0 is farthest."""
    return abs(math.log(value)) if value > 0 else math.inf


def columns(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """``rows[seed][step]`` as one list per step."""
    return [list(column) for column in zip(*rows, strict=True)]


def significant(value: float, digits: int = 2) -> str:
    """``value`` to so many significant digits, without an exponent.

    Example:
        >>> significant(0.2249), significant(1234.0), significant(7.96)
        ('0.22', '1234', '8.0')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    shown = rounded if decimals else value
    return f"{shown:.{decimals}f}".replace("-", "−")


def fixed(value: float, decimals: int = 2) -> str:
    """``value`` to so many decimals, for numbers whose distance from 0 is what matters.

    Example:
        >>> fixed(-0.0001), fixed(-0.25)
        ('0.00', '−0.25')
    """
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def percent(share: float, digits: int = 2) -> str:
    """A share as a percentage: one decimal from 10 % on, two significant digits below.

    Example:
        >>> percent(0.9731).replace(THIN, " "), percent(0.000025).replace(THIN, " ")
        ('97.3 %', '0.0025 %')
    """
    hundred = share * 100
    figure = f"{hundred:.1f}" if abs(hundred) >= 9.95 else significant(hundred, digits)
    return f"{figure.removesuffix('.0')}{THIN}%"


def factor(value: float) -> str:
    """A ratio to two significant digits, to three just above 1, where two would hide the difference."""
    return "×" + significant(value, 3 if 0.995 <= value < 2 or value >= 9.95 else 2)


def joined(parts: Sequence[str], last: str = "and") -> str:
    """
    Example:
        >>> joined(["a", "b", "c"])
        'a, b and c'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """
    Example:
        >>> counted(1, "seed"), counted(6, "seed")
        ('1 seed', '6 seeds')
    """
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
