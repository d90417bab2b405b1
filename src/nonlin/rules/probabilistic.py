"""Activations with learned noise."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.kernels.inputs import check_input
from nonlin.kernels.learned import per_channel
from nonlin.rules.coefficients import at_least
from nonlin.rules.wide import wide


def probact(input: Tensor, sigma: Tensor, training: bool = False) -> Tensor:
    """Args:
        input: floating point, of any shape.
        sigma: the deviation of the noise, of shape (1,), or (channels,) for the channels in dimension 1.
        training: add noise, drawn anew for every element by torch's generator, rather than take the mean.

    Shape:
        the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.probact(torch.tensor([-1.0, 2.0]), torch.tensor([0.5]))
        tensor([0., 2.])
    """
    check_input(input, "probact")
    if not training:
        return torch.relu(input)
    noise = torch.randn_like(input)
    x, s, drawn = wide(input, per_channel(sigma, input, "probact", "sigma"), noise)
    return (torch.relu(x) + s * drawn).to(input.dtype)


class ProbAct(WrittenModule):
    """Args:
        num_parameters: 1: one deviation for all channels; else the number of channels (dimension 1).
        sigma_init: the deviation of the noise at first (default 0.5).

    Example:
        >>> import torch, nonlin
        >>> nonlin.ProbAct().eval()(torch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    sigma: nn.Parameter

    def __init__(
        self,
        num_parameters: int = 1,
        sigma_init: float = 0.5,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("ProbAct", "num_parameters", num_parameters, 1)
        self.num_parameters, self.sigma_init = num_parameters, sigma_init
        self.sigma = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.sigma, self.sigma_init)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"sigma": self.sigma, "training": self.training}
