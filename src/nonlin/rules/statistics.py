"""Activations that look at the mean or the size of a whole row, sample or batch."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.inputs import check_input
from nonlin.kernels.learned import per_channel
from nonlin.kernels.recomputed import recomputed
from nonlin.rules.coefficients import at_least
from nonlin.rules.dimensions import dimension
from nonlin.rules.wide import wide


def abrelu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Args:
        input: floating point; dimension 0 is the batch, where there are two or more.
        alpha: how much of the mean is the threshold (default 1).

    The mean is that of one sample: over all dimensions but the first.

    Shape:
        the input's. NaN for all of a sample in which there is a NaN or both infinities.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.abrelu(torch.tensor([[1.0, 2.0, 6.0]]))
        tensor([[0., 0., 3.]])
    """
    check_input(input, "abrelu")
    (x,) = wide(input)
    dims = tuple(range(1, x.ndim)) or None
    mean = x.mean(dims, keepdim=True) if x.numel() else x
    return torch.relu(x - alpha * mean).to(input.dtype)


def poly_norm(input: Tensor, weight: Tensor, bias: Tensor, dim: int = -1, eps: float = 1e-6) -> Tensor:
    """Args:
        input: floating point, with at least one dimension.
        weight: a_1 to a_r, of shape (r,): of the normalised powers x^1 to x^r.
        bias: one number.
        dim: the dimension over which each power's root mean square is taken (default -1).
        eps: added to the mean square (default 1e-6).

    Shape:
        the input's. NaN for all of a row in which there is a NaN or an infinity.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.poly_norm(torch.tensor([1.0, -1.0]), torch.tensor([2.0, 1.0]), torch.tensor(0.5))
        tensor([ 3.5000, -0.5000])
    """
    check_input(input, "poly_norm")
    return _poly_norm(input, weight, bias, dimension(input, dim, "poly_norm"), eps)


@recomputed
def _poly_norm(input: Tensor, weight: Tensor, bias: Tensor, dim: int, eps: float) -> Tensor:
    x, w, b = wide(input, weight, bias)
    power, y = torch.ones_like(x), torch.zeros_like(x) + b
    for a in w.unbind(0):
        power = power * x
        y = y + a * power * torch.rsqrt(power.square().mean(dim, keepdim=True) + eps)
    return y.to(input.dtype)


class PolyNorm(WrittenModule):
    """Args:
        r: the highest power (default 3).
        dim: the dimension over which each power's root mean square is taken (default -1).
        eps: added to the mean square (default 1e-6).

    It starts with 1/r for each power and no bias.

    Example:
        >>> import torch, nonlin
        >>> nonlin.PolyNorm()(torch.tensor([1.0, -1.0])).detach()
        tensor([ 1.0000, -0.3333])
    """

    weight: nn.Parameter
    bias: nn.Parameter

    def __init__(
        self, r: int = 3, dim: int = -1, eps: float = 1e-6, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        at_least("PolyNorm", "r", r, 1)
        self.r, self.dim, self.eps = r, dim, eps
        self.weight = nn.Parameter(torch.empty(r, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.empty(1, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, 1 / self.r)
        nn.init.zeros_(self.bias)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight, "bias": self.bias, "dim": self.dim, "eps": self.eps}


def dice(input: Tensor, alpha: Tensor, mean: Tensor, variance: Tensor, eps: float = 1e-8) -> Tensor:
    """Args:
        input: floating point, (batch, channels, ...).
        alpha: the slope where the gate is closed, of shape (1,) or (channels,).
        mean, variance: of each channel, (channels,): the batch's in training, running ones after it (see the module).
        eps: added to the variance (default 1e-8).

    Shape:
        the input's.

    Raises:
        BoundsError: where the input has no dimension of channels, or another number of them than there are numbers.

    Example:
        >>> import torch, nonlin
        >>> x = torch.tensor([[-1.0], [1.0]])
        >>> nonlin.functional.dice(x, torch.zeros(1), torch.zeros(1), torch.ones(1))
        tensor([[-0.2689],
                [ 0.7311]])
    """
    check_input(input, "dice")
    if input.ndim < 2:
        raise BoundsError(f"dice: got shape {tuple(input.shape)}; expected (batch, channels, ...)")
    return _dice(input, alpha, mean, variance, eps)


@recomputed
def _dice(input: Tensor, alpha: Tensor, mean: Tensor, variance: Tensor, eps: float) -> Tensor:
    x, a, m, v = wide(input, alpha, mean, variance)
    a, m, v = (per_channel(t, x, "dice", n) for t, n in ((a, "alpha"), (m, "mean"), (v, "variance")))
    p = torch.sigmoid((x - m) * torch.rsqrt(v + eps))
    return (x * (p + (1 - p) * a)).to(input.dtype)


class Dice(WrittenModule):
    """Args:
        num_features: the number of channels (dimension 1).
        alpha_init: the slope where the gate is closed, one a channel, starts at this (default 0).
        eps: added to the variance (default 1e-8).
        momentum: how far the running mean and variance move towards a batch's in training (default 0.1).

    Example:
        >>> import torch, nonlin
        >>> nonlin.Dice(1)(torch.tensor([[-1.0], [1.0]])).detach()
        tensor([[-0.2689],
                [ 0.7311]])
    """

    alpha: nn.Parameter
    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self,
        num_features: int,
        alpha_init: float = 0.0,
        eps: float = 1e-8,
        momentum: float = 0.1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("Dice", "num_features", num_features, 1)
        self.num_features, self.alpha_init, self.eps, self.momentum = num_features, alpha_init, eps, momentum
        self.alpha = nn.Parameter(torch.empty(num_features, device=device, dtype=dtype))
        for name in ("running_mean", "running_var"):
            self.register_buffer(name, torch.empty(num_features, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.alpha, self.alpha_init)
        self.running_mean.zero_()
        self.running_var.fill_(1)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        check_input(input, "dice")
        if input.ndim < 2 or input.shape[1] != self.num_features:
            given = f"Dice({self.num_features}): got shape {tuple(input.shape)}"
            raise BoundsError(f"{given}; expected (batch, {self.num_features}, ...)")
        mean, variance = self.running_mean, self.running_var
        if self.training:
            (x,) = wide(input)
            dims = [i for i in range(x.ndim) if i != 1]
            variance, mean = torch.var_mean(x, dims, correction=0)
            count = prod(input.shape) / self.num_features
            with torch.no_grad():
                unbiased = variance * (count / max(count - 1, 1))
                self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
                self.running_var.lerp_(unbiased.to(self.running_var.dtype), self.momentum)
        return {"alpha": self.alpha, "mean": mean, "variance": variance, "eps": self.eps}
