"""Elementary functions and those of the normal distribution, right in their tails."""

from __future__ import annotations

from math import pi, sqrt

import torch
from torch import Tensor

from nonlin.kernels.numerics.selections import Value


def expm1(u: Tensor) -> Tensor:
    """exp(u) - 1. Inductor spells torch.expm1 as exp(u) - 1 and loses every digit below 1e-7: there, through tanh."""
    if not torch.compiler.is_compiling():
        return torch.expm1(u)
    t = torch.tanh(torch.clamp(u, -1.0, 1.0) * 0.5)
    return torch.where(torch.abs(u) < 1.0, 2.0 * t / (1.0 - t), torch.exp(u) - 1.0)


def cosh(u: Tensor) -> Tensor:
    """(exp(u) + exp(-u))/2; torch.cosh and torch.sinh give other bits for one element than for many."""
    h = torch.exp(0.5 * torch.abs(u))  # exp(|u|) overflows before cosh does
    return 0.5 * h * h + 0.5 / (h * h)


def sinh(u: Tensor) -> Tensor:
    """(exp(u) - exp(-u))/2, through expm1 where that cancels."""
    a = torch.abs(u)
    h = torch.exp(0.5 * a)
    e = expm1(torch.clamp(a, 0.0, 1.0))
    return torch.copysign(torch.where(a < 1.0, 0.5 * (e + e / (1.0 + e)), 0.5 * h * h - 0.5 / (h * h)), u)


def sin(u: Tensor, x: Value) -> Tensor:
    """sin(u) for u computed from x: where it has overflowed, the largest number's, as NaN is no sine of a finite x."""
    return torch.sin(_finite(u, x))


def cos(u: Tensor, x: Value) -> Tensor:
    """cos(u), likewise."""
    return torch.cos(_finite(u, x))


def _finite(u: Tensor, x: Value) -> Tensor:
    if u is x or not isinstance(x, Tensor):
        return u
    largest = torch.finfo(u.dtype).max
    return torch.where(torch.isinf(x), u, torch.clamp(u, -largest, largest))


def sigmoid(u: Tensor) -> Tensor:
    """1/(1 + exp(-u)), by exp(-|u|): torch.sigmoid is 0 where exp(-u) overflows, and u * sigmoid(u) is still normal there."""
    e = torch.exp(-torch.abs(u))
    return torch.where(u < 0.0, e, 1.0) / (1.0 + e)


def logistic_pdf(u: Tensor) -> Tensor:
    """sigmoid(u) sigmoid(-u) = e / (1 + e)^2 with e = exp(-|u|)."""
    e = torch.exp(-torch.abs(u))
    d = 1.0 + e
    return e / (d * d)


def softplus(u: Tensor) -> Tensor:
    """log(1 + exp(u)) without a threshold: exp never overflows, log1p never cancels."""
    return torch.relu(u) + torch.log1p(torch.exp(-torch.abs(u)))


def sech2(u: Tensor) -> Tensor:
    """1/cosh(u)^2 = 4 e / (1 + e)^2 with e = exp(-2|u|); 1 - tanh(u)^2 is 0 from |u| = 19 on."""
    return 4.0 * logistic_pdf(2.0 * u)


def _head(u: Tensor) -> tuple[Tensor, Tensor]:
    """(t, head): u where the normal tails are not 0, and the same with so few digits that its products are exact."""
    far, grid, _ = _SPLIT_SINGLE if u.dtype is torch.float32 else _SPLIT_DOUBLE
    t = torch.clamp(u, -far, far)
    return t, torch.round(t * grid) / grid


def normal_pdf(u: Tensor) -> Tensor:
    """exp(-u^2/2)/sqrt(2 pi), u split so that the square's rounding does not enter the exponent (u^2/2 ulp at |u|)."""
    t, head = _head(u)
    return torch.exp(-0.5 * (head * head)) * torch.exp(-0.5 * (t - head) * (t + head)) / sqrt(2.0 * pi)


# where the tails are 0, the grid of the head, and sqrt(1/2) with half a mantissa: head * head and head * root are exact
_SPLIT_DOUBLE = (64.0, 65536.0, round(sqrt(0.5) * 2**26) / 2**26)
_SPLIT_SINGLE = (15.0, 256.0, round(sqrt(0.5) * 2**12) / 2**12)


def normal_cdf(u: Tensor) -> Tensor:
    """The normal distribution function, by erfc: (1 + erf)/2 cancels from u = -1 down.

    Rounding a/sqrt(2) would cost a^2 ulp; what it lost (``rest``) enters through erfc's logarithmic derivative, which
    -(s + sqrt(s^2 + 4/pi)) gives to a few percent.
    """
    a, head = _head(torch.abs(u))
    root = (_SPLIT_SINGLE if u.dtype is torch.float32 else _SPLIT_DOUBLE)[2]
    root_rest = (0.5 - root * root) / (sqrt(0.5) + root)
    s = a * sqrt(0.5)
    rest = ((head * root - s) + head * root_rest) + (a - head) * sqrt(0.5)
    lower = 0.5 * torch.special.erfc(s) * (1.0 - rest * (s + torch.sqrt(s * s + 4.0 / pi)))
    return torch.where(u < 0.0, lower, 1.0 - lower)


def tanh_softplus(u: Tensor) -> Tensor:
    """tanh(log(1 + exp(u))) by one exponential: with w = exp(u), (w^2 + 2w)/(w^2 + 2w + 2); over w^2 where u > 0."""
    e = torch.exp(-torch.abs(u))
    above = torch.where(u > 0.0, 1.0 + 2.0 * e, e * (e + 2.0))
    return above / (above + torch.where(u > 0.0, 2.0 * e * e, 2.0))


def tanh_softplus_slope(u: Tensor) -> Tensor:
    """Its derivative, 4w(1 + w)/(w^2 + 2w + 2)^2."""
    e = torch.exp(-torch.abs(u))
    below = torch.where(u > 0.0, 1.0 + 2.0 * e + 2.0 * e * e, e * (e + 2.0) + 2.0)
    return 4.0 * torch.where(u > 0.0, e, 1.0) * e * (1.0 + e) / (below * below)
