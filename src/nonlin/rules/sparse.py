"""Sparse relatives of the softmax: exact zeros for what lies far below the largest entries."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels import eager
from nonlin.kernels import row_entmax as rows
from nonlin.kernels.inputs import check_input
from nonlin.kernels.rowwise import row_dimension, rowwise, wide
from nonlin.kernels.terms import compute_dtype
from nonlin.rules.rows import along_rows, per_row, row_function

# once: torch.compile cannot follow how they are built
_softmax, _sparsemax, _entmax15, _entmax = map(rowwise, ("softmax", "sparsemax", "entmax15", "entmax"))
_OWN = {1.0: _softmax, 1.5: _entmax15, 2.0: _sparsemax}


def sparsemax(input: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. +inf entries share the row; a row of -inf alone, or with a NaN, is NaN.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.sparsemax(torch.tensor([1.0, 1.5, 0.2]))
        tensor([0.2500, 0.7500, 0.0000])
    """
    return _sparsemax(input, dim)


def entmax15(input: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. +inf entries share the row; a row of -inf alone, or with a NaN, is NaN.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.entmax15(torch.tensor([-2.0, 0.0, 0.5]))
        tensor([0.0000, 0.3260, 0.6740])
    """
    return _entmax15(input, dim)


def entmax(input: Tensor, alpha: float | Tensor = 1.5, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        alpha: at least 1 (default 1.5): 1 is the softmax, 2 the sparsemax; the larger, the sparser. A number, or a tensor,
            which gets a gradient: of one number, one for each channel (dimension 1), or one for each row (the input's shape
            with 1 at ``dim``).
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. +inf entries share the row; a row of -inf alone, or with a NaN, is NaN.

    Raises:
        BoundsError: where alpha is a number below 1, or infinite.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.entmax(torch.tensor([-2.0, 0.0, 0.5]), alpha=1.25)
        tensor([0.0053, 0.3521, 0.6426])
    """
    check_input(input, "entmax")
    if not isinstance(alpha, Tensor):
        if not 1.0 <= alpha < math.inf:
            raise BoundsError(f"entmax: alpha={alpha!r}; expected a number of at least 1 (default 1.5)")
        if alpha in _OWN:
            return _OWN[alpha](input, dim)
        return _entmax(input, dim, float(alpha), 1.0)
    dim = row_dimension(input, dim, "entmax")
    if input.numel() == 0:
        return input * alpha.sum().to(input.dtype)  # so that alpha gets its gradient, which is 0
    if input.ndim == 0:
        return entmax(input.reshape(1), alpha.reshape(1), 0).reshape(())
    alpha = per_row(alpha, input, dim, "entmax", "alpha")
    if torch.compiler.is_compiling() or not eager.plain():
        upper = compute_dtype(input.dtype, input.device)
        return rows.entmax(input.to(upper), dim, alpha.to(upper)).to(input.dtype)
    return cast(Tensor, _Entmax.apply(input, alpha, dim))  # type: ignore[no-untyped-call]


class _Entmax(torch.autograd.Function):
    """Saves the output, from which both gradients follow, and alpha."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Tensor, dim: int) -> Tensor:
        if alpha.numel() == 1 and x.is_cpu:
            p = _entmax(x.detach(), dim, float(alpha.detach()), 1.0)
        else:
            p = wide(rows.entmax, x, dim, alpha.to(compute_dtype(x.dtype, x.device)))
        half = x.dtype.itemsize == 2  # too few bits for the gradient
        ctx.save_for_backward(x if half else p, alpha)
        ctx.dim, ctx.half = dim, half
        return p

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        saved, alpha = ctx.saved_tensors
        upper = compute_dtype(saved.dtype, saved.device)
        p, a, g = saved.to(upper), alpha.to(upper), grad.to(upper)
        if ctx.half:
            p = rows.entmax(p, ctx.dim, a)
        to_input = to_alpha = None
        if ctx.needs_input_grad[0]:
            to_input = rows.entmax_backward(g, p, ctx.dim, a).to(saved.dtype)
        if ctx.needs_input_grad[1]:
            to_alpha = (g * rows.alpha_slopes(p, ctx.dim, a)).sum_to_size(alpha.shape).to(alpha.dtype)
        return to_input, to_alpha, None


class Entmax(WrittenModule):
    """Args:
    alpha: at least 1 (default 1.5); where it learns, strictly between 1 and 2: what it starts from.
    dim: the dimension that sums to 1 (default -1).
    learnable: whether alpha learns, as 1 + sigmoid of the parameter ``alpha_logit`` (Correia et al., 2019).
    num_parameters: 1 for all channels, or their number (dimension 1).
    device, dtype: of the parameter.
    """

    alpha_logit: nn.Parameter | None

    def __init__(
        self,
        alpha: float = 1.5,
        dim: int = -1,
        learnable: bool = False,
        num_parameters: int = 1,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        nn.Module.__init__(self)
        if learnable and not 1.0 < alpha < 2.0:
            raise BoundsError(f"Entmax: alpha={alpha!r}, which is to learn; expected a number between 1 and 2")
        if not 1.0 <= alpha < math.inf:
            raise BoundsError(f"Entmax: alpha={alpha!r}; expected a number of at least 1 (default 1.5)")
        self.alpha, self.dim, self.learnable, self.num_parameters = alpha, dim, learnable, num_parameters
        empty = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype)) if learnable else None
        self.register_parameter("alpha_logit", empty)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        if self.alpha_logit is not None:
            nn.init.constant_(self.alpha_logit, math.log((self.alpha - 1.0) / (2.0 - self.alpha)))

    def arguments(self, input: Tensor) -> dict[str, Any]:
        if self.alpha_logit is None:
            return {"alpha": self.alpha, "dim": self.dim}
        check_input(input, "entmax")
        alpha = 1.0 + torch.sigmoid(self.alpha_logit.to(compute_dtype(input.dtype, input.device)))
        return {"alpha": alpha, "dim": self.dim}


def sparsegen(input: Tensor, lam: float = 0.0, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        lam: lambda, below 1 (default 0, the sparsemax): towards 1 rows become one-hot, towards -inf uniform.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. +inf entries share the row; a row of -inf alone, or with a NaN, is NaN.

    Raises:
        BoundsError: where lam is not below 1, or infinite.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.sparsegen(torch.tensor([1.0, 1.5, 0.2]), lam=-1.0)
        tensor([0.3750, 0.6250, 0.0000])
    """
    check_input(input, "sparsegen")
    if not -math.inf < lam < 1.0:
        raise BoundsError(f"sparsegen: lam={lam!r}; expected a number below 1 (default 0.0)")
    return _sparsemax(input, dim, 1.0 / (1.0 - lam))


def r_softmax(input: Tensor, r: float = 0.5, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        r: the share of entries that become 0, from 0 to 1 (default 0.5): those up to the r-quantile of the row, which is
            interpolated linearly. At 0 that is the smallest entry, at 1 all but the largest ones.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. A row whose largest entries alone reach the quantile is shared by them; a row with
        NaN, or of infinities that leave no quantile, is NaN.

    Raises:
        BoundsError: where r lies outside [0, 1].

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.r_softmax(torch.tensor([0.0, 1.0, 2.0, 3.0]))
        tensor([0.0000, 0.0000, 0.1092, 0.8908])
    """
    check_input(input, "r_softmax")
    if not 0.0 <= r <= 1.0:
        raise BoundsError(f"r_softmax: r={r!r}; expected a number from 0 to 1 (default 0.5)")

    return along_rows(_weighted, input, dim, "r_softmax", r)


@row_function
def _weighted(x: Tensor, dim: int, r: float) -> Tensor:
    top = x.detach().amax(dim, keepdim=True)
    at = r * (x.shape[dim] - 1)
    low, part = int(at), at - int(at)
    ordered = x.sort(dim).values
    quantile = ordered.narrow(dim, low, 1)
    if part:
        quantile = quantile + part * (ordered.narrow(dim, low + 1, 1) - quantile)
    shares = torch.relu(x - quantile) * torch.exp(x - top)
    total = shares.sum(dim, keepdim=True)
    none, largest = total == 0, (x == top).to(x.dtype)
    return torch.where(none, largest / largest.sum(dim, keepdim=True), shares / torch.where(none, 1.0, total))


def normmax(input: Tensor, alpha: float = 2.0, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        alpha: of the norm, above 1 (default 2).
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. +inf entries share the row; a row of -inf alone, or with a NaN, is NaN.

    Raises:
        BoundsError: where alpha is not above 1, or infinite.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.normmax(torch.tensor([1.0, 1.5, 0.2]))
        tensor([0.3110, 0.6890, 0.0000])
    """
    check_input(input, "normmax")
    if not 1.0 < alpha < math.inf:
        raise BoundsError(f"normmax: alpha={alpha!r}; expected a number above 1 (default 2.0)")
    return along_rows(_normed, input, dim, "normmax", alpha)


@row_function
def _normed(x: Tensor, dim: int, alpha: float) -> Tensor:
    """p/|p| = (x - tau)^(1/(alpha - 1)) where x > tau, with (x - tau)^(alpha/(alpha - 1)) summing to 1: an entmax of alpha
    2 - 1/alpha, whose power 1/alpha is p up to a factor."""
    dual = 2.0 - 1.0 / alpha
    q = rows.entmax(x, dim, dual, 1.0 / (dual - 1.0))
    zero = q == 0.0
    p = torch.where(zero, torch.zeros_like(q), torch.where(zero, torch.ones_like(q), q) ** (1.0 / alpha))
    return p / p.sum(dim, keepdim=True)
