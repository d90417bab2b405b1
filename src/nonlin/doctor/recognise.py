"""Which common activation a function of unknown making is, by its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

CANDIDATES: Final[dict[str, Callable[[Tensor], Tensor]]] = {
    "relu": F.relu, "relu6": F.relu6, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "silu": F.silu, "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "mish": F.mish,
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x), "squared_relu": lambda x: F.relu(x).square(), "elu": F.elu,
    "hardsigmoid": F.hardsigmoid, "hardswish": F.hardswish, "softplus": F.softplus, "softsign": F.softsign,
}  # fmt: skip
ENOUGH: Final = 16  # fewer points prove nothing


def recognised(x: Tensor, y: Tensor) -> str | None:
    """The catalogue's name of f where y = f(x) at all points (to 1e-4, for 16-bit callers), or None."""
    if x.shape != y.shape or x.numel() < ENOUGH or not bool(torch.isfinite(x).all()) or float(x.std()) < 1e-3:
        return None
    # what is tried here is no call of the model, for a recorder around the one that asks
    with torch._C.DisableTorchFunction():
        for name, function in CANDIDATES.items():
            if torch.allclose(function(x), y, rtol=1e-3, atol=1e-4):
                return name
    return None
