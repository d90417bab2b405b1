"""An activation followed by a linear map as one step that keeps the activation's input and computes its output again.

Composed, the linear map keeps the activation's output for its weight's gradient, beside the input that the activation
keeps: for a gated unit three tensors of the hidden size instead of two, for a plain activation two instead of one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.graph import get_gradient_edge
from torch.nn import functional as F
from torch.nn.modules.module import _has_any_global_hook  # torch's own test before it takes the short way

from nonlin import registry
from nonlin.builders.classes import ActivationModule, of
from nonlin.formula.declaration import Activation
from nonlin.kernels import eager


def activated_linear(act: nn.Module, linear: nn.Module, z: Tensor) -> Tensor:
    """``linear(act(z))``, keeping z for the backward and not ``act(z)`` wherever that is safe and saves something."""
    if (
        torch.compiler.is_compiling()
        or not torch.is_grad_enabled()
        or not eager.plain()
        or not _recomputable(act, linear)
    ):
        return linear(act(z))  # type: ignore[no-any-return]
    assert isinstance(linear, nn.Linear)
    learned = tuple(act.parameters())
    # a frozen weight has no use for act(z); a subclass, such as DTensor, has its own way through every operation
    if not linear.weight.requires_grad or not all(
        type(t) in eager.ORDINARY for t in (z, linear.weight, linear.bias, *learned) if t is not None
    ):
        return linear(act(z))  # type: ignore[no-any-return]
    return cast(Tensor, _apply(z, linear.weight, linear.bias, act, *learned))


def repeatable(act: nn.Module) -> bool:
    """Whether ``act`` gives the same numbers when it is called again: a known activation that neither draws nor writes."""
    declared = _declaration(act)
    if declared is None or declared.kind == "stochastic" or getattr(act, "inplace", False):
        return False
    gate = getattr(act, "gate", None)  # a text where a formula without state says it all
    return not isinstance(gate, nn.Module) or repeatable(gate)


def _declaration(act: nn.Module) -> Activation | None:
    """The declaration of one of nonlin's modules, or of torch.nn's that compute the same; None for any other."""
    if isinstance(act, ActivationModule):
        return act.activation if type(act) is of(act.activation) else None
    title = type(act).__name__
    return registry.by_title(title) if type(act) is getattr(nn.modules.activation, title, None) else None


def _recomputable(act: nn.Module, linear: nn.Module) -> bool:
    """Whether both modules are what they seem, and the activation may be called twice and alone."""
    return (
        type(linear) is nn.Linear  # not a quantised one, an adapter, a parametrization
        and not _has_any_global_hook()
        and not any(_watched(module) for module in (linear, *act.modules()))
        # a tensor that is no parameter, such as a slope that something else learns, would get no gradient
        and not any(isinstance(value, Tensor) for module in act.modules() for value in vars(module).values())
        and repeatable(act)
    )


def _watched(module: nn.Module) -> bool:
    """Whether something must see this module's one call: hooks, or a forward of its own (as offloading sets)."""
    return bool(
        module._forward_hooks
        or module._forward_pre_hooks
        or module._backward_hooks
        or module._backward_pre_hooks
        or "forward" in vars(module)
    )


def _autocast_dtype(device: str) -> torch.dtype | None:
    """The dtype in which autocast has linear maps computed, None where it is off."""
    if not torch.amp.is_autocast_available(device) or not torch.is_autocast_enabled(device):
        return None
    return torch.get_autocast_dtype(device)


def _autocast(device: str, dtype: torch.dtype | None) -> AbstractContextManager[Any]:
    """Autocast to ``dtype``, or none, leaving its cache alone: a cast made here has no graph for a later call to use."""
    if dtype is None and _autocast_dtype(device) is None:
        return nullcontext()
    return torch.autocast(device, dtype=dtype, enabled=dtype is not None, cache_enabled=False)


class _ActivatedLinear(torch.autograd.Function):
    """Saves z, the weight and what the activation learns, each of them an input of the step."""

    @staticmethod
    def forward(ctx: Any, z: Tensor, weight: Tensor, bias: Tensor | None, act: nn.Module, *learned: Tensor) -> Tensor:
        needs_z, _, _, _, *needs = ctx.needs_input_grad
        ctx.save_for_backward(z, weight if needs_z or any(needs) else None, *learned)
        ctx.act, ctx.autocast = (
            copy.copy(act),
            _autocast_dtype(z.device.type),
        )  # as it is now, should its numbers change
        ctx.dtypes = weight.dtype, None if bias is None else bias.dtype
        with _autocast(z.device.type, ctx.autocast):
            return F.linear(act(z), weight, bias)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        again = torch.is_grad_enabled()  # a graph of the gradients is asked for
        z, weight, *learned = ctx.saved_tensors  # once: checkpointing computes them anew at each access
        needs_z, needs_weight, needs_bias, _, *needs = ctx.needs_input_grad
        if not again:
            z, *learned = (t.detach().requires_grad_(n) for t, n in zip((z, *learned), (needs_z, *needs), strict=True))
        wanted = [t for t, needed in zip((z, *learned), (needs_z, *needs), strict=True) if needed]
        rows = grad.reshape(-1, grad.shape[-1])  # (batch, out)
        d_weight = d_bias = None
        with _autocast(z.device.type, ctx.autocast):
            with torch.set_grad_enabled(again or bool(wanted)):
                h = _with(ctx.act, learned)(z)
            if needs_weight:
                d_weight = (rows.t() @ h.reshape(-1, h.shape[-1])).to(ctx.dtypes[0])
            if needs_bias:
                d_bias = rows.sum(0).to(ctx.dtypes[1])
            if not wanted:
                return (None, d_weight, d_bias, None, *[None] * len(needs))
            edge, shape, dtype = get_gradient_edge(h), h.shape, h.dtype
            del h  # its memory can serve for its own gradient
            d_h = (rows @ weight).reshape(shape).to(dtype)
        found = iter(torch.autograd.grad(edge, wanted, d_h, create_graph=again))
        d_z, *d_learned = (next(found) if needed else None for needed in (needs_z, *needs))
        return (d_z, d_weight, d_bias, None, *d_learned)


# Function.apply first asks whether a functorch transform is active, which activated_linear has
_apply: Callable[..., Any] = super(torch.autograd.Function, _ActivatedLinear).apply


def _with(act: nn.Module, learned: list[Tensor]) -> nn.Module:
    """``act`` with the saved tensors as its parameters: a copy, as other threads may be calling ``act`` itself."""
    if not learned:
        return act
    memo: dict[int, Any] = {id(p): t for p, t in zip(act.parameters(), learned, strict=True)}
    return copy.deepcopy(act, memo)
