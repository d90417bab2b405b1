"""Probabilities under the standard normal distribution, without numpy: the sentences need them where nothing else is loaded."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nonlin.facts.sheet import Interval


def between(low: float, high: float) -> float:
    """``P(low <= z <= high)``, to full relative precision in the tails.

    Example:
        >>> round(between(-1.0, 1.0), 6)
        0.682689
    """
    if low > 0:
        low, high = -high, -low
    return (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2))) / 2


def mass(intervals: Iterable[Interval]) -> float:
    """``P(z in intervals)`` for disjoint intervals."""
    return math.fsum(between(interval.low, interval.high) for interval in intervals)
