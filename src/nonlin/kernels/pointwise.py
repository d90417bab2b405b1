"""Pointwise functions: the C kernel on an eager CPU tensor, the composite everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.autograd.graph import increment_version
from torch.fx.proxy import Proxy

from nonlin.formula.declaration import Activation
from nonlin.kernels import eager, native
from nonlin.kernels.autograd import Slopes, differentiable
from nonlin.kernels.inputs import check_input
from nonlin.kernels.learned import learned
from nonlin.kernels.library import SUFFIX
from nonlin.kernels.pointwise_kernels import Kernels
from nonlin.kernels.terms import formula

_peek, _modes, _traced = eager.PEEK, eager.MODES, eager.TRACED
_ORDINARY, _STRIDED = eager.ORDINARY, torch.strided


@lru_cache(maxsize=4096)
def pointwise(activation: Activation) -> Callable[..., Tensor]:
    """``f(x, *parameters)``, differentiable in every way that torch knows; ``f(x)`` takes the default parameters."""
    term = formula(activation)
    prepare = (0, *(i + 1 for i, p in enumerate(activation.parameters) if p.learnable))
    composite = differentiable(term, prepare=prepare)
    if term.identity:
        return _checked(composite, activation.name)
    with_tensors = learned(activation, composite)
    slope = Slopes(term, ())
    table: dict[torch.dtype, Kernels | None] = {}  # None: the composite has to serve
    usual = tuple(p.effective(p.default) for p in activation.parameters)
    lookup, is_compiling, grad_enabled = table.get, torch.compiler.is_compiling, torch.is_grad_enabled

    class Fused(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, *parameters: float) -> Tensor:
            ctx.save_for_backward(x)
            ctx.parameters = parameters
            return table[x.dtype].values(x, parameters)  # type: ignore[union-attr]

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            (x,) = ctx.saved_tensors
            parameters = ctx.parameters
            if grad_enabled() or not eager.plain() or not eager.as_recorded(grad, x) or lookup(x.dtype) is None:
                found = slope(0, grad, (x, *(parameters or usual)))
            else:
                found = table[x.dtype].slopes(grad, x, parameters)  # type: ignore[union-attr]
            return (found, *[None] * len(parameters)) if parameters else found

    Fused.__name__ = Fused.__qualname__ = term.label
    Fused._backward_cls.__name__ = f"{term.label}Backward"
    # Function.apply first asks whether a functorch transform is active, which call() has: 1.5 us
    apply: Callable[..., Any] = super(torch.autograd.Function, Fused).apply

    def portable(x: Tensor, *parameters: Any) -> Tensor:
        # One flat condition: every function called here costs as much as a sixteenth of the whole.
        if type(x) in _ORDINARY:
            kernels = lookup(x.dtype)
            if (
                kernels is not None
                and _peek() is None and forward_ad._current_level < 0 and not _modes() and _traced() is None
                and x.is_cpu and x.layout is _STRIDED and not x.is_neg()
            ):  # fmt: skip
                if parameters:
                    for p in parameters:
                        if isinstance(p, Tensor):
                            return with_tensors(x, *parameters)
                if x.requires_grad and grad_enabled():
                    return cast(Tensor, apply(x, *parameters))
                return kernels.values(x, parameters)
            if load(x):
                return step(x, *parameters)
            if x.is_neg() and x.is_cpu and eager.plain():  # a lazily negated view: negate now, then as any other
                return portable(x.resolve_neg(), *parameters)
        return plain(x, *parameters)

    def plain(x: Tensor, *parameters: Any) -> Tensor:
        if isinstance(x, Proxy):  # torch.fx follows no kernel: the call stays one node of its graph
            from nonlin.builders import functions

            return x.tracer.create_proxy("call_function", functions.of(activation), (x, *parameters), {})
        check_input(x, activation.name)
        for p in parameters:
            if isinstance(p, Tensor):
                return with_tensors(x, *parameters)
        return composite(x, *(parameters or usual))

    def gradients(grad: Tensor, x: Tensor, *parameters: float) -> tuple[Tensor]:
        return (slope(0, grad, (x, *(parameters or usual))),)

    def portable_into(out: Tensor, x: Tensor, *parameters: Any) -> Tensor:
        """The values written into ``out``, which may be ``x`` itself; nothing is recorded for a backward."""
        load(x)
        kernels = lookup(x.dtype)
        fit = kernels is not None and eager.plain() and eager.takes(x) and eager.takes(out) and out.dtype is x.dtype
        fit = fit and eager.same_layout(out, x) and not eager.overlaps(out, x)
        fit = fit and (torch.is_inference_mode_enabled() or not out.is_inference())  # torch refuses it
        if not fit or any(isinstance(p, Tensor) for p in parameters):
            return out.copy_(call(x.detach(), *parameters))
        assert kernels is not None
        kernels.values(x, parameters, out)
        if not out.is_inference():  # such tensors have no version
            increment_version(out)
        return out

    step, step_into = portable, portable_into

    def call(x: Tensor, *parameters: Any) -> Tensor:
        return plain(x, *parameters) if is_compiling() else step(x, *parameters)

    def install(module: Any) -> None:
        nonlocal step, step_into
        # calls change over before any dtype is served: one that another thread loads meanwhile is served there or here
        quick = module.Pointwise(term.label, usual, portable, gradients, portable_into)
        step, step_into = quick, quick.into
        for kernels in list(table.values()):
            if kernels is not None:
                kernels.serve(quick)

    def load(x: Tensor) -> bool:
        """Compile or load the kernels for ``x`` where that was not tried yet; whether they are there now."""
        if x.dtype in table or x.dtype not in SUFFIX or not eager.takes(x) or not eager.plain():
            return False
        kernels = Kernels(activation, x.dtype)
        first = not any(table.values())
        table[x.dtype] = kernels if kernels.loaded else None
        if kernels.loaded and first:
            native.when_ready(install)
        elif kernels.loaded and step is not portable:
            kernels.serve(step)
        return kernels.loaded

    def into(out: Tensor, x: Tensor, *parameters: Any) -> Tensor:
        return step_into(out, x, *parameters)

    call.into = into  # type: ignore[attr-defined]
    return call


def _checked(function: Callable[..., Tensor], owner: str) -> Callable[..., Tensor]:
    def call(x: Tensor) -> Tensor:
        check_input(x, owner)
        return function(x)

    return call
