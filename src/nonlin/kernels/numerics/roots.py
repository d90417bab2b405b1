"""Square roots of sums of squares, where a square overflows and where a difference would cancel."""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.kernels.numerics.selections import Value


def isru(u: Tensor, v: Value) -> Tensor:
    """u / sqrt(1 + v u^2), for positive v."""
    return torch.where(torch.abs(u) > _far(u) ** 0.75, torch.sign(u) / v**0.5, u / torch.sqrt(1.0 + v * u * u))


def inverse_root(u: Tensor, v: Value) -> Tensor:
    """1 / sqrt(1 + v u^2), likewise."""
    a = torch.abs(u)
    return torch.where(a > _far(u) ** 0.75, 1.0 / v**0.5 / a, 1.0 / torch.sqrt(1.0 + v * u * u))


def pseudo_huber(u: Tensor) -> Tensor:
    """sqrt(1 + u^2) - 1, as a quotient that does not cancel."""
    a = torch.abs(u)
    return torch.where(a > _far(u), a, a / (1.0 + torch.sqrt(1.0 + u * u)) * a)


def _hypotenuse(u: Tensor, v: Value) -> Tensor:
    a = torch.abs(u)
    return torch.where(a > _far(u), a, torch.sqrt(u * u + v))


def _far(u: Tensor) -> float:
    """Where a square comes near the largest number of u's dtype."""
    return float(torch.finfo(u.dtype).max ** 0.499)


def squareplus(u: Tensor, v: Value) -> Tensor:
    """(u + sqrt(u^2 + v))/2 for positive v; below 0 a quotient that does not cancel."""
    y = 0.5 * _hypotenuse(u, v) + 0.5 * torch.abs(u)
    return torch.where(u < 0.0, 0.25 * v / y, y)


def squareplus_slope(u: Tensor, v: Value) -> Tensor:
    """Its derivative, (1 + u/sqrt(u^2 + v))/2."""
    h = _hypotenuse(u, v)
    y = 0.5 * v / (h * (h + torch.abs(u)))
    return torch.where(u < 0.0, y, 1.0 - y)
