"""How learned coefficients are held: one set for all channels, or one a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError


def held(values: Sequence[float], num_parameters: int, device: Any, dtype: torch.dtype | None) -> nn.Parameter:
    """An nn.Parameter of ``values``: (k,) where one set is shared, (num_parameters, k) where each channel has its own."""
    if num_parameters < 1:
        raise BoundsError(
            f"num_parameters={num_parameters}; expected 1 (shared by all channels) or the number of channels"
        )
    shape = (len(values),) if num_parameters == 1 else (num_parameters, len(values))
    empty = torch.empty(shape, device=device, dtype=dtype)
    return nn.Parameter(filled(empty, values))


@torch.no_grad()
def filled(tensor: Tensor, values: Sequence[float]) -> Tensor:
    """``tensor`` with ``values`` in each row."""
    return tensor.copy_(torch.tensor(values, dtype=torch.float64))


def at_least(owner: str, name: str, value: int, least: int) -> None:
    """Raise where an order or a count is too small."""
    if value < least:
        raise BoundsError(f"{owner}: {name}={value}; expected {least} or more")


class Weighted(WrittenModule):
    """One table of weights, which starts as ``_initial()`` says."""

    weight: nn.Parameter
    num_parameters: int

    def _initial(self) -> list[float]:
        raise NotImplementedError

    def _hold(self, num_parameters: int, device: Any, dtype: torch.dtype | None) -> None:
        self.num_parameters = num_parameters
        self.weight = held(self._initial(), num_parameters, device, dtype)

    def reset_parameters(self) -> None:
        filled(self.weight, self._initial())

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight}
