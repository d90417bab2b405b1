"""Learned multiples of hats and bells at fixed places along the input's axis."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least, held


def _tree(count: int, span: int) -> list[tuple[float, float]]:
    """(centre, half width w) of ``count`` hats, each at the left end of span w: one over [0, 4], one a half, a quarter ..."""
    found: list[tuple[float, float]] = []
    pieces = 1
    while len(found) < count:
        width = 4 / (span * pieces)
        found += [(width + span * width * piece, width) for piece in range(pieces)]
        pieces *= 2
    return found[:count]


def _prelu(x: Tensor, slope: Tensor) -> Tensor:
    return torch.relu(x) - slope * torch.relu(-x)


def _melu(size: float, x: Tensor, weight: Tensor) -> Tensor:
    slope, *weights = columns(weight)
    y = _prelu(x, slope)
    for c, (a, width) in zip(weights, _tree(len(weights), 2), strict=True):
        y = y + c * torch.relu(size * width - (x - size * a).abs())
    return y


def melu(input: Tensor, weight: Tensor, max_input: float = 1.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: the slope for negative x, then c_1 to c_(k-1), of shape (k,), or (channels, k).
        max_input: the scale of centres and widths (default 1).

    The hats c_j are centred at 2, 1, 3, 0.5, 1.5 ... times ``max_input``, half as wide in each generation.

    Shape:
        the input's.

    Raises:
        BoundsError: where the weights are those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.melu(torch.tensor([-1.0, 1.0, 2.0]), torch.tensor([0.1, 0.5]))
        tensor([-0.1000,  1.5000,  3.0000])
    """
    check_input(input, "melu")
    return adaptive(partial(_melu, max_input), "melu", input, weight)


def _galu(size: float, x: Tensor, weight: Tensor) -> Tensor:
    slope, *weights = columns(weight)
    y = _prelu(x, slope)
    for c, (a, width) in zip(weights, _tree(len(weights), 4), strict=True):
        up = torch.relu(size * width - (x - size * a).abs())
        down = torch.relu(size * width - (x - size * (a + 2 * width)).abs())
        y = y + c * (up - down)
    return y


def galu(input: Tensor, weight: Tensor, max_input: float = 1.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: the slope for negative x, then c_1 to c_(k-1), of shape (k,), or (channels, k).
        max_input: the scale of centres and widths (default 1).

    Each c_j multiplies a hat followed by its mirror image below; hats are centred at 1, 0.5, 2.5, 0.25, 1.25 ... times
    ``max_input``, half as wide in each generation.

    Shape:
        the input's.

    Raises:
        BoundsError: where the weights are those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.galu(torch.tensor([-1.0, 1.0, 3.0]), torch.tensor([0.1, 0.5]))
        tensor([-0.1000,  1.5000,  2.5000])
    """
    check_input(input, "galu")
    return adaptive(partial(_galu, max_input), "galu", input, weight)


class _Hats(WrittenModule):
    weight: nn.Parameter

    def __init__(
        self,
        k: int = 4,
        max_input: float = 1.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least(type(self).__name__, "k", k, 1)
        self.k, self.max_input, self.num_parameters = k, max_input, num_parameters
        self.weight = held([0.0] * k, num_parameters, device, dtype)

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.weight)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight, "max_input": self.max_input}


class MeLU(_Hats):
    """Args:
        k: the number of learned weights: the slope for negative x and k - 1 hats (default 4).
        max_input: the scale of centres and widths (default 1).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as ReLU: all weights are 0.

    Example:
        >>> import torch, nonlin
        >>> nonlin.MeLU()(torch.tensor([-1.0, 0.5, 3.0])).detach()
        tensor([0.0000, 0.5000, 3.0000])
    """


class GaLU(_Hats):
    """Args:
        k: the number of learned weights: the slope for negative x and k - 1 waves (default 4).
        max_input: the scale of centres and widths (default 1).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as ReLU: all weights are 0.

    Example:
        >>> import torch, nonlin
        >>> nonlin.GaLU()(torch.tensor([-1.0, 0.5, 3.0])).detach()
        tensor([0.0000, 0.5000, 3.0000])
    """


def _kaf(bound: float, x: Tensor, weight: Tensor, gamma: Tensor) -> Tensor:
    (g,) = columns(gamma)
    parts = columns(weight)
    spacing = 2 * bound / (len(parts) - 1)
    y = torch.zeros_like(x)
    for i, a in enumerate(parts):
        y = y + a * torch.exp(-g * (x - (spacing * i - bound)).square())
    return y


def kaf(input: Tensor, weight: Tensor, gamma: Tensor, bound: float = 3.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: a_1 to a_D, D at least 2, of shape (D,), or (channels, D) for the channels in dimension 1.
        gamma: the inverse width of the bells, of shape (1,) or (channels,).
        bound: the dictionary d_1 to d_D is evenly spaced over [-bound, bound] (default 3).

    Shape:
        the input's. 0 at infinity.

    Raises:
        BoundsError: for fewer than two weights, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.kaf(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0, 0.0]), torch.tensor([1.0]))
        tensor([1.0000, 0.3679])
    """
    check_input(input, "kaf")
    at_least("kaf", "the number of weights", weight.shape[-1], 2)
    return adaptive(partial(_kaf, bound), "kaf", input, weight, gamma.reshape(-1, 1))


class KAF(WrittenModule):
    """Args:
        D: the size of the dictionary (default 20).
        bound: it is evenly spaced over [-bound, bound] (default 3).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    The weights start normal, of variance 0.3; gamma at 1 / (6 d^2), with d the spacing of the dictionary.

    Example:
        >>> import torch, nonlin
        >>> round(nonlin.KAF().gamma.item(), 4)
        1.6713
    """

    weight: nn.Parameter
    gamma: nn.Parameter

    def __init__(
        self,
        D: int = 20,
        bound: float = 3.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("KAF", "D", D, 2)
        self.D, self.bound, self.num_parameters = D, bound, num_parameters
        self.weight = held([0.0] * D, num_parameters, device, dtype)
        self.gamma = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=0.3**0.5)
        nn.init.constant_(self.gamma, 1 / (6 * (2 * self.bound / (self.D - 1)) ** 2))

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight, "gamma": self.gamma, "bound": self.bound}
