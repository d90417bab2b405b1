"""Activations whose curve a small network computes from the mean of each channel."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.inputs import check_input
from nonlin.kernels.learned import per_channel
from nonlin.rules.coefficients import at_least
from nonlin.rules.wide import wide


def _pooled(owner: str, input: Tensor, channels: int) -> Tensor:
    """The mean of each sample's channel, (batch, channels)."""
    check_input(input, owner)
    if input.ndim < 2 or input.shape[1] != channels:
        raise BoundsError(f"{owner}: got shape {tuple(input.shape)}; expected (batch, {channels}, ...)")
    return input.flatten(2).mean(-1) if input.ndim > 2 else input


def _over_samples(coefficient: Tensor, x: Tensor) -> Tensor:
    """(batch, channels or 1) as it broadcasts against (batch, channels, ...)."""
    return coefficient.reshape(*coefficient.shape, *[1] * (x.ndim - coefficient.ndim))


def meta_acon(input: Tensor, p1: Tensor, p2: Tensor, beta: Tensor) -> Tensor:
    """Args:
        input: floating point, (batch, channels, ...).
        p1, p2: the slopes to the right and to the left, of shape (1,) or (channels,).
        beta: how sharply they change over, (batch, channels), in (0, 1).

    Shape:
        the input's.

    Raises:
        BoundsError: where the input has no dimension of channels, or another number of them than there are numbers.

    Example:
        >>> import torch, nonlin
        >>> one = torch.ones(1)
        >>> nonlin.functional.meta_acon(torch.tensor([[-1.0, 1.0]]), one, 0 * one, torch.ones(1, 2))  # silu
        tensor([[-0.2689,  0.7311]])
    """
    check_input(input, "meta_acon")
    if input.ndim < 2:
        raise BoundsError(f"meta_acon: got shape {tuple(input.shape)}; expected (batch, channels, ...)")
    x, right, left, b = wide(input, p1, p2, beta)
    right, left = per_channel(right, x, "meta_acon", "p1"), per_channel(left, x, "meta_acon", "p2")
    change = (right - left) * x
    return (change * torch.sigmoid(_over_samples(b, x) * change) + left * x).to(input.dtype)


class MetaACON(WrittenModule):
    """Args:
        channels: the size of dimension 1.
        reduction: the network's hidden size is channels / reduction, at least ``reduction`` (default 16), as published.

    p1 and p2 start normal; beta is the sigmoid of two linear maps of each channel's mean.

    Example:
        >>> import torch, nonlin
        >>> nonlin.MetaACON(8)(torch.zeros(2, 8, 3, 3)).abs().sum().item()
        0.0
    """

    p1: nn.Parameter
    p2: nn.Parameter

    def __init__(
        self, channels: int, reduction: int = 16, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        at_least("MetaACON", "channels", channels, 1)
        self.channels, self.reduction = channels, reduction
        hidden = max(reduction, channels // reduction)
        self.down = nn.Linear(channels, hidden, device=device, dtype=dtype)
        self.up = nn.Linear(hidden, channels, device=device, dtype=dtype)
        self.p1, self.p2 = (nn.Parameter(torch.empty(channels, device=device, dtype=dtype)) for _ in range(2))
        for parameter in (self.p1, self.p2):
            nn.init.normal_(parameter)

    def reset_parameters(self) -> None:
        for parameter in (self.p1, self.p2):
            nn.init.normal_(parameter)
        self.down.reset_parameters()
        self.up.reset_parameters()

    def arguments(self, input: Tensor) -> dict[str, Any]:
        beta = torch.sigmoid(self.up(self.down(_pooled("meta_acon", input, self.channels))))
        return {"p1": self.p1, "p2": self.p2, "beta": beta}


def dynamic_relu(input: Tensor, slopes: Tensor, intercepts: Tensor, attention: Tensor | None = None) -> Tensor:
    """Args:
        input: floating point, (batch, channels, ...).
        slopes: a_1 to a_K, (batch, channels or 1, K).
        intercepts: b_1 to b_K, of the same shape.
        attention: a factor of both for each place, (batch, 1, ...), or None.

    Shape:
        the input's.

    Raises:
        BoundsError: where the input has no dimension of channels.

    Example:
        >>> import torch, nonlin
        >>> slopes, intercepts = torch.tensor([[[1.0, 0.1]]]), torch.zeros(1, 1, 2)
        >>> nonlin.functional.dynamic_relu(torch.tensor([[-1.0, 2.0]]), slopes, intercepts)
        tensor([[-0.1000,  2.0000]])
    """
    check_input(input, "dynamic_relu")
    if input.ndim < 2:
        raise BoundsError(f"dynamic_relu: got shape {tuple(input.shape)}; expected (batch, channels, ...)")
    x, a, b = wide(input, slopes, intercepts)
    place = 1 if attention is None else attention.to(x.dtype)
    pieces = [
        place * (_over_samples(s, x) * x + _over_samples(t, x)) for s, t in zip(a.unbind(-1), b.unbind(-1), strict=True)
    ]
    y = pieces[0]
    for piece in pieces[1:]:
        y = torch.maximum(y, piece)
    return y.to(input.dtype)


class DynamicReLU(WrittenModule):
    """Args:
        channels: the size of dimension 1.
        shared: 'a': one curve a sample; 'b': one a sample and channel (default); 'c': that, times an attention over places.
        k: the number of lines (default 2).
        reduction: the network's hidden size is channels / reduction (default 8).
        temperature: divides the attention's logits, for 'c' (default 10).

    Residuals 2 sigmoid(h) - 1, h from two linear maps of each channel's mean, are multiplied by 1 for slopes and by 0.5 for
    intercepts, and added to slopes of 1, 0, ... and intercepts of 0: ReLU, where h is 0.

    Example:
        >>> import torch, nonlin
        >>> nonlin.DynamicReLU(4)(torch.zeros(2, 4, 3, 3)).shape
        torch.Size([2, 4, 3, 3])
    """

    def __init__(
        self,
        channels: int,
        shared: Literal["a", "b", "c"] = "b",
        k: int = 2,
        reduction: int = 8,
        temperature: float = 10.0,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("DynamicReLU", "channels", channels, 1)
        at_least("DynamicReLU", "k", k, 1)
        if shared not in ("a", "b", "c"):
            raise BoundsError(f"DynamicReLU: shared={shared!r}; expected 'a', 'b' or 'c'")
        self.channels, self.shared, self.k = channels, shared, k
        self.reduction, self.temperature = reduction, temperature
        hidden, curves = max(1, channels // reduction), 1 if shared == "a" else channels
        self.down = nn.Linear(channels, hidden, device=device, dtype=dtype)
        self.up = nn.Linear(hidden, 2 * k * curves, device=device, dtype=dtype)
        self.spatial = nn.Linear(channels, 1, device=device, dtype=dtype) if shared == "c" else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for layer in (self.down, self.up, self.spatial):
            if layer is not None:
                layer.reset_parameters()

    def arguments(self, input: Tensor) -> dict[str, Any]:
        pooled = _pooled("dynamic_relu", input, self.channels)
        residual = 2 * torch.sigmoid(self.up(F.relu(self.down(pooled)))) - 1
        residual = residual.unflatten(1, (-1, 2 * self.k))  # (batch, channels or 1, 2k)
        slopes, intercepts = residual[..., : self.k], 0.5 * residual[..., self.k :]
        first = torch.zeros(self.k, dtype=slopes.dtype, device=slopes.device)
        first[0] = 1
        return {"slopes": first + slopes, "intercepts": intercepts, "attention": self._attention(input)}

    def _attention(self, input: Tensor) -> Tensor | None:
        """min(HW/3 softmax(z), 1) over the places of each sample."""
        if self.spatial is None:
            return None
        logits = self.spatial(input.flatten(2).transpose(1, 2)).squeeze(-1) / self.temperature  # (batch, places)
        places: Tensor = torch.softmax(logits, -1) * (logits.shape[-1] / 3)
        return places.clamp(max=1).reshape(input.shape[0], 1, *input.shape[2:])
