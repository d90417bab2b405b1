"""Dimensions as the rules take them."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from nonlin.errors import ArgumentError, BoundsError, DimensionError


def dimension(input: Tensor, dim: int, owner: str) -> int:
    """``dim`` counted from 0.

    Raises:
        DimensionError: where the tensor does not have it.
    """
    if not -input.ndim <= dim < input.ndim:
        given = f"{owner}: dim={dim} for a tensor of {input.ndim} dimension(s)"
        expected = f"expected {-input.ndim} to {input.ndim - 1}" if input.ndim else "expected at least one dimension"
        raise DimensionError(f"{given}; {expected}")
    return dim % input.ndim


def positive(value: Any, name: str, owner: str) -> None:
    """Raise where ``value`` is not a positive integer."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentError(f"{owner}: {name} is {type(value).__name__}; expected a positive integer")
    if value < 1:
        raise BoundsError(f"{owner}: {name}={value}; expected a positive integer")


def grouped(input: Tensor, k: int, dim: int, owner: str) -> tuple[Tensor, int]:
    """(``input`` with dimension ``dim`` of size n as two, of n / k groups and k members; the dimension of the members)."""
    positive(k, "k", owner)
    dim = dimension(input, dim, owner)
    size = input.shape[dim]
    if size % k:
        raise BoundsError(
            f"{owner}: dimension {dim} has size {size}, of shape {tuple(input.shape)}; expected a multiple of k={k}"
        )
    return input.unflatten(dim, (size // k, k)), dim + 1


def halves(input: Tensor, dim: int, owner: str) -> tuple[Tensor, Tensor]:
    """Both halves along ``dim``, as views."""
    dim = dimension(input, dim, owner)
    size = input.shape[dim]
    if size % 2:
        raise BoundsError(
            f"{owner}: dimension {dim} has size {size}, of shape {tuple(input.shape)}; expected an even size, to split in two"
        )
    return input.narrow(dim, 0, size // 2), input.narrow(dim, size // 2, size // 2)
