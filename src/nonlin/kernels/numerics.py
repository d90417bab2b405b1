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
    "torch": torch, "inf": inf, "nan": nan, "expm1": expm1, "cosh": cosh, "sinh": sinh, "sigmoid": sigmoid,
    "logistic_pdf": logistic_pdf, "softplus": softplus, "sech2": sech2, "normal_pdf": normal_pdf, "normal_cdf": normal_cdf,
    "tanh_residual": tanh_residual, "tanh_softplus": tanh_softplus, "tanh_softplus_slope": tanh_softplus_slope,
    "leaky": leaky, "clip": clip, "maximum": maximum, "minimum": minimum, "tensor": tensor,
    "where": where, "keep_nan": keep_nan, "settle": settle,
}  # fmt: skip
