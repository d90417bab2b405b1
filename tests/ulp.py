"""Errors in units in the last place (ULP) of an output dtype, against true values known far beyond it.

The unit is the spacing of the dtype's numbers at the *true* value; among subnormals it is the smallest of them. A true
value that rounds to infinity asks for infinity (error 0); infinity in place of a value that does not is infinitely wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nonlin.contract.ulp import FORMATS
from tests.oracle import Array, Truth


def errors(computed: torch.Tensor, truth: Truth | Array, scale: Array | None = None) -> Array:
    """The error of every element in ULP of ``computed``'s dtype.

    Args:
        truth: true values; for float64 a :class:`Truth`, which holds more than float64 does.
        scale: where given, the unit is taken at the larger of the true value and this magnitude.
    """
    form = FORMATS[computed.dtype]
    y = computed.detach().to(torch.float64).numpy()
    nearest, rest = (truth.nearest, truth.rest) if isinstance(truth, Truth) else (truth, np.zeros_like(truth))
    unit = form.unit(nearest if scale is None else np.maximum(np.abs(nearest), scale))
    with np.errstate(invalid="ignore", over="ignore"):
        exact = np.ldexp(y - nearest, -np.maximum(unit, -1000)) * np.where(
            unit < -1000, np.ldexp(1.0, -1000 - unit), 1.0
        )
        error = np.abs(exact - np.ldexp(rest, FORMATS[torch.float64].unit(nearest) - unit))
        # half an ULP beyond the largest number and more: rounds to infinity
        overflows = np.abs(nearest / 2) >= form.largest / 2 + np.ldexp(0.25, form.unit(np.array(form.largest)))
        overflows |= np.isinf(nearest)
        error = np.where(overflows & (y == np.sign(nearest) * np.inf), 0.0, error)
    return np.where(np.isnan(error), np.inf, error)


def lost(computed: torch.Tensor, truth: Truth | Array) -> NDArray[np.bool_]:
    """Where 0 stands for a true value that is a normal number: every digit is lost."""
    nearest = truth.nearest if isinstance(truth, Truth) else truth
    return (computed.detach() == 0).numpy() & (np.abs(nearest) >= FORMATS[computed.dtype].smallest_normal)


@dataclass(frozen=True)
class Score:
    """The summary of one comparison: the largest error, where it is, and how many normal values became 0."""

    worst: float
    at: float
    lost: int
    points: int

    def __str__(self) -> str:
        return f"{self.worst:.4g} ULP at x = {self.at!r}, {self.lost} normal -> 0, of {self.points} points"


def score(x: torch.Tensor, computed: torch.Tensor, truth: Truth | Array, scale: Array | None = None) -> Score:
    """Judge ``computed`` at ``x``; NaN counts as infinitely wrong."""
    error = errors(computed, truth, scale)
    index = int(np.argmax(error))
    return Score(float(error[index]), float(x[index]), int(lost(computed, truth).sum()), len(error))
