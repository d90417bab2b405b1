"""Sparsemax and the entmax family in torch's own operations, without sorting.

With b = alpha - 1 and u = x - lambda, an entry is p = (1 + b u)^(1/b) where 1 + b u > 0, else 0; lambda makes the row sum to
1. At alpha = 1 that is exp(u), the softmax, at 2 the sparsemax. Newton's method on the row's norm, (sum p)^b = (sum of
(1 + b u)^(1/b))^b, from lambda = max x: for alpha up to 2 the norm is convex in lambda, so that every step ends left of the
root or on it, and in the softmax the first one does. For alpha > 2 every other step halves a bracket that holds the rest.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from nonlin.kernels import eager
from nonlin.kernels.row_rules import RowRule

Number = float | Tensor

# More than any row was seen to need (7 up to alpha 2): a fixed number, so that transforms and compilers can follow.
STEPS, GUARDED_STEPS = 16, 100


def scaled(x: Tensor, dim: int, scale: Number) -> Tensor:
    """scale (x - max), the maximum as a constant, which lambda takes up; +inf entries share the row."""
    top = x.detach().amax(dim, keepdim=True)
    return scale * torch.where(x == torch.inf, torch.zeros_like(x), x - top)


def _power(u: Tensor, b: Number) -> tuple[Tensor, Tensor]:
    """(p, p/(1 + b u)): a share and how it falls with lambda; NaN stays NaN."""
    base = 1.0 + b * u
    out = base <= 0.0
    inside = torch.where(out, torch.zeros_like(u), u)
    if isinstance(b, Tensor):
        soft = b == 0.0
        safe = torch.where(soft, torch.ones_like(b), b)
        p = torch.where(soft, torch.exp(inside), torch.exp(torch.log1p(safe * inside) / safe))
    else:
        p = torch.exp(inside) if b == 0.0 else torch.exp(torch.log1p(b * inside) / b)
    p = torch.where(out, torch.zeros_like(p), p)
    return p, torch.where(out, torch.zeros_like(p), p / (1.0 + b * inside))


def _deformed_log(f: Tensor, b: Number) -> Tensor:
    """(1 - f^-b)/b, at b = 0 the logarithm."""
    if isinstance(b, Tensor):
        soft = b == 0.0
        safe = torch.where(soft, torch.ones_like(b), b)
        return torch.where(soft, torch.log(f), -torch.expm1(-safe * torch.log(f)) / safe)
    return torch.log(f) if b == 0.0 else -torch.expm1(-b * torch.log(f)) / b


def _root(z: Tensor, dim: int, b: Number) -> Tensor:
    """lambda of every row, up to rounding; a constant."""
    at = torch.zeros_like(z.amax(dim, keepdim=True)) * (b if isinstance(b, Tensor) else 1.0)
    guarded = isinstance(b, Tensor) and (not _readable(b) or float(b.max()) > 1.0)
    guarded = guarded or (not isinstance(b, Tensor) and b > 1.0)
    low, high = at, at + _deformed_log(torch.full_like(at, float(z.shape[dim])), b)
    for done in range(GUARDED_STEPS if guarded else STEPS):
        p, fall = _power(z - at, b)
        f = p.sum(dim, keepdim=True)
        step = f * _deformed_log(f, b) / fall.sum(dim, keepdim=True)
        if guarded:
            low, high = torch.where(f >= 1.0, at, low), torch.where(f < 1.0, at, high)
            held = (at + step >= low) & (at + step <= high) & (done % 2 == 0)
            at = torch.where(held, at + step, (low + high) / 2)
        else:
            at = at + step
    return at


def _readable(b: Tensor) -> bool:
    """Whether the values may be looked at: no transform or compiler hides them."""
    hidden = torch.compiler.is_compiling() or eager.PEEK() is not None or eager.MODES() or eager.TRACED() is not None
    return not hidden and b.device.type != "meta"


def entmax(x: Tensor, dim: int, alpha: Number, scale: Number = 1.0) -> Tensor:
    """Two steps of Newton's method from the root carry derivatives up to the third order."""
    b = alpha - 1.0
    z = scaled(x, dim, scale)
    at = _root(z.detach(), dim, b.detach() if isinstance(b, Tensor) else b)
    for _ in range(2):
        p, fall = _power(z - at, b)
        at = at + (p.sum(dim, keepdim=True) - 1.0) / fall.sum(dim, keepdim=True)
    return _power(z - at, b)[0]


def slopes(p: Tensor, alpha: Number) -> Tensor:
    """p^(2 - alpha) where p > 0: how an entry falls with lambda."""
    zero = p == 0.0
    inside = torch.where(zero, torch.ones_like(p), p)
    return torch.where(zero, torch.zeros_like(p), torch.exp((2.0 - alpha) * torch.log(inside)))


def entmax_backward(grad: Tensor, p: Tensor, dim: int, alpha: Number, scale: Number = 1.0) -> Tensor:
    """s (g - sum of s g / sum of s), s = p^(2 - alpha)."""
    s = slopes(p, alpha)
    return scale * s * (grad - (s * grad).sum(dim, keepdim=True) / s.sum(dim, keepdim=True))


def alpha_slopes(p: Tensor, dim: int, alpha: Tensor) -> Tensor:
    """dp/dalpha = a - s (sum of a / sum of s), a = p l^2 h(b l), l = log p, h(t) = (1 - exp(-t) - t)/t^2."""
    zero = p == 0.0
    log = torch.log(torch.where(zero, torch.ones_like(p), p))
    a = p * log * log * _half((alpha - 1.0) * log)
    s = slopes(p, alpha)
    return a - s * (a.sum(dim, keepdim=True) / s.sum(dim, keepdim=True))


def _half(t: Tensor) -> Tensor:
    """(1 - exp(-t) - t)/t^2, which is -1/2 at 0: a series below 0.3, where the difference would lose digits."""
    near = t.abs() < 0.3
    small = torch.where(near, t, torch.zeros_like(t))
    series = torch.zeros_like(t)
    for k in range(14, 1, -1):
        series = series * small + (-1.0) ** (k + 1) / math.factorial(k)
    far = torch.where(near, torch.ones_like(t), t)
    return torch.where(near, series, (-torch.expm1(-far) - far) / (far * far))


def sparsemax(x: Tensor, dim: int, scale: Number = 1.0) -> Tensor:
    """max(z - tau, 0), tau from the entries above it; the last step, on those that remain, is exact and differentiable."""
    z = scaled(x, dim, scale)
    tau = _threshold(z.detach(), z.detach() > -1.0, dim)
    for _ in range(STEPS):
        tau = _threshold(z.detach(), z.detach() > tau, dim)
    tau = _threshold(z, z.detach() > tau, dim)
    return torch.where(z > tau, z - tau, 0.0 * tau.square())  # NaN in the row is NaN in tau; never -0.0


def _threshold(z: Tensor, above: Tensor, dim: int) -> Tensor:
    """(sum of z over some entries, minus 1)/(how many)."""
    taken = torch.where(above | z.isnan(), z, torch.zeros_like(z))
    return (taken.sum(dim, keepdim=True) - 1.0) / above.to(z.dtype).sum(dim, keepdim=True)


def sparsemax_backward(grad: Tensor, p: Tensor, dim: int, scale: Number = 1.0) -> Tensor:
    return entmax_backward(grad, p, dim, 2.0, scale)


def entmax15(x: Tensor, dim: int, scale: Number = 1.0) -> Tensor:
    return entmax(x, dim, 1.5, scale)


def entmax15_backward(grad: Tensor, p: Tensor, dim: int, scale: Number = 1.0) -> Tensor:
    return entmax_backward(grad, p, dim, 1.5, scale)


ENTMAX_RULES = {
    rule.name: rule
    for rule in (
        RowRule("sparsemax", sparsemax, sparsemax_backward, by_output=True, defaults=(1.0,)),
        RowRule("entmax15", entmax15, entmax15_backward, by_output=True, defaults=(1.0,)),
        RowRule("entmax", entmax, entmax_backward, by_output=True, defaults=(1.5, 1.0)),
    )
}
