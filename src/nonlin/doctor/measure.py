"""Numbers of one activation's call: cheap enough to take on every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

from nonlin.doctor.calls import Numbers

SAMPLE: Final = 1024
POSITIONS: Final = 16  # samples that the spread is taken over
FLAT_AT_ZERO: Final = frozenset({"relu", "relu6", "threshold", "hardswish", "squared_relu", "hardsigmoid"})
FLAT_ENDS: Final = frozenset({"sigmoid", "tanh", "hardtanh", "hardsigmoid"})


def sample(x: Tensor, size: int = SAMPLE) -> Tensor:
    """Up to ``size`` elements, evenly spread: the same places for every tensor of one shape. A copy."""
    flat = x.detach().reshape(-1)
    # a stride that shares no factor with usual widths: a power of two would meet a few units only
    stride = max(1, -(-flat.numel() // size)) | 1
    return flat[::stride].to(device="cpu", dtype=torch.float32, copy=True)


def numbers(name: str, before: Tensor, y: Tensor, axis: int | None) -> Numbers:
    """What :class:`Numbers` says, of the output ``y`` and the sample ``before`` of the input."""
    y = y.detach()
    axis = unit_axis(y, axis)
    units = y.shape[axis] if y.ndim else 1
    dead = int(silent(y, axis).sum()) if name in FLAT_AT_ZERO and y.numel() else None
    after = sample(y)
    return Numbers(
        y.numel(),
        units,
        y.numel() // max(units, 1),
        axis,
        dead,
        rms(before),
        rms(after),
        spread(y, axis),
        before,
        after,
    )


def unit_axis(y: Tensor, axis: int | None) -> int:
    """The axis that tells units apart: the given one where ``y`` has it, else of channels first images, else the last."""
    if axis is None or not -y.ndim <= axis < y.ndim:
        axis = 1 if y.ndim >= 4 else -1
    return axis % max(y.ndim, 1)


def silent(y: Tensor, axis: int) -> Tensor:
    """Of each unit, whether its output is nowhere over 0."""
    others = [d for d in range(y.ndim) if d != axis]
    return (y.amax(others) if others else y) <= 0


def slope(name: str, y: Tensor, arguments: Mapping[str, Any]) -> Tensor:
    """The slope of one of :data:`FLAT_ENDS`, as a share of its steepest, where its output is ``y``."""
    if name == "sigmoid":
        return 4 * y * (1 - y)
    if name == "tanh":
        return 1 - y * y
    low, high = (0.0, 1.0) if name == "hardsigmoid" else (arguments.get("min_val", -1.0), arguments.get("max_val", 1.0))
    return ((y > low) & (y < high)).float()


def spread(y: Tensor, axis: int) -> float:
    """How far apart samples and positions are: the root mean square over units of the standard deviation of each, on some positions."""
    if y.ndim < 2:
        return 0.0
    others = [d for d in range(y.ndim) if d != axis]
    for d in others:
        y = y.narrow(d, 0, min(y.shape[d], POSITIONS if d == 0 else 2))
    some = y.to(device="cpu", dtype=torch.float64)  # squares of small numbers are not lost
    return float(some.var(others, unbiased=False).mean().sqrt()) if some.numel() else 0.0


def rms(x: Tensor) -> float:
    return float(x.double().square().mean().sqrt()) if x.numel() else 0.0
