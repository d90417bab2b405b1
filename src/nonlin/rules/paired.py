"""Activations of two lines, or of two channels at a time."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least
from nonlin.rules.dimensions import dimension
from nonlin.rules.wide import wide


def householder(input: Tensor, theta: Tensor, dim: int = 1) -> Tensor:
    """Args:
        input: floating point, with at least one dimension.
        theta: the angle of the mirror, of shape (1,), or one for each pair.
        dim: the dimension whose first half is paired with its second half (default 1, the channels).

    Pairs on the far side of a line through 0, at half the angle, are mirrored on it; the length of each pair is kept.

    Shape:
        the input's; the size of ``dim`` is even.

    Raises:
        BoundsError: where it is odd.

    Example:
        >>> import math, torch, nonlin
        >>> nonlin.functional.householder(torch.tensor([1.0, 2.0]), torch.tensor([math.pi / 2]), dim=0)  # the larger first
        tensor([2.0000, 1.0000])
    """
    check_input(input, "householder")
    dim = dimension(input, dim, "householder")
    if input.shape[dim] % 2:
        raise BoundsError(
            f"householder: dimension {dim} has {input.shape[dim]} elements; expected an even number, for pairs"
        )
    x, angle = wide(input, theta.reshape(-1, *[1] * (input.ndim - dim - 1)))
    first, second = x.chunk(2, dim)
    sine, cosine = torch.sin(angle), torch.cos(angle)
    near = first * torch.sin(angle / 2) - second * torch.cos(angle / 2) > 0
    mirrored = first * cosine + second * sine, first * sine - second * cosine
    return torch.cat([torch.where(near, a, b) for a, b in zip((first, second), mirrored, strict=True)], dim).to(
        input.dtype
    )


class Householder(WrittenModule):
    """Args:
        num_parameters: 1: one angle for all pairs; else one for each (half the channels).
        theta_init: the angle at first (default pi/2, which orders each pair: MaxMin).
        dim: the dimension whose first half is paired with its second half (default 1, the channels).

    Example:
        >>> import torch, nonlin
        >>> nonlin.Householder(dim=0)(torch.tensor([1.0, 2.0])).detach()
        tensor([2.0000, 1.0000])
    """

    theta: nn.Parameter

    def __init__(
        self,
        num_parameters: int = 1,
        theta_init: float = math.pi / 2,
        dim: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("Householder", "num_parameters", num_parameters, 1)
        self.num_parameters, self.theta_init, self.dim = num_parameters, theta_init, dim
        self.theta = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.theta, self.theta_init)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"theta": self.theta, "dim": self.dim}


def paired_relu(input: Tensor, scale: Tensor, threshold: Tensor, dim: int = 1) -> Tensor:
    """Args:
        input: floating point, with at least one dimension.
        scale: s and s', of shape (2,).
        threshold: t and t', of shape (2,).
        dim: the dimension that is doubled (default 1, the channels).

    Shape:
        (..., n, ...) to (..., 2n, ...): relu(s x - t), then relu(s' x - t').

    Example:
        >>> import torch, nonlin
        >>> scale, threshold = torch.tensor([0.5, -0.5]), torch.zeros(2)
        >>> nonlin.functional.paired_relu(torch.tensor([-1.0, 2.0]), scale, threshold, dim=0)
        tensor([0.0000, 1.0000, 0.5000, 0.0000])
    """
    check_input(input, "paired_relu")
    dim = dimension(input, dim, "paired_relu")
    x, s, t = wide(input, scale, threshold)
    return torch.cat([torch.relu(s[i] * x - t[i]) for i in range(2)], dim).to(input.dtype)


class PairedReLU(WrittenModule):
    """Args:
        scale_init: s and s' at first (default 0.5 and -0.5); the thresholds start at 0.
        dim: the dimension that is doubled (default 1, the channels).

    Example:
        >>> import torch, nonlin
        >>> nonlin.PairedReLU(dim=0)(torch.tensor([-1.0, 2.0])).detach()
        tensor([0.0000, 1.0000, 0.5000, 0.0000])
    """

    scale: nn.Parameter
    threshold: nn.Parameter

    def __init__(
        self,
        scale_init: tuple[float, float] = (0.5, -0.5),
        dim: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.scale_init, self.dim = scale_init, dim
        self.scale, self.threshold = (nn.Parameter(torch.empty(2, device=device, dtype=dtype)) for _ in range(2))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        with torch.no_grad():
            self.scale.copy_(torch.tensor(self.scale_init, dtype=torch.float64))
        nn.init.zeros_(self.threshold)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"scale": self.scale, "threshold": self.threshold, "dim": self.dim}
