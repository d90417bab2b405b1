"""What the layers accept."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from nonlin.errors import ArgumentError, BoundsError
from nonlin.kernels.inputs import check_input


def check_sizes(owner: str, **sizes: Any) -> None:
    """Raise where a number of features is not a positive integer."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int):
            raise ArgumentError(f"{owner}: {name} is {type(size).__name__}; expected a positive integer")
        if size < 1:
            raise BoundsError(f"{owner}: {name}={size}; expected a positive integer")


def check_features(input: Tensor, features: int, owner: str) -> None:
    """Raise where ``input`` is not a floating point tensor whose last dimension holds ``features`` numbers."""
    check_input(input, owner)
    if input.ndim == 0 or input.shape[-1] != features:
        raise BoundsError(
            f"{owner}: got an input of shape {tuple(input.shape)}; expected (..., {features}), in_features={features} numbers last"
        )


def check_linear(linear: Any, owner: str, name: str) -> None:
    """Raise where ``linear`` is not an ``nn.Linear`` itself: a subclass may compute something else."""
    if type(linear) is not nn.Linear:
        raise ArgumentError(
            f"{owner}: {name} is {type(linear).__name__}; expected an nn.Linear (merge adapters and take away "
            "parametrizations or quantisation first)"
        )
