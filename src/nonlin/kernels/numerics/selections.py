"""Powers, and choices between values, each a tensor or a number; what becomes of NaN."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

Value = Any  # a tensor or a Python number


def power(u: Value, exponent: Value) -> Tensor:
    """u to a power, for u that is not negative: -0 is 0."""
    return torch.pow(abs(u), exponent)


def leaky(u: Tensor, slope: Value) -> Tensor:
    """u where it is positive, slope * u elsewhere; NaN stays NaN."""
    return torch.where(u > 0.0, u, slope * u) if isinstance(slope, Tensor) else torch.nn.functional.leaky_relu(u, slope)


def clip(u: Tensor, low: Value, high: Value) -> Tensor:
    """u limited to [low, high]; NaN stays NaN."""
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        return minimum(maximum(u, low), high)
    return torch.clamp(u, low, high)


def maximum(u: Value, v: Value) -> Tensor:
    """The larger of the two, at least one a tensor; NaN stays NaN."""
    if isinstance(u, Tensor) and isinstance(v, Tensor):
        return torch.maximum(u, v)
    return torch.clamp_min(u, v) if isinstance(u, Tensor) else torch.clamp_min(v, u)


def minimum(u: Value, v: Value) -> Tensor:
    """The smaller of the two, at least one a tensor; NaN stays NaN."""
    if isinstance(u, Tensor) and isinstance(v, Tensor):
        return torch.minimum(u, v)
    return torch.clamp_max(u, v) if isinstance(u, Tensor) else torch.clamp_max(v, u)


def tensor(value: Value, like: Tensor) -> Tensor:
    """A parameter as a tensor of ``like``'s dtype and device, whether it is a number or one already."""
    return value if isinstance(value, Tensor) else like.new_full((), value)


def where(condition: Value, a: Value, b: Value, like: Tensor) -> Tensor:
    """``a`` where ``condition``, else ``b``, in ``like``'s dtype: torch.where of two numbers would round to float32."""
    if not isinstance(condition, Tensor):  # a condition on parameters alone, all of them numbers
        chosen = a if condition else b
        return chosen if isinstance(chosen, Tensor) else torch.full_like(like, chosen)
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return torch.where(condition, a, b)
    return torch.where(condition, like.new_full((), a), like.new_full((), b))


def keep_nan(y: Tensor, x: Tensor) -> Tensor:
    """``y``, and NaN where ``x`` is NaN."""
    return torch.where(torch.isnan(x), x, y)


def settle(y: Tensor, x: Tensor, low: Value, high: Value) -> Tensor:
    """``y``, with the limit on x's side where ``y`` is NaN although ``x`` is not (0 * inf far out and at infinity)."""
    return torch.where(torch.isnan(y), torch.where(torch.isnan(x), x, where(x > 0, high, low, x)), keep_nan(y, x))
