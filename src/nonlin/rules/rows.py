"""What the rules of rows share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nonlin.errors import ArgumentError
from nonlin.kernels.recomputed import recomputed
from nonlin.kernels.rowwise import row_dimension
from nonlin.rules.wide import widened


def row_function(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``function(x, dim, *others)``, plain operations, computed in a wider dtype, rounded once, keeping its tensors alone."""

    def rows(x: Tensor, dim: int, *others: Any) -> Tensor:
        wide = (widened(other) if isinstance(other, Tensor) else other for other in others)
        return function(widened(x), dim, *wide).to(x.dtype)

    rows.__name__ = function.__name__
    return recomputed(rows)


def along_rows(function: Callable[..., Tensor], input: Tensor, dim: int, owner: str, *others: Any) -> Tensor:
    """``function(input, dim, *others)`` with ``dim`` checked and counted from 0; a tensor without dimensions is a row of one."""
    dim = row_dimension(input, dim, owner)
    if input.numel() == 0:
        return input * 1.0
    if input.ndim == 0:
        return function(input.reshape(1), 0, *others).reshape(())
    return function(input, dim, *others)


def share_infinities(weights: Tensor, dim: int) -> Tensor:
    """Weights of at least 0 divided by their sum; infinite ones share the row."""
    endless = weights == torch.inf
    some = endless.any(dim, keepdim=True)
    weights = torch.where(some, endless.to(weights.dtype) + torch.where(weights.isnan(), weights, 0.0), weights)
    return weights / weights.sum(dim, keepdim=True)


def per_row(value: Tensor, input: Tensor, dim: int, owner: str, name: str) -> Tensor:
    """A learned number, one for all or one for each channel, in a shape that broadcasts with ``input`` along rows.

    Raises:
        ArgumentError: where the tensor has neither one element, nor the channels', nor a shape that fits the rows.
    """
    if value.numel() == 1:
        return value.reshape(()) if input.ndim == 0 else value.reshape([1] * input.ndim)
    channels = 1 if input.ndim > 1 else 0
    if value.ndim == 1 and channels != dim and input.ndim > 1 and value.numel() == input.shape[1]:
        return value.reshape([-1 if i == channels else 1 for i in range(input.ndim)])
    fits = value.ndim == input.ndim and all(
        size == 1 or (size == input.shape[i] and i != dim) for i, size in enumerate(value.shape)
    )
    if not fits:
        raise ArgumentError(
            f"{owner}: {name} has shape {tuple(value.shape)} for an input of {tuple(input.shape)}, dim={dim}; expected one "
            f"number, one for each channel (dimension 1, where that is not dim), or the input's shape with 1 at dim"
        )
    return value
