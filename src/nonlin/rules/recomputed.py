"""Functions that keep their inputs for the backward and compute everything else again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor

from nonlin.kernels import eager
from nonlin.kernels.terms import compute_dtype


def recomputed(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``function``, of tensors and other arguments, saving its tensor arguments alone.

    Composed of torch's operations it would keep every intermediate result, in the wide dtype in which it computes. Under
    transforms, forward mode, compilers and tracers, which have their own ways to keep less, it is called as it is.
    """

    class Recomputed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *args: Any) -> Tensor:
            ctx.save_for_backward(*(a for a in args if isinstance(a, Tensor)))
            ctx.others = tuple(None if isinstance(a, Tensor) else a for a in args)
            ctx.tensors = tuple(isinstance(a, Tensor) for a in args)
            return function(*args)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            again = torch.is_grad_enabled()  # a graph of the gradients is asked for
            saved = iter(ctx.saved_tensors)
            args = [
                next(saved) if is_tensor else other for is_tensor, other in zip(ctx.tensors, ctx.others, strict=True)
            ]
            if not again:
                args = [
                    a.detach().requires_grad_(needed) if isinstance(a, Tensor) else a
                    for a, needed in zip(args, ctx.needs_input_grad, strict=True)
                ]
            wanted = [a for a, needed in zip(args, ctx.needs_input_grad, strict=True) if needed]
            with torch.enable_grad():
                out = function(*args)
            found = iter(torch.autograd.grad(out, wanted, grad, create_graph=again))
            return tuple(next(found) if needed else None for needed in ctx.needs_input_grad)

    Recomputed.__name__ = Recomputed.__qualname__ = function.__name__.strip("_")
    Recomputed._backward_cls.__name__ = f"{Recomputed.__name__}Backward"

    apply: Callable[..., Any] = Recomputed.apply

    def call(*args: Any) -> Tensor:
        if torch.compiler.is_compiling() or not torch.is_grad_enabled() or not eager.plain():
            return function(*args)
        if not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            return function(*args)
        return cast(Tensor, apply(*args))

    return call


def widened(x: Tensor) -> Tensor:
    """``x`` in the dtype in which many roundings become one."""
    return x.to(compute_dtype(x.dtype, x.device))
