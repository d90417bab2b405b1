"""Activations of complex numbers. Gradients are torch's: the conjugate Wirtinger derivative of a real loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.kernels.inputs import check_complex
from nonlin.kernels.learned import per_channel
from nonlin.kernels.recomputed import recomputed
from nonlin.rules.wide import widened


def mod_relu(input: Tensor, bias: float | Tensor = 0.0) -> Tensor:
    """Args:
        input: complex, of any shape.
        bias: what is added to the absolute value before its ReLU: a number, or a real tensor of one element or one for
            each channel (dimension 1) (default 0).

    The direction stays. The result at 0 is 0, with gradient 0. Where a part is NaN
    or infinite, which has no direction, the result is NaN.

    Shape:
        any shape; the output has the input's.

    Raises:
        ArgumentError: for a tensor that is not complex64 or complex128. BoundsError: where ``bias`` does not fit the
            channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.mod_relu(torch.tensor([3 + 4j, 0.3 - 0.4j]), -1.0)
        tensor([2.4000+3.2000j, 0.0000-0.0000j])
    """
    check_complex(input, "mod_relu")
    if isinstance(bias, Tensor):
        bias = per_channel(bias, input, "mod_relu", "bias")
    return _mod_relu(input, bias)


class ModReLU(WrittenModule):
    """Args:
        num_parameters: 1: one bias shared by all channels; else the number of channels (dimension 1).
        bias_init: the initial value of the learned ``bias`` (default 0).
        device, dtype: of the bias, a real tensor.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.ModReLU(bias_init=-1.0)(torch.tensor([3 + 4j])).detach()
        tensor([2.4000+3.2000j])
    """

    bias: nn.Parameter

    def __init__(
        self, num_parameters: int = 1, bias_init: float = 0.0, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_parameters, self.bias_init = num_parameters, bias_init
        self.bias = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.bias, self.bias_init)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"bias": self.bias}


def z_relu(input: Tensor) -> Tensor:
    """Args:
        input: complex, of any shape.

    Passes the closed first quadrant, where the phase lies between 0 and pi / 2, and drops the rest. Where a part is NaN,
    so is the result.

    Shape:
        any shape; the output has the input's.

    Raises:
        ArgumentError: for a tensor that is not complex64 or complex128.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.z_relu(torch.tensor([3 + 4j, 3 - 4j, 2 + 0j]))
        tensor([3.+4.j, 0.+0.j, 2.+0.j])
    """
    check_complex(input, "z_relu")
    passed = ((input.real >= 0) & (input.imag >= 0)) | (input != input)
    return torch.where(passed, input, 0.0)


def c_relu_complex(input: Tensor) -> Tensor:
    """Args:
        input: complex, of any shape.

    Shape:
        any shape; the output has the input's.

    Raises:
        ArgumentError: for a tensor that is not complex64 or complex128.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.c_relu_complex(torch.tensor([3 + 4j, 3 - 4j, -2 + 1j]))
        tensor([3.+4.j, 3.+0.j, 0.+1.j])
    """
    check_complex(input, "c_relu_complex")
    return torch.complex(torch.relu(input.real), torch.relu(input.imag))


def _modulus_relu(input: Tensor, bias: float | Tensor) -> Tensor:
    """Scaled by the larger part, so that no square overflows; in real arithmetic, as torch's complex abs and sgn give other
    bits where the numbers lie apart in memory."""
    real, imag = widened(input.real), widened(input.imag)
    largest = torch.maximum(real.abs(), imag.abs()).detach()  # the result does not depend on it
    zero = largest == 0
    scale = torch.where(zero, 1.0, largest)
    u, v = real / scale, imag / scale
    length = torch.where(zero, 1.0, u * u + v * v).sqrt()
    if isinstance(bias, Tensor):
        bias = bias.to(real.dtype)
    factor = torch.where(zero, 0.0, torch.relu(scale * length + bias) / length)
    return torch.complex((u * factor).to(input.real.dtype), (v * factor).to(input.real.dtype))


_mod_relu = recomputed(_modulus_relu)
