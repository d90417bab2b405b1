"""Gated units in which the value has a function of its own: one fused pass, gate and value saved and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from nonlin.errors import ArgumentError
from nonlin.formula.declaration import Activation, Parameter
from nonlin.kernels.gated import check_packed, gated
from nonlin.kernels.inputs import check_input
from nonlin.registry import find

_LIMIT = Parameter("limit", 7.0, low=0.0, open_low=True)
_ALPHA = Parameter("alpha", 1.702, low=0.0, open_low=True)

# Both take the parameters of the whole: the kernels hand the same numbers to each. The gate's lower bound changes no
# result, as the sigmoid is 0 there: without it -inf would be multiplied by 0.
PARTS = (
    Activation(
        "clamped_swiglu_gate",
        "clip(x, -3e38, limit) * sigmoid(alpha * clip(x, -3e38, limit))",
        title="ClampedSwiGLUGate",
        summary="What the clamped SwiGLU does to its gate.",
        family="gated",
        parameters=(_LIMIT, _ALPHA),
    ),
    Activation(
        "clamped_swiglu_value",
        "clip(x, -limit, limit) + 1",
        title="ClampedSwiGLUValue",
        summary="What the clamped SwiGLU does to its value.",
        family="gated",
        parameters=(_LIMIT, _ALPHA),
    ),
)

_gtu = gated(find("sigmoid"), find("tanh"))
_drelu = gated(find("relu"), find("relu"))
_clamped = gated(*PARTS)


def gtu(input: Tensor, dim: int = -1, *, value: Tensor | None = None, gate_half: str = "second") -> Tensor:
    """Args:
        input: floating point: gate and value packed along ``dim``, or, where ``value`` is given, the gate alone.
        dim: the dimension along which a packed input is split (default -1).
        value: the values, where the input is not packed.
        gate_half: which half of a packed input is the gate: 'second' (torch's convention, the default) or 'first'.

    Shape:
        packed: an even size along ``dim``, halved in the output; gate and value apart: shapes that broadcast.

    Raises:
        BoundsError: for an odd size along ``dim``. DimensionError: for a dimension that the input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.gtu(torch.tensor([1.0, -2.0, 0.0, 3.0]))
        tensor([ 0.3808, -0.9183])
    """
    return _unit(_gtu, input, dim, value, gate_half, "gtu")


def drelu_glu(input: Tensor, dim: int = -1, *, value: Tensor | None = None, gate_half: str = "second") -> Tensor:
    """Args:
        input: floating point: gate and value packed along ``dim``, or, where ``value`` is given, the gate alone.
        dim: the dimension along which a packed input is split (default -1).
        value: the values, where the input is not packed.
        gate_half: which half of a packed input is the gate; the function is the same either way.

    Shape:
        packed: an even size along ``dim``, halved in the output; gate and value apart: shapes that broadcast.

    Raises:
        BoundsError: for an odd size along ``dim``. DimensionError: for a dimension that the input does not have.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.drelu_glu(torch.tensor([1.0, 2.0, 3.0, -4.0]))
        tensor([3., 0.])
    """
    return _unit(_drelu, input, dim, value, gate_half, "drelu_glu")


def clamped_swiglu(
    input: Tensor,
    dim: int = -1,
    limit: float = 7.0,
    alpha: float = 1.702,
    *,
    value: Tensor | None = None,
    gate_half: str = "second",
    interleaved: bool = False,
) -> Tensor:
    """Args:
        input: floating point: gate and value packed along ``dim``, or, where ``value`` is given, the gate alone.
        dim: the dimension along which a packed input is split (default -1).
        limit: the gate is limited from above, the value on both sides (default 7, above 0).
        alpha: the factor in the sigmoid (default 1.702, above 0).
        value: the values, where the input is not packed.
        gate_half: which half of a packed input is the gate: 'second' (torch's convention, the default) or 'first'.
        interleaved: gate and value alternate along ``dim`` instead of lying in two halves. A weight of gpt-oss projects
            to that layout: ``interleaved=True, gate_half="first"``.

    Shape:
        packed: an even size along ``dim``, halved in the output; gate and value apart: shapes that broadcast.

    Raises:
        BoundsError: for an odd size along ``dim``, or ``limit`` or ``alpha`` not above 0. DimensionError: for a dimension that the
            input does not have.

    Example:
        >>> import torch, nonlin
        >>> x = torch.tensor([1.0, 0.5, 9.0, -8.0])  # gate, value, gate, value
        >>> nonlin.functional.clamped_swiglu(x, interleaved=True, gate_half="first")
        tensor([  1.2687, -41.9997])
    """
    _LIMIT.check(limit, "clamped_swiglu")
    _ALPHA.check(alpha, "clamped_swiglu")
    numbers = (float(limit), float(alpha))
    if not interleaved or value is not None:
        return _unit(_clamped, input, dim, value, gate_half, "clamped_swiglu", *numbers)
    check_input(input, "clamped_swiglu")
    check_packed(input, dim, gate_half, "clamped_swiglu")
    dim %= input.ndim
    even, odd = input.unflatten(dim, (input.shape[dim] // 2, 2)).unbind(dim + 1)
    gate, value = (even, odd) if gate_half == "first" else (odd, even)
    return _clamped(value, gate, *numbers)


def _unit(
    multiply: Callable[..., Tensor], input: Tensor, dim: int, value: Tensor | None, gate_half: str, owner: str, *numbers: Any
) -> Tensor:  # fmt: skip
    """The unit of a packed tensor or of two."""
    check_input(input, owner)
    if value is None:
        return multiply.packed(input, dim, gate_half, owner, *numbers)  # type: ignore[attr-defined, no-any-return]
    check_input(value, owner)
    if value.dtype != input.dtype:
        raise ArgumentError(f"{owner}: the gate is {input.dtype} and the value {value.dtype}; expected one dtype")
    return multiply(value, input, *numbers)
