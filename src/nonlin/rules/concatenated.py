"""Rectifiers that keep both signs of their input apart, or take two inputs and subtract."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nonlin import registry
from nonlin.builders import functions
from nonlin.builders.classes import WrittenModule
from nonlin.errors import ArgumentError
from nonlin.kernels.autograd import differentiable
from nonlin.kernels.inputs import check_input
from nonlin.kernels.terms import Difference, formula
from nonlin.rules.dimensions import dimension, halves

_relu_difference = differentiable(Difference(formula(registry.find("relu"))), prepare=(0, 1))
_elu_difference = differentiable(Difference(formula(registry.find("elu"))), prepare=(0, 1))


def crelu(input: Tensor, dim: int = 1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        dim: the dimension that is doubled (default 1, the channels).

    Shape:
        (..., n, ...) to (..., 2n, ...): first the positive parts, then the negative ones with their sign turned.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.crelu(torch.tensor([-1.0, 2.0]), dim=0)
        tensor([0., 2., 1., 0.])
    """
    check_input(input, "crelu")
    dim = dimension(input, dim, "crelu")
    return torch.cat([torch.relu(input), torch.relu(-input)], dim)


def ncrelu(input: Tensor, dim: int = 1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        dim: the dimension that is doubled (default 1, the channels).

    Shape:
        (..., n, ...) to (..., 2n, ...): first the positive parts, then the negative ones as they are.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.ncrelu(torch.tensor([-1.0, 2.0]), dim=0)
        tensor([ 0.,  2., -1.,  0.])
    """
    check_input(input, "ncrelu")
    dim = dimension(input, dim, "ncrelu")
    return torch.cat([torch.relu(input), 0.0 - torch.relu(-input)], dim)  # no negative zeros


def dual_relu(input: Tensor, dim: int = -1, *, other: Tensor | None = None) -> Tensor:
    """Args:
        input: floating point: both inputs packed along ``dim``, or, where ``other`` is given, the first alone.
        dim: the dimension along which a packed input is split (default -1).
        other: what is subtracted after its ReLU, where the input is not packed.

    Saves its inputs for the backward and nothing else.

    Shape:
        packed: an even size along ``dim``, halved in the output; apart: shapes that broadcast.

    Raises:
        BoundsError: for an odd size along ``dim``. DimensionError: for a dimension that the input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.dual_relu(torch.tensor([3.0, -1.0, 1.0, 2.0]))
        tensor([ 2., -2.])
    """
    return _relu_difference(*_pair(input, dim, other, "dual_relu"))


def dual_elu(input: Tensor, dim: int = -1, alpha: float = 1.0, *, other: Tensor | None = None) -> Tensor:
    """Args:
        input: floating point: both inputs packed along ``dim``, or, where ``other`` is given, the first alone.
        dim: the dimension along which a packed input is split (default -1).
        alpha: each ELU tends to -alpha (default 1).
        other: what is subtracted after its ELU, where the input is not packed.

    Saves its inputs for the backward and nothing else; where both ELUs are nearly equal, their difference keeps its digits
    in float32 and 16 bit.

    Shape:
        packed: an even size along ``dim``, halved in the output; apart: shapes that broadcast.

    Raises:
        BoundsError: for an odd size along ``dim``. DimensionError: for a dimension that the input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.dual_elu(torch.tensor([3.0, -1.0, 1.0, 2.0]))
        tensor([ 2.0000, -2.6321])
    """
    return _elu_difference(*_pair(input, dim, other, "dual_elu"), float(alpha))


def brelu_bipolar(input: Tensor, base: str = "relu", dim: int = 1) -> Tensor:
    """Args:
        input: floating point, of any shape with at least one dimension.
        base: the function f, a name such as ``"elu"`` or ``"leaky_relu(0.2)"`` of a pointwise activation that learns
            nothing (default "relu").
        dim: the dimension whose even places compute f(x) and whose odd places -f(-x) (default 1, the channels).

    Shape:
        any shape; the output has the input's.

    Raises:
        ArgumentError: for a base that is not pointwise or that learns. DimensionError: for a dimension that the input does
            not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.brelu_bipolar(torch.tensor([3.0, 3.0, -2.0, -2.0]), "leaky_relu(0.5)", dim=0)
        tensor([ 3.0000,  1.5000, -1.0000, -2.0000])
    """
    check_input(input, "brelu_bipolar")
    dim = dimension(input, dim, "brelu_bipolar")
    place = torch.arange(input.shape[dim], device=input.device).view(-1, *[1] * (input.ndim - dim - 1))
    sign = torch.where(place % 2 == 0, 1.0, -1.0).to(input.dtype)
    return sign * _base(base)(sign * input)


class BipolarReLU(WrittenModule):
    """Args:
        base: the function f, a name such as ``"elu"`` or ``"leaky_relu(0.2)"`` of a pointwise activation that learns
            nothing (default "relu").
        dim: the dimension whose even places compute f(x) and whose odd places -f(-x) (default 1, the channels).

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> nonlin.BipolarReLU("leaky_relu(0.5)")(torch.tensor([[3.0, 3.0, -2.0, -2.0]]))
        tensor([[ 3.0000,  1.5000, -1.0000, -2.0000]])
    """

    def __init__(self, base: str = "relu", dim: int = 1) -> None:
        super().__init__()
        _base(base)  # an unknown name is an error here, and torch.compile finds it resolved
        self.base, self.dim = base, dim


_bases: dict[str, Callable[..., Tensor]] = {}  # by text: torch.compile cannot follow how a text is parsed


def _base(text: str) -> Callable[..., Tensor]:
    """The function that a name stands for."""
    if text not in _bases:
        if not isinstance(text, str):
            raise ArgumentError(f"brelu_bipolar: base is {type(text).__name__}; expected a name such as 'relu'")
        activation, given = registry.parse(text)
        if activation.kind != "pointwise" or activation.learnable:
            what = "learns" if activation.learnable else f"is {activation.kind}"
            raise ArgumentError(
                f"brelu_bipolar: base={text!r} {what}; expected a pointwise activation that learns nothing"
            )
        _bases[text] = partial(functions.of(activation), **given)
    return _bases[text]


def _pair(input: Tensor, dim: int, other: Any, owner: str) -> tuple[Tensor, Tensor]:
    """Both inputs of a difference."""
    check_input(input, owner)
    if other is None:
        return halves(input, dim, owner)
    check_input(other, owner)
    if other.dtype != input.dtype:
        raise ArgumentError(f"{owner}: the input is {input.dtype} and other {other.dtype}; expected one dtype")
    return input, other
