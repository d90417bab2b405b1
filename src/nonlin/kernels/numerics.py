"""The primitives in torch operations: what the torch column of the table calls.

Each is accurate to a few units in the last place of the dtype it is given, in its tails too, and never returns NaN at a
finite argument. Nothing here knows an activation.
"""

from __future__ import annotations

from math import factorial, inf, nan, pi, sqrt
from typing import Any

import torch
from torch import Tensor

Value = Any  # a tensor or a Python number

# The first call of torch's vector mathematics is sometimes of low precision in its second thread (pytorch#188792: 437 eps
# in a tanh); after a call with one element it was not seen again.
torch.tanh(torch.zeros(1, device="cpu"))


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


# u cosh(u) - sinh(u) = sum over k of 2k/(2k+1)! u^(2k+1): every term has u's sign, nothing cancels
_RESIDUAL_SERIES = tuple(2.0 * k / factorial(2 * k + 1) for k in range(1, 11))


def tanh_residual(u: Tensor) -> Tensor:
    """u - tanh(u): a series over cosh below 1, the difference above."""
    small = torch.clamp(u, -1.0, 1.0)
    square = small * small
    series = torch.full_like(square, _RESIDUAL_SERIES[-1])
    for coefficient in reversed(_RESIDUAL_SERIES[:-1]):
        series = series * square + coefficient
    near = small * square * series / cosh(small)
    return torch.where(torch.abs(u) < 1.0, near, u - torch.tanh(u))


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


def _series(x: Tensor, coefficients: tuple[float, ...]) -> Tensor:
    """c0 + c1 x + c2 x^2 + ..., by Horner's rule."""
    total = torch.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


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


NAMESPACE: dict[str, Any] = {
    "torch": torch, "inf": inf, "nan": nan, "sin": sin, "cos": cos, "expm1": expm1, "cosh": cosh, "sinh": sinh, "sigmoid": sigmoid,
    "logistic_pdf": logistic_pdf, "softplus": softplus, "sech2": sech2, "normal_pdf": normal_pdf, "normal_cdf": normal_cdf,
    "tanh_residual": tanh_residual, "tanh_softplus": tanh_softplus, "tanh_softplus_slope": tanh_softplus_slope,
    "sinc": sinc, "spherical_j1": spherical_j1, "spherical_j2": spherical_j2, "exprel": exprel,
    "exprel_slope": exprel_slope, "exprel_curvature": exprel_curvature, "log1prel": log1prel,
    "log1prel_slope": log1prel_slope, "atan_residual": atan_residual, "isru": isru, "inverse_root": inverse_root,
    "pseudo_huber": pseudo_huber, "squareplus": squareplus, "squareplus_slope": squareplus_slope, "power": power,
    "leaky": leaky, "clip": clip, "maximum": maximum, "minimum": minimum, "tensor": tensor,
    "where": where, "keep_nan": keep_nan, "settle": settle,
}  # fmt: skip
