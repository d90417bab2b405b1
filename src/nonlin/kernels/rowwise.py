"""Functions of a whole row: the C kernel on an eager CPU tensor, torch's own operations everywhere else.

Those compute in float64 on CPUs (see :func:`nonlin.kernels.terms.compute_dtype`). One tensor is saved for the backward: the
output where the gradient keeps its digits when it is computed from it, else the input.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import forward_ad

from nonlin.errors import DimensionError
from nonlin.kernels import eager, native
from nonlin.kernels.inputs import check_input
from nonlin.kernels.library import SUFFIX
from nonlin.kernels.row_entmax import ENTMAX_RULES
from nonlin.kernels.row_kernels import RowKernels, saves_output
from nonlin.kernels.row_rules import SOFTMAX_RULES, RowRule
from nonlin.kernels.terms import compute_dtype

RULES: dict[str, RowRule] = {**SOFTMAX_RULES, **ENTMAX_RULES}
SAME = {"softmax2d": "softmax"}


def rowwise(name: str) -> Callable[..., Tensor]:
    """The function of a rowwise activation: ``f(x, dim, *numbers)``."""
    return _rowwise(SAME.get(name, name))


@cache
def _rowwise(name: str) -> Callable[..., Tensor]:
    rule = RULES[name]
    table: dict[torch.dtype, RowKernels | None] = {}  # None: torch's operations have to serve
    is_compiling, grad_enabled, usual = torch.compiler.is_compiling, torch.is_grad_enabled, rule.defaults

    class Row(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, dim: int, *numbers: float) -> Tensor:
            kernels = table.get(x.dtype) if eager.takes(x) and eager.plain() else None
            y = kernels.values(x, dim, numbers) if kernels is not None else wide(rule.forward, x, dim, *numbers)
            ctx.save_for_backward(y if saves_output(rule, x.dtype) else x)
            ctx.dim, ctx.numbers = dim, numbers
            return y

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            (saved,) = ctx.saved_tensors
            kernels = table.get(saved.dtype)
            if kernels is None or grad_enabled() or not eager.plain() or not eager.as_recorded(grad, saved):
                found = gradients(grad, saved, ctx.dim, *ctx.numbers)[0]
            else:
                found = kernels.slopes(grad, saved, ctx.dim, ctx.numbers)
            return (found, *[None] * (1 + len(ctx.numbers)))

    Row.__name__ = Row.__qualname__ = name
    Row._backward_cls.__name__ = f"{name}Backward"

    def gradients(grad: Tensor, saved: Tensor, dim: float, *numbers: float) -> tuple[Tensor]:
        """In plain operations, which a second backward differentiates."""
        dtype, at = saved.dtype, int(dim)
        upper = compute_dtype(dtype, saved.device)
        saved = saved.to(upper)
        if rule.by_output and not saves_output(rule, dtype):
            saved = rule.forward(saved, at, *numbers)
        return (rule.backward(grad.to(upper), saved, at, *numbers).to(dtype),)

    def plain(x: Tensor, dim: int, *numbers: float) -> Tensor:
        check_input(x, name)
        dim = row_dimension(x, dim, name)
        numbers = numbers or usual
        if x.numel() == 0:
            return x * 1.0
        if x.ndim == 0:  # a row of one
            return plain(x.reshape(1), 0, *numbers).reshape(())
        watched = is_compiling() or forward_ad._current_level >= 0 or eager.PEEK() is not None
        if watched or not (grad_enabled() and x.requires_grad):
            return wide(rule.forward, x, dim, *numbers)
        return cast(Tensor, Row.apply(x, dim, *numbers))  # type: ignore[no-untyped-call]

    def portable(x: Tensor, dim: int, *numbers: float) -> Tensor:
        fresh = eager.takes(x) and eager.plain() and x.dtype not in table and x.dtype in SUFFIX
        if fresh and load(x.dtype) and step is not portable:
            return step(x, dim, *(numbers or usual))
        kernels = table.get(x.dtype) if isinstance(x, Tensor) else None
        if kernels is None or not eager.takes(x) or not eager.plain() or x.numel() == 0 or x.ndim == 0:
            return plain(x, dim, *numbers)
        dim = row_dimension(x, dim, name)
        if grad_enabled() and x.requires_grad:
            return cast(Tensor, Row.apply(x, dim, *(numbers or usual)))  # type: ignore[no-untyped-call]
        return kernels.values(x, dim, numbers or usual)

    step: Callable[..., Tensor] = portable

    def call(x: Tensor, dim: int, *numbers: float) -> Tensor:
        return plain(x, dim, *numbers) if is_compiling() else step(x, dim, *(numbers or usual))

    def install(module: Any) -> None:
        nonlocal step
        quick = module.RowFunction(name, usual, portable, gradients)
        step = quick  # before any dtype is served, as in pointwise.py
        for kernels in list(table.values()):
            if kernels is not None:
                kernels.serve(quick)

    def load(dtype: torch.dtype) -> bool:
        """Compile or load the kernels for ``dtype``; whether they are there now."""
        kernels = RowKernels(rule, dtype)
        first = not any(table.values())
        table[dtype] = kernels if kernels.loaded else None
        if kernels.loaded and first:
            native.when_ready(install)
        elif kernels.loaded and step is not portable:
            kernels.serve(step)
        return kernels.loaded

    return call


def row_dimension(x: Tensor, dim: int, owner: str) -> int:
    """``dim`` counted from 0; a tensor without dimensions is a row of one.

    Raises:
        DimensionError: where the tensor does not have it.
    """
    ndim = max(x.ndim, 1)
    if not -ndim <= dim < ndim:
        raise DimensionError(
            f"{owner}: dim={dim} for a tensor of {x.ndim} dimension(s); expected {-ndim} to {ndim - 1}"
        )
    return dim % ndim


def wide(function: Callable[..., Tensor], x: Tensor, *rest: Any) -> Tensor:
    """``function`` computed in a wider dtype where there is one, rounded once."""
    return function(x.to(compute_dtype(x.dtype, x.device)), *rest).to(x.dtype)
