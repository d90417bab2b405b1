"""Attention weights: softmaxes with a mask, and what takes their place."""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.errors import ArgumentError, BoundsError, DimensionError
from nonlin.kernels.inputs import check_input
from nonlin.kernels.rowwise import row_dimension, rowwise

_softmax = rowwise("softmax")  # once: torch.compile cannot follow how it is built


def masked_softmax(input: Tensor, mask: Tensor | None = None, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        mask: boolean, True where an entry takes part (as in scaled_dot_product_attention), of a shape that broadcasts to the
            input's; None: all take part.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. Entries that take no part are 0, with gradient 0, whatever they hold, NaN and inf
        too; a row in which none takes part is all zeros.

    Raises:
        ArgumentError: where the mask is not boolean or does not broadcast.

    Example:
        >>> import torch, nonlin
        >>> mask = torch.tensor([[True, True, False], [False, False, False]])
        >>> nonlin.functional.masked_softmax(torch.zeros(2, 3), mask)
        tensor([[0.5000, 0.5000, 0.0000],
                [0.0000, 0.0000, 0.0000]])
    """
    check_input(input, "masked_softmax")
    dim = row_dimension(input, dim, "masked_softmax")
    if mask is None:
        return _softmax(input, dim)
    if mask.dtype is not torch.bool:
        raise ArgumentError(
            f"masked_softmax: the mask is {mask.dtype}; expected torch.bool, True where an entry takes part"
        )
    try:
        mask = mask.expand(input.shape)
    except RuntimeError:
        raise ArgumentError(
            f"masked_softmax: the mask has shape {tuple(mask.shape)}; expected one that broadcasts to {tuple(input.shape)}"
        ) from None
    return _masked(input, mask, dim)


def _masked(input: Tensor, mask: Tensor, dim: int) -> Tensor:
    none = ~mask.any(dim, keepdim=True) if input.ndim else ~mask  # such a row is made 0 first: no NaN on the way
    filled = input.masked_fill(~mask, -torch.inf).masked_fill(none, 0.0)
    return _softmax(filled, dim).masked_fill(~mask, 0.0)


def causal_softmax(input: Tensor, offset: int = 0) -> Tensor:
    """Args:
        input: attention scores, floating point, (..., queries, keys).
        offset: query i takes part with the keys 0 to i + offset (default 0, as ``is_causal`` of torch's
            scaled_dot_product_attention); keys - queries lets the last query see every key.

    Shape:
        (..., queries, keys); the output has the input's, and each row sums to 1 over its keys. Later keys are 0, with
        gradient 0; a query that sees no key gets zeros.

    Raises:
        DimensionError: where the input has fewer than two dimensions.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.causal_softmax(torch.zeros(2, 2))
        tensor([[1.0000, 0.0000],
                [0.5000, 0.5000]])
    """
    check_input(input, "causal_softmax")
    if input.ndim < 2:
        raise DimensionError(f"causal_softmax: got shape {tuple(input.shape)}; expected (..., queries, keys)")
    queries, keys = input.shape[-2:]
    row = torch.arange(queries, device=input.device)[:, None]
    mask = torch.arange(keys, device=input.device)[None, :] <= row + offset
    return _masked(input, mask.expand(input.shape), input.ndim - 1)


def relu_attention(input: Tensor, dim: int = -1, length: int | None = None) -> Tensor:
    """Args:
        input: attention scores, floating point, of any shape.
        dim: the dimension of the keys (default -1).
        length: L, by which is divided (default: the size of ``dim``).

    Shape:
        any; the output has the input's. The weights do not sum to 1.

    Raises:
        BoundsError: where the length is below 1.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.relu_attention(torch.tensor([-1.0, 1.0, 2.0, 4.0]))
        tensor([0.0000, 0.2500, 0.5000, 1.0000])
    """
    check_input(input, "relu_attention")
    dim = row_dimension(input, dim, "relu_attention")
    size = length if length is not None else (input.shape[dim] if input.ndim else 1)
    if length is not None and length < 1:
        raise BoundsError(f"relu_attention: length={length!r}; expected an integer of at least 1, or None")
    return torch.relu(input) / max(size, 1)
