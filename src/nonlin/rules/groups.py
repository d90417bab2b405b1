"""Activations that look at a group, a row or a batch: the largest of each, the sorted group, the winners alone."""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.errors import BoundsError
from nonlin.kernels.inputs import check_input
from nonlin.kernels.recomputed import recomputed
from nonlin.rules.dimensions import dimension, grouped, positive
from nonlin.rules.wide import widened


def maxout(input: Tensor, k: int = 2, dim: int = 1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        k: the size of a group, k neighbours along ``dim`` (default 2).
        dim: the dimension that is divided by k (default 1, the channels).

    The gradient goes to the first of equal maxima, as ``torch.max`` has it. A NaN in a group is its maximum.

    Shape:
        (..., n, ...) to (..., n / k, ...).

    Raises:
        BoundsError: where n is no multiple of k, or k no positive integer. DimensionError: for a dimension that the
            input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.maxout(torch.tensor([1.0, 3.0, -2.0, -5.0]), dim=0)
        tensor([ 3., -2.])
    """
    check_input(input, "maxout")
    groups, members = grouped(input, k, dim, "maxout")
    return groups.max(members).values


def group_sort(input: Tensor, k: int = 2, dim: int = 1, *, descending: bool = False) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        k: the size of a group, k neighbours along ``dim`` (default 2).
        dim: the dimension within which groups lie (default 1, the channels).
        descending: the largest first, as MaxMin and OPLU have it; else the smallest.

    A permutation of its input: norms are kept, and so is the norm of a gradient. NaN counts as the largest.

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: where the size along ``dim`` is no multiple of k, or k no positive integer. DimensionError: for a
            dimension that the input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.group_sort(torch.tensor([3.0, 1.0, -2.0, 5.0]), dim=0)
        tensor([ 1.,  3., -2.,  5.])
    """
    check_input(input, "group_sort")
    groups, members = grouped(input, k, dim, "group_sort")
    if k == 2:  # a comparison and two choices: far less work than a sort of every pair
        first, second = groups.unbind(members)
        turn = (first < second) | (second != second) if descending else (first > second) | (first != first)
        pair = [torch.where(turn, second, first), torch.where(turn, first, second)]
        return torch.stack(pair, members).flatten(members - 1, members)
    return groups.sort(dim=members, descending=descending, stable=True).values.flatten(members - 1, members)


def lwta(input: Tensor, k: int = 2, dim: int = 1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        k: the size of a group, k neighbours along ``dim`` (default 2).
        dim: the dimension within which groups lie (default 1, the channels).

    Of equal maxima the first wins. A NaN in a group wins.

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: where the size along ``dim`` is no multiple of k, or k no positive integer. DimensionError: for a
            dimension that the input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.lwta(torch.tensor([3.0, 1.0, -2.0, -5.0]), dim=0)
        tensor([ 3.,  0., -2.,  0.])
    """
    check_input(input, "lwta")
    groups, members = grouped(input, k, dim, "lwta")
    place = torch.arange(k, device=input.device).view(k, *[1] * (groups.ndim - members - 1))
    won = groups.detach().argmax(members, keepdim=True) == place
    return torch.where(won, groups, 0.0).flatten(members - 1, members)


def topk(input: Tensor, k: int, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        k: how many numbers of each row stay; the others become 0.
        dim: the dimension along which a row lies (default -1).

    Exactly k stay; which of equal ones, ``torch.topk`` decides. NaN counts as the largest. Negative numbers stay where
    they are among the k largest: sparse autoencoders apply ReLU as well.

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: where k is no integer between 1 and the size along ``dim``. DimensionError: for a dimension that the
            input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.topk(torch.tensor([3.0, 1.0, -2.0, 5.0]), 2)
        tensor([3., 0., 0., 5.])
    """
    dim = _kept(input, k, dim, "topk")
    values, index = input.topk(k, dim, sorted=False)
    return torch.zeros_like(input).scatter(dim, index, values)


def batch_topk(input: Tensor, k: int, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        k: how many numbers a row keeps on average; the others become 0.
        dim: the dimension along which a row, one sample's features, lies (default -1); all others are the batch.

    Of a batch of B rows the B k largest stay, wherever they are: a row may keep more than k, or none. The output of a row
    depends on the others; for inference the paper takes a fixed threshold instead (:func:`nonlin.functional.jump_relu`).
    Exactly B k stay; which of equal ones, ``torch.topk`` decides. NaN counts as the largest.

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: where k is no integer between 1 and the size along ``dim``. DimensionError: for a dimension that the
            input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.batch_topk(torch.tensor([[3.0, 1.0], [-2.0, 5.0]]), 1)
        tensor([[3., 0.],
                [0., 5.]])
    """
    dim = _kept(input, k, dim, "batch_topk")
    flat = input.reshape(-1)
    rows = input.numel() // input.shape[dim] if input.numel() else 0
    values, index = flat.topk(k * rows, sorted=False)
    return torch.zeros_like(flat).scatter(0, index, values).view(input.shape)


def squash(input: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        dim: the dimension along which a vector lies (default -1).

    The zero vector stays, with gradient 0. Vectors of any length keep their direction; one with infinite entries becomes
    the unit vector along them.

    Shape:
        any shape; the output has the input's.

    Raises:
        DimensionError: for a dimension that the input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.squash(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
        tensor([[0.5769, 0.7692],
                [0.0000, 0.0000]])
    """
    check_input(input, "squash")
    dim = dimension(input, dim, "squash")
    return _squash(input, dim) if input.numel() else input.clone()


def _squashed(input: Tensor, dim: int) -> Tensor:
    """The vector times n / (1 + n^2), n its length; long ones are scaled first, lest n^2 overflow."""
    wide = widened(input).contiguous()  # the order of a sum follows the strides
    scale = wide.detach().abs().amax(dim, keepdim=True).clamp(min=1.0)  # the result does not depend on it
    infinite = scale == torch.inf
    unit = torch.where(infinite, wide.detach().sign() * wide.detach().isinf(), wide / scale)
    squares = (unit * unit).sum(dim, keepdim=True)
    nonzero = squares > 0
    length = torch.where(nonzero, torch.where(nonzero, squares, 1.0).sqrt(), squares)  # NaN stays
    return (unit * (length / (scale.pow(-2) + squares))).to(input.dtype)


_squash = recomputed(_squashed)


def _kept(input: Tensor, k: int, dim: int, owner: str) -> int:
    """``dim`` counted from 0, where k numbers along it can be kept."""
    check_input(input, owner)
    positive(k, "k", owner)
    dim = dimension(input, dim, owner)
    if k > input.shape[dim]:
        raise BoundsError(
            f"{owner}: k={k} and dimension {dim} has size {input.shape[dim]}; expected k of at most that size"
        )
    return dim
