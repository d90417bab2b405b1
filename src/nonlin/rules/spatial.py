"""Activations that compare or multiply each place with what a learned linear map makes of other places."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least


def funnel_relu(input: Tensor, condition: Tensor) -> Tensor:
    """Args:
        input: floating point, (batch, channels, height, width).
        condition: what each element must exceed, of the same shape.

    Shape:
        the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.funnel_relu(torch.tensor([-1.0, 1.0]), torch.tensor([-2.0, 2.0]))
        tensor([-1.,  2.])
    """
    check_input(input, "funnel_relu")
    return torch.maximum(input, condition.to(input.dtype))


class FunnelReLU(WrittenModule):
    """Args:
        channels: the size of dimension 1.
        kernel_size: of the depthwise convolution, odd (default 3).

    The condition is a batch-normalised depthwise convolution of the input.

    Example:
        >>> import torch, nonlin
        >>> nonlin.FunnelReLU(4)(torch.zeros(2, 4, 5, 5)).shape
        torch.Size([2, 4, 5, 5])
    """

    def __init__(
        self, channels: int, kernel_size: int = 3, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        at_least("FunnelReLU", "channels", channels, 1)
        if kernel_size % 2 == 0:
            raise BoundsError(f"FunnelReLU: kernel_size={kernel_size}; expected an odd number, which keeps the size")
        self.channels, self.kernel_size = channels, kernel_size
        self.conv = nn.Conv2d(
            channels,
            channels,
            kernel_size,
            padding=kernel_size // 2,
            groups=channels,
            bias=False,
            device=device,
            dtype=dtype,
        )
        self.norm = nn.BatchNorm2d(channels, device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        self.conv.reset_parameters()
        self.norm.reset_parameters()

    def arguments(self, input: Tensor) -> dict[str, Any]:
        check_input(input, "funnel_relu")
        if input.ndim != 4 or input.shape[1] != self.channels:
            given = f"FunnelReLU({self.channels}): got shape {tuple(input.shape)}"
            raise BoundsError(f"{given}; expected (batch, {self.channels}, height, width)")
        return {"condition": self.norm(self.conv(input))}


def sgu(input: Tensor, gate: Tensor) -> Tensor:
    """Args:
        input: floating point, (..., length, features), an even number of features.
        gate: what multiplies the first half of the features, (..., length, features / 2).

    Shape:
        (..., length, features) to (..., length, features / 2).

    Raises:
        BoundsError: where the number of features is odd.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.sgu(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), torch.tensor([[2.0, 1.0]]))
        tensor([[2., 2.]])
    """
    check_input(input, "sgu")
    if input.ndim < 1 or input.shape[-1] % 2:
        raise BoundsError(
            f"sgu: got shape {tuple(input.shape)}; expected an even number of features in the last dimension"
        )
    return input[..., : input.shape[-1] // 2] * gate.to(input.dtype)


class SGU(WrittenModule):
    """Args:
        features: the size of the last dimension, even.
        length: the number of places (the last dimension but one), between which the gate mixes.

    The gate is a linear map over places of the layer-normalised second half. Its weight starts near 0 (uniform within
    0.001 / length) and its bias at 1, so that it starts by handing on the first half.

    Example:
        >>> import torch, nonlin
        >>> nonlin.SGU(features=8, length=3)(torch.zeros(2, 3, 8)).shape
        torch.Size([2, 3, 4])
    """

    def __init__(self, features: int, length: int, device: Any = None, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        if features < 2 or features % 2:
            raise BoundsError(f"SGU: features={features}; expected an even number, half of which gate the other half")
        at_least("SGU", "length", length, 1)
        self.features, self.length = features, length
        self.norm = nn.LayerNorm(features // 2, device=device, dtype=dtype)
        self.mix = nn.Linear(length, length, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.norm.reset_parameters()
        nn.init.uniform_(self.mix.weight, -1e-3 / self.length, 1e-3 / self.length)
        nn.init.ones_(self.mix.bias)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        check_input(input, "sgu")
        if input.ndim < 2 or input.shape[-2:] != (self.length, self.features):
            given = f"SGU({self.features}, {self.length}): got shape {tuple(input.shape)}"
            raise BoundsError(f"{given}; expected (..., {self.length}, {self.features})")
        half = self.norm(input[..., self.features // 2 :])
        return {"gate": self.mix(half.transpose(-1, -2)).transpose(-1, -2)}
