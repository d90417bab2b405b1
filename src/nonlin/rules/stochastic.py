"""Rectifiers with noise in training: a draw for every element, and a function without noise in evaluation."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders import functions
from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.autograd import differentiable
from nonlin.kernels.inputs import check_input
from nonlin.kernels.terms import formula
from nonlin.registry import find

_in_training = find("noisy_relu").in_training
assert _in_training is not None
_noisy = differentiable(formula(_in_training), prepare=(0,))  # of x and noise, which both are saved
_relu, _mpelu = functions.of(find("relu")), functions.of(find("mpelu"))


def noisy_relu(input: Tensor, training: bool = False, *, generator: torch.Generator | None = None) -> Tensor:
    """Args:
        input: floating point, of any shape.
        training: draw noise for every element; else ReLU.
        generator: the source of randomness (default: torch's own).

    The noise is normal, of mean 0 and variance sigmoid(x). The gradient is that of the value that was drawn, through the
    noise's scale as well.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> x, seeded = torch.tensor([-2.0, 0.5, 2.0]), torch.Generator().manual_seed(0)
        >>> nonlin.functional.noisy_relu(x)
        tensor([0.0000, 0.5000, 2.0000])
        >>> nonlin.functional.noisy_relu(x, training=True, generator=seeded).shape
        torch.Size([3])
    """
    check_input(input, "noisy_relu")
    return _noisy(input, _normal(input, generator)) if training else _relu(input)


class NoisyReLU(WrittenModule):
    """Draws in training mode; in evaluation mode it is ReLU.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.NoisyReLU().eval()(torch.tensor([-2.0, 0.5, 2.0]))
        tensor([0.0000, 0.5000, 2.0000])
    """

    def __init__(self) -> None:
        super().__init__()

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"training": self.training}


def rt_relu(
    input: Tensor, std: float = 0.75, training: bool = False, *, generator: torch.Generator | None = None
) -> Tensor:  # fmt: skip
    """Args:
        input: floating point, of any shape.
        std: the standard deviation of the shift (default 0.75, at least 0).
        training: shift every element by a normal number; else ReLU.
        generator: the source of randomness (default: torch's own).

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: for a negative ``std``.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.rt_relu(torch.tensor([-2.0, 0.5, 2.0]))
        tensor([0.0000, 0.5000, 2.0000])
    """
    check_input(input, "rt_relu")
    _within("rt_relu", "std", std, 0.0, float("inf"))
    return torch.relu(input + std * _normal(input, generator)) if training else _relu(input)


class RTReLU(WrittenModule):
    """Args:
        std: the standard deviation of the shift (default 0.75, at least 0).

    Draws in training mode; in evaluation mode it is ReLU.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.RTReLU().eval()(torch.tensor([-2.0, 0.5, 2.0]))
        tensor([0.0000, 0.5000, 2.0000])
    """

    def __init__(self, std: float = 0.75) -> None:
        super().__init__()
        _within("RTReLU", "std", std, 0.0, float("inf"))
        self.std = std

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"std": self.std, "training": self.training}


def erelu(
    input: Tensor, alpha: float = 0.1, training: bool = False, *, generator: torch.Generator | None = None
) -> Tensor:  # fmt: skip
    """Args:
        input: floating point, of any shape.
        alpha: slopes are uniform between 1 - alpha and 1 + alpha (default 0.1, from 0 to 1).
        training: draw a slope for every element; else ReLU.
        generator: the source of randomness (default: torch's own).

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: for an ``alpha`` outside [0, 1].

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.erelu(torch.tensor([-2.0, 0.5, 2.0]))
        tensor([0.0000, 0.5000, 2.0000])
    """
    check_input(input, "erelu")
    _within("erelu", "alpha", alpha, 0.0, 1.0)
    if not training:
        return _relu(input)
    return torch.relu(input) * torch.empty_like(input).uniform_(1 - alpha, 1 + alpha, generator=generator)


class EReLU(WrittenModule):
    """Args:
        alpha: slopes are uniform between 1 - alpha and 1 + alpha (default 0.1, from 0 to 1).

    Draws in training mode; in evaluation mode it is ReLU.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.EReLU().eval()(torch.tensor([-2.0, 0.5, 2.0]))
        tensor([0.0000, 0.5000, 2.0000])
    """

    def __init__(self, alpha: float = 0.1) -> None:
        super().__init__()
        _within("EReLU", "alpha", alpha, 0.0, 1.0)
        self.alpha = alpha

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"alpha": self.alpha, "training": self.training}


def eelu(
    input: Tensor,
    alpha: float | Tensor = 1.0,
    beta: float | Tensor = 1.0,
    epsilon: float = 1.0,
    training: bool = False,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Args:
        input: floating point, of any shape.
        alpha, beta: the negative side is ``alpha (exp(beta x) - 1)``; numbers, or tensors of one element or one for each
            channel (dimension 1) (default 1).
        epsilon: the largest standard deviation of the slopes (default 1, at least 0).
        training: draw slopes; else the slope is 1, as in MPELU.
        generator: the source of randomness (default: torch's own).

    In training each positive element gets a slope that is normal around 1, cut off at 0 and 2. Its standard deviation is
    one number a call, uniform between 0 and ``epsilon``.

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: for a negative ``epsilon``, or tensors that do not fit the channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.eelu(torch.tensor([-2.0, 0.5, 2.0]))
        tensor([-0.8647,  0.5000,  2.0000])
    """
    check_input(input, "eelu")
    _within("eelu", "epsilon", epsilon, 0.0, float("inf"))
    if not training:
        return _mpelu(input, alpha, beta)
    std = torch.empty((), dtype=input.dtype, device=input.device).uniform_(0.0, epsilon, generator=generator)
    slope = (1 + std * _normal(input, generator)).clamp(0.0, 2.0)
    slope = torch.where(input.detach() > 0, slope, 1.0)
    return torch.where(slope == 0, 0.0, _mpelu(input, alpha, beta) * slope)  # of +inf too


class EELU(WrittenModule):
    """Args:
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).
        alpha_init, beta_init: initial values of the learned ``alpha`` and ``beta`` (default 1).
        epsilon: the largest standard deviation of the slopes (default 1, at least 0).
        device, dtype: of the parameters.

    Draws in training mode; in evaluation mode the slope of the positive side is 1.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.EELU().eval()(torch.tensor([-2.0, 0.5, 2.0])).detach()
        tensor([-0.8647,  0.5000,  2.0000])
    """

    alpha: nn.Parameter
    beta: nn.Parameter

    def __init__(
        self,
        num_parameters: int = 1,
        alpha_init: float = 1.0,
        beta_init: float = 1.0,
        epsilon: float = 1.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        _within("EELU", "epsilon", epsilon, 0.0, float("inf"))
        self.num_parameters, self.epsilon = num_parameters, epsilon
        self.alpha_init, self.beta_init = alpha_init, beta_init
        self.alpha = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.beta = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.alpha, self.alpha_init)
        nn.init.constant_(self.beta, self.beta_init)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"alpha": self.alpha, "beta": self.beta, "epsilon": self.epsilon, "training": self.training}


def _normal(input: Tensor, generator: torch.Generator | None) -> Tensor:
    """Standard normal numbers of the input's shape and dtype."""
    return torch.empty_like(input).normal_(generator=generator)


def _within(owner: str, name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise BoundsError(f"{owner}: {name}={value!r} is out of bounds; expected a number in [{low:g}, {high:g}]")
