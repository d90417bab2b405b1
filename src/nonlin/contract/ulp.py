"""Units in the last place: the spacing of a dtype's numbers at a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: ``digits`` bits of precision; ``lowest``: the exponent of its smallest subnormal."""

    digits: int
    lowest: int
    largest: float

    @property
    def smallest_normal(self) -> float:
        return float(2.0 ** (self.lowest + self.digits - 1))

    def unit(self, value: NDArray[np.float64]) -> NDArray[np.int_]:
        """The exponent of the unit in the last place at ``value``."""
        _, exponent = np.frexp(np.where(np.isfinite(value), value, self.largest))
        return np.where(value == 0, self.lowest, np.maximum(exponent - self.digits, self.lowest))

    def step(self, x: float) -> float:
        """The distance from x to its neighbours."""
        return float(2.0 ** int(self.unit(np.array(x))))

    def error(self, computed: float, true: Any, scale: Any = 0) -> float:
        """The error in ULP at the larger of the true value (an mpf) and ``scale``; a true value that rounds to infinity
        asks for infinity."""
        if abs(true) >= mpmath.mpf(self.largest) * (1 + mpmath.mpf(2) ** -(self.digits + 1)):
            return 0.0 if computed == (mpmath.inf if true > 0 else -mpmath.inf) else float("inf")
        if not mpmath.isfinite(computed):
            return float("inf")
        size = max(abs(true), abs(scale))
        exponent = max(mpmath.frexp(size)[1] - self.digits, self.lowest) if size else self.lowest
        return float(abs(mpmath.mpf(computed) - true) / mpmath.mpf(2) ** exponent)


FORMATS = {
    torch.float64: Format(53, -1074, float(np.finfo(np.float64).max)),
    torch.float32: Format(24, -149, float(np.finfo(np.float32).max)),
    torch.float16: Format(11, -24, 65504.0),
    torch.bfloat16: Format(8, -133, float(torch.finfo(torch.bfloat16).max)),
}
