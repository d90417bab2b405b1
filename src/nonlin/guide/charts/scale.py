"""From data to pixels, and the round numbers at which an axis is marked."""

from __future__ import annotations

import math
from dataclasses import dataclass

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Linear:
    """``low`` is drawn at ``start`` and ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Multiples of 1, 2 or 5 times a power of ten inside the domain.

        Example:
            >>> Linear(0, 1, 0, 100).ticks()
            [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        """
        raw = (self.high - self.low) / about
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]

    def label(self, value: float) -> str:
        return plain(value)


@dataclass(frozen=True)
class Logarithmic:
    """As :class:`Linear`, in the logarithm; ``low`` and ``high`` are positive."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, about: int = 6) -> list[float]:
        """Powers of ten inside the domain, thinned to ``about`` as many."""
        first = math.ceil(math.log10(self.low) - 1e-9)
        last = math.floor(math.log10(self.high) + 1e-9)
        step = max(1, math.ceil((last - first + 1) / about))
        return [10.0**power for power in range(last, first - 1, -step)][::-1]

    def label(self, value: float) -> str:
        power = round(math.log10(value))
        return plain(value) if -2 <= power <= 2 else "10" + str(power).translate(_SUPERSCRIPT)


Scale = Linear | Logarithmic


def plain(value: float) -> str:
    """A number for a reader: a true minus sign, no trailing zeros.

    Example:
        >>> plain(-0.5)
        '−0.5'
    """
    return f"{value:.6g}".replace("-", "−")


def padded(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """The interval with some air on both sides; never empty."""
    room = (high - low) * share or 1.0
    return low - room, high + room
