"""One learned formula for many known functions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.kernels.numerics.elementary import softplus
from nonlin.rules.coefficients import filled, held

START = (1.0, 0.0, 0.0, -1.0, 0.0)  # softplus(x) - softplus(-x) = x


def _uaf(x: Tensor, weight: Tensor) -> Tensor:
    a, b, c, d, e = columns(weight)
    endless = torch.isinf(x)
    u = torch.where(endless, torch.zeros_like(x), x)
    inside = softplus(a * (u + b) + c * u * u) - softplus(d * (u - b)) + e
    return torch.where(endless, _limit(torch.sign(x), a, b, c, d) + e, inside)


def _limit(side: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    """Less e: infinite, unless both softplus functions vanish or rise alike; their distance is then that of their lines."""
    first, second = side * a, side * d
    rise = torch.relu(first) - torch.relu(second)
    lines = torch.where(first > 0, 2.0 * a * b, torch.log(torch.tensor(2.0, dtype=side.dtype)) * _flat(first, second))
    level = torch.where(rise == 0, lines, torch.copysign(torch.full_like(side, torch.inf), rise))
    below = torch.where(second > 0, -torch.inf, -torch.log(torch.tensor(2.0, dtype=side.dtype)) * (second == 0))
    return torch.where(c > 0, torch.inf, torch.where(c < 0, below, level))


def _flat(first: Tensor, second: Tensor) -> Tensor:
    """How many more of the first than of the second stay at softplus(0) = log(2)."""
    return (first == 0).to(first.dtype) - (second == 0).to(first.dtype)


def uaf(input: Tensor, weight: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: a, b, c, d and e, of shape (5,), or (channels, 5) for the channels in dimension 1.

    Shape:
        the input's. At infinity the limit.

    Raises:
        BoundsError: for another number of weights, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> step = torch.tensor([4.0, 0.5, 0.0, 4.0, 0.0])  # a (x + b) and a (x - b): it rises from 0 to 2 a b
        >>> nonlin.functional.uaf(torch.tensor([-2.0, 0.0, 2.0]), step)
        tensor([2.4303e-03, 2.0000e+00, 3.9976e+00])
    """
    check_input(input, "uaf")
    if weight.shape[-1:] != (5,):
        raise BoundsError(
            f"uaf: the weight has shape {tuple(weight.shape)}; expected (5,) or (channels, 5): a, b, c, d, e"
        )
    return adaptive(_uaf, "uaf", input, weight)


class UAF(WrittenModule):
    """Args:
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as the identity.

    Example:
        >>> import torch, nonlin
        >>> nonlin.UAF()(torch.tensor([-1.0, 0.0, 1.0]))
        tensor([-1.,  0.,  1.], grad_fn=<learned_curveBackward>)
    """

    weight: nn.Parameter

    def __init__(self, num_parameters: int = 1, device: Any = None, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = held(START, num_parameters, device, dtype)

    def reset_parameters(self) -> None:
        filled(self.weight, START)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight}
