"""The C entries of a pointwise formula, called on tensors."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import addressof
from typing import Any

import torch
from torch import Tensor

from nonlin.formula.declaration import Activation
from nonlin.kernels import eager, native
from nonlin.kernels.library import NUMBER, fail, library

HELD = 4096  # up to so many elements the interpreter's lock is kept: giving it up costs 0.1 us, more under contention

_empty_like = torch.empty_like


class Kernels:
    """The C entries of one activation for one dtype.

    ``values(x, parameters, out=None)`` and ``slopes(grad, x, parameters)``; no parameters: the defaults.

    Args:
        learned: the parameters change from step to step: one interval of the float path for all their values.
    """

    values: Callable[..., Tensor]
    slopes: Callable[..., Tensor]

    def __init__(self, activation: Activation, dtype: torch.dtype, *, learned: bool = False) -> None:
        found = library(activation, "pointwise", "double" if dtype is torch.float64 else "single")
        self.loaded = found is not None
        if found is None:
            return
        value, value_held = (found.entry("value", dtype, held=held) for held in (False, True))
        slope, slope_held = (found.entry("slope", dtype, held=held) for held in (False, True))
        settings, (value_name, slope_name) = (
            found.settings,
            ("value_any", "slope_any") if learned else ("value", "slope"),
        )
        half = dtype.itemsize == 2
        usual, usual_slope = settings(value_name, found.defaults, half), settings(slope_name, found.defaults, half)
        self._kept = (usual, usual_slope)
        at_usual, at_usual_slope = addressof(usual), addressof(usual_slope)

        # closures, not methods: an attribute of self costs 0.04 us, and a call would read six
        def values(x: Tensor, parameters: tuple[float, ...], out: Tensor | None = None) -> Tensor:
            n = x.numel()
            if out is None:
                if x.is_contiguous():
                    out = _empty_like(x)
                else:
                    x, out = eager.dense(x)
            run = value_held if n <= HELD else value
            if parameters:
                given = settings(value_name, parameters, half)
                failed = run(out.data_ptr(), x.data_ptr(), n, addressof(given))
            else:
                failed = run(out.data_ptr(), x.data_ptr(), n, at_usual)
            return out if not failed else fail()

        def slopes(grad: Tensor, x: Tensor, parameters: tuple[float, ...]) -> Tensor:
            step = 1
            if x.is_contiguous() and grad.is_contiguous():
                out = _empty_like(x)
            else:
                x, out = eager.dense(x)
                grad, step = eager.like(grad, out)
            n = x.numel()
            run = slope_held if n <= HELD else slope
            if parameters:
                given = settings(slope_name, parameters, half)
                failed = run(out.data_ptr(), x.data_ptr(), grad.data_ptr(), step, n, addressof(given))
            else:
                failed = run(out.data_ptr(), x.data_ptr(), grad.data_ptr(), step, n, at_usual_slope)
            return out if not failed else fail()

        self.values, self.slopes = values, slopes
        self.entries = tuple(map(native.address, (value, slope)))
        self.intervals = found.intervals_of("value", half=half), found.intervals_of("slope", half=half)
        self._dtype = NUMBER[dtype]

    def serve(self, quick: Any) -> None:
        """Hand the entries to a native callable."""
        quick.add(self._dtype, *self.entries, *self.intervals)
