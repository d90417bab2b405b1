"""Functions that keep their inputs for the backward and compute everything else again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from nonlin.kernels import eager


def recomputed(
    function: Callable[..., Tensor],
    *,
    values: Callable[..., Tensor] | None = None,
    gradients: Callable[..., list[Tensor | None]] | None = None,
) -> Callable[..., Tensor]:
    """``function``, of tensors and other arguments, saving its tensor arguments alone.

    Composed of torch's operations it would keep every intermediate result, in the wide dtype in which it computes. Under
    transforms, forward mode, compilers and tracers, which have their own ways to keep less, it is called as it is.

    Args:
        function: torch operations; its name is that of the node in a graph.
        values: the same numbers by less memory, where nothing watches; it records no graph.
        gradients: ``gradients(grad, needs, *args)``, likewise: one for each argument, None where ``needs`` says False.
    """
    plain_values = function if values is None else values

    class Recomputed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *args: Any) -> Tensor:
            ctx.save_for_backward(*(a for a in args if isinstance(a, Tensor)))
            ctx.others = tuple(None if isinstance(a, Tensor) else a for a in args)
            ctx.tensors = tuple(isinstance(a, Tensor) for a in args)
            return plain_values(*args)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            saved = iter(ctx.saved_tensors)
            args = [
                next(saved) if is_tensor else other for is_tensor, other in zip(ctx.tensors, ctx.others, strict=True)
            ]
            watched = torch.is_grad_enabled() or eager.BATCHED(grad) or not eager.plain()
            found = gradients(grad, ctx.needs_input_grad, *args) if gradients is not None and not watched else None
            return tuple(_recorded(function, args, grad, ctx.needs_input_grad) if found is None else found)

    Recomputed.__name__ = Recomputed.__qualname__ = function.__name__.strip("_")
    Recomputed._backward_cls.__name__ = f"{Recomputed.__name__}Backward"

    apply: Callable[..., Any] = Recomputed.apply

    def call(*args: Any) -> Tensor:
        if torch.compiler.is_compiling() or not eager.plain():
            return function(*args)
        if torch.is_grad_enabled() and any(isinstance(a, Tensor) and a.requires_grad for a in args):
            return cast(Tensor, apply(*args))
        return plain_values(*args)

    return call


def _recorded(
    function: Callable[..., Tensor], args: Sequence[Any], grad: Tensor, needs: Sequence[bool]
) -> list[Tensor | None]:
    """The gradients by all operations of ``function``; where a graph is asked for, to be differentiated again."""
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        # views: where one tensor was itself computed from another, the gradient by that must not pass through it
        inputs = [_apart(a, needed) if isinstance(a, Tensor) else a for a, needed in zip(args, needs, strict=True)]
        wanted = [a for a, needed in zip(inputs, needs, strict=True) if needed]
        out = function(*inputs)
        found = iter(torch.autograd.grad(out, wanted, grad, create_graph=again, materialize_grads=True))
    return [next(found) if needed else None for needed in needs]


def _apart(tensor: Tensor, needed: bool) -> Tensor:
    return tensor.view_as(tensor) if tensor.requires_grad else tensor.detach().requires_grad_(needed)
