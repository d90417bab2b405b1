"""Learned multiples of hinges along the input's axis: a slope that changes at some places."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least, filled, held


def _apl(x: Tensor, slope: Tensor, hinge: Tensor) -> Tensor:
    y = torch.relu(x)
    for a, b in zip(columns(slope), columns(hinge), strict=True):
        y = y + a * torch.relu(b - x)
    return y


def apl(input: Tensor, slope: Tensor, hinge: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.
        slope: a_1 to a_S, of shape (S,), or (channels, S) for the channels in dimension 1.
        hinge: b_1 to b_S, of the same shape.

    Shape:
        the input's.

    Raises:
        BoundsError: where there are not as many slopes as hinges, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.apl(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([0.5]), torch.tensor([0.0]))
        tensor([0.5000, 0.0000, 1.0000])
    """
    check_input(input, "apl")
    if slope.shape[-1] != hinge.shape[-1]:
        raise BoundsError(f"apl: {slope.shape[-1]} slopes and {hinge.shape[-1]} hinges; expected as many of each")
    return adaptive(_apl, "apl", input, slope, hinge)


class APL(WrittenModule):
    """Args:
        S: the number of hinges (default 2).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1; the publication has one set a
            neuron).

    Slopes and hinges start uniform in [-0.05, 0.05], as in public implementations; equal hinges would stay equal.

    Example:
        >>> import torch, nonlin
        >>> sum(p.numel() for p in nonlin.APL(S=3, num_parameters=8).parameters())
        48
    """

    slope: nn.Parameter
    hinge: nn.Parameter

    def __init__(
        self, S: int = 2, num_parameters: int = 1, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        at_least("APL", "S", S, 1)
        self.S, self.num_parameters = S, num_parameters
        self.slope, self.hinge = (held([0.0] * S, num_parameters, device, dtype) for _ in range(2))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for parameter in (self.slope, self.hinge):
            nn.init.uniform_(parameter, -0.05, 0.05)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"slope": self.slope, "hinge": self.hinge}


def _splash(hinges: tuple[float, ...], x: Tensor, right: Tensor, left: Tensor) -> Tensor:
    y = torch.zeros_like(x)
    for b, up, down in zip(hinges, columns(right), columns(left), strict=True):
        y = y + up * torch.relu(x - b) + down * torch.relu(-x - b)
    return y


def splash(input: Tensor, right: Tensor, left: Tensor, hinges: tuple[float, ...] = (0.0, 1.0, 2.0, 2.5)) -> Tensor:
    """Args:
        input: floating point, of any shape.
        right: the slopes added beyond each hinge on the right, of shape (hinges,), or (channels, hinges).
        left: those beyond each mirrored hinge, to the left.
        hinges: where, fixed and not negative.

    Shape:
        the input's.

    Raises:
        BoundsError: where there are not as many slopes as hinges.

    Example:
        >>> import torch, nonlin
        >>> right, left = torch.tensor([1.0, -1.0]), torch.zeros(2)
        >>> nonlin.functional.splash(torch.tensor([-1.0, 0.5, 3.0]), right, left, (0.0, 1.0))
        tensor([0.0000, 0.5000, 1.0000])
    """
    check_input(input, "splash")
    if not right.shape[-1] == left.shape[-1] == len(hinges):
        given = f"{right.shape[-1]} and {left.shape[-1]} slopes for {len(hinges)} hinges"
        raise BoundsError(f"splash: {given}; expected one for each on either side")
    return adaptive(partial(_splash, tuple(hinges)), "splash", input, right, left)


class SPLASH(WrittenModule):
    """Args:
        hinges: where the slope changes, mirrored to the left (default 0, 1, 2 and 2.5: the publication's S = 7).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as ReLU: the slope to the right of 0 is 1, the others are 0.

    Example:
        >>> import torch, nonlin
        >>> nonlin.SPLASH()(torch.tensor([-1.0, 0.5, 3.0])).detach()
        tensor([0.0000, 0.5000, 3.0000])
    """

    right: nn.Parameter
    left: nn.Parameter

    def __init__(
        self,
        hinges: tuple[float, ...] = (0.0, 1.0, 2.0, 2.5),
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if not hinges or min(hinges) < 0:
            raise BoundsError(f"SPLASH: hinges={hinges!r}; expected at least one, none of them negative")
        self.hinges, self.num_parameters = tuple(hinges), num_parameters
        self.right, self.left = (held([0.0] * len(hinges), num_parameters, device, dtype) for _ in range(2))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        filled(self.right, [1.0] + [0.0] * (len(self.hinges) - 1))
        nn.init.zeros_(self.left)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"right": self.right, "left": self.left, "hinges": self.hinges}
