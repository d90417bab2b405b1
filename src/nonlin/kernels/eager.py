"""What a plain eager CPU call needs: which tensors the C kernels take, and tensors laid out for them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

PEEK = torch._C._functorch.peek_interpreter_stack
MODES = torch._C._len_torch_dispatch_stack
TRACED = torch._C._get_tracing_state
BATCHED = torch._C._functorch.is_legacy_batchedtensor  # what is_grads_batched=True makes of an incoming gradient
ORDINARY = frozenset({Tensor, torch.nn.Parameter})
_STRIDED = torch.strided


def plain() -> bool:
    """Whether nothing watches or rewrites operations: no functorch transform, forward mode, dispatch mode or tracer."""
    return PEEK() is None and forward_ad._current_level < 0 and not MODES() and TRACED() is None


def takes(x: Any) -> bool:
    """Whether the kernels can read ``x`` by its address: an ordinary CPU tensor, none of its subclasses."""
    return type(x) in ORDINARY and x.is_cpu and x.layout is _STRIDED and not x.is_neg() and not BATCHED(x)


def as_recorded(grad: Tensor, x: Tensor) -> bool:
    """Whether gradient and saved input are ordinary and fit each other: a hook may hand back another dtype or shape."""
    return takes(grad) and takes(x) and grad.dtype is x.dtype and grad.shape == x.shape


def dense(x: Tensor) -> tuple[Tensor, Tensor]:
    """(x without holes between its elements, an empty tensor of the same layout): at most one copy."""
    out = torch.empty_like(x)
    if x.is_contiguous() or out.stride() == x.stride():
        return x, out
    return torch.empty_like(x).copy_(x.detach()), out


def same_layout(out: Tensor, x: Tensor) -> bool:
    """Whether both are dense and lie in memory alike."""
    if out.shape != x.shape:
        return False
    if x.is_contiguous():
        return out.is_contiguous()
    return out.stride() == x.stride() and torch.empty_like(x, device="meta").stride() == x.stride()


def overlaps(out: Tensor, x: Tensor) -> bool:
    """Whether two dense tensors share some memory without being the same."""
    to, at, size = out.data_ptr(), x.data_ptr(), x.numel() * x.element_size()
    return to != at and to < at + size and at < to + size


def like(grad: Tensor, x: Tensor) -> tuple[Tensor, int]:
    """(an incoming gradient in the layout of dense ``x``, 0 where one number stands for all of it, else 1)."""
    if grad.stride() == x.stride():
        return grad, 1
    if not any(grad.stride()):
        return grad, 0
    return torch.empty_like(x).copy_(grad.detach()), 1
