"""Quotients and differences that lose their digits at 0: there a series, or a form that does not cancel."""

from __future__ import annotations

from math import factorial

import torch
from torch import Tensor

from nonlin.kernels.numerics.elementary import cosh, expm1


def _series(x: Tensor, coefficients: tuple[float, ...]) -> Tensor:
    """c0 + c1 x + c2 x^2 + ..., by Horner's rule."""
    total = torch.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


# u cosh(u) - sinh(u) = sum over k of 2k/(2k+1)! u^(2k+1): every term has u's sign, nothing cancels
_RESIDUAL_SERIES = tuple(2.0 * k / factorial(2 * k + 1) for k in range(1, 11))


def tanh_residual(u: Tensor) -> Tensor:
    """u - tanh(u): a series over cosh below 1, the difference above."""
    small = torch.clamp(u, -1.0, 1.0)
    square = small * small
    near = small * square * _series(square, _RESIDUAL_SERIES) / cosh(small)
    return torch.where(torch.abs(u) < 1.0, near, u - torch.tanh(u))


_J1 = tuple((-1.0) ** k * (2 * k + 2) / factorial(2 * k + 3) for k in range(13))
_J2 = tuple((-1.0) ** k * (2 * k + 2) * (2 * k + 4) / factorial(2 * k + 5) for k in range(15))
_EXPREL_SLOPE = tuple(1.0 / (factorial(n) * (n + 2)) for n in range(25))
_EXPREL_CURVATURE = tuple(1.0 / (factorial(n) * (n + 3)) for n in range(30))
_LOG1PREL_SLOPE = tuple((2 * k + 2) / (2 * k + 3) for k in range(18))
_ATAN_RESIDUAL = tuple((-1.0) ** k / (2 * k + 3) for k in range(28))


def sinc(u: Tensor) -> Tensor:
    """sin(u)/u, 1 at 0."""
    return torch.where(u == 0.0, 1.0, torch.sin(u) / u)


def spherical_j1(u: Tensor) -> Tensor:
    """-sinc': (sin(u)/u - cos(u))/u, a series where that cancels."""
    small = torch.clamp(u, -2.0, 2.0)
    return torch.where(torch.abs(u) < 2.0, small * _series(small * small, _J1), (torch.sin(u) / u - torch.cos(u)) / u)


def spherical_j2(u: Tensor) -> Tensor:
    """3 j1(u)/u - sinc(u), a series where that cancels."""
    small = torch.clamp(u, -3.0, 3.0)
    square, s = small * small, torch.sin(u) / u
    return torch.where(torch.abs(u) < 3.0, square * _series(square, _J2), 3.0 * ((s - torch.cos(u)) / u) / u - s)


def exprel(u: Tensor) -> Tensor:
    """(exp(u) - 1)/u, 1 at 0; finite a little beyond where exp(u) overflows."""
    h = torch.exp(0.5 * u)
    return torch.where(u > 700.0, h / u * h, torch.where(u == 0.0, 1.0, expm1(u) / u))


def exprel_slope(u: Tensor) -> Tensor:
    """The integral of s exp(us) over s from 0 to 1: (1 + (u - 1) exp(u))/u^2, a series where that cancels."""
    h, small = torch.exp(0.5 * u), torch.clamp(u, -2.0, 2.0)
    far = torch.where(u > 700.0, (1.0 - 1.0 / u) / u * h * h, (1.0 / u + (1.0 - 1.0 / u) * torch.exp(u)) / u)
    return torch.where(torch.abs(u) < 2.0, _series(small, _EXPREL_SLOPE), far)


def exprel_curvature(u: Tensor) -> Tensor:
    """The integral of s^2 exp(us): ((u^2 - 2u + 2) exp(u) - 2)/u^3, a series where that cancels."""
    h, small, y = torch.exp(0.5 * u), torch.clamp(u, -2.0, 3.0), 1.0 / u
    factor = (1.0 - 2.0 * y + 2.0 * y * y) * y
    far = torch.where(u > 700.0, factor * h * h, factor * torch.exp(u) - 2.0 * y * y * y)
    return torch.where((u > -2.0) & (u < 3.0), _series(small, _EXPREL_CURVATURE), far)


def log1prel(u: Tensor) -> Tensor:
    """log(1 + u)/u, 1 at 0."""
    return torch.where(u == 0.0, 1.0, torch.log1p(u) / u)


def log1prel_slope(u: Tensor) -> Tensor:
    """Its derivative: with s = u/(2 + u) near 0, (1 - s)^2/2 (s B(s^2) - 1/(1 - s^2)), where the terms keep their digits."""
    s = torch.clamp(u, -0.5, 1.0) / (2.0 + torch.clamp(u, -0.5, 1.0))
    z = s * s
    near = 0.5 * (1.0 - s) * (1.0 - s) * (s * _series(z, _LOG1PREL_SLOPE) - 1.0 / (1.0 - z))
    return torch.where((u > -0.5) & (u < 1.0), near, (1.0 / (1.0 + u) - torch.log1p(u) / u) / u)


def atan_residual(u: Tensor) -> Tensor:
    """u - atan(u): below 1.25 by the half angle v, 2 (v - atan(v)) + 2 v^3/(1 - v^2), the difference above."""
    small = torch.clamp(u, -1.25, 1.25)
    square = small * small
    half = 1.0 + torch.sqrt(1.0 + square)
    w = square / (half * half)
    near = small * square * (_series(w, _ATAN_RESIDUAL) + 1.0 / (1.0 - w)) * 2.0 / (half * half * half)
    return torch.where(torch.abs(u) < 1.25, near, u - torch.atan(u))
