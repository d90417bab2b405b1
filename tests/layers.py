"""What the tests of the layers share: layers of both kinds, their composed twins, what they keep and what they give."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import nonlin

HIDDEN = 32


def mlp(**more: Any) -> nn.Module:
    return nonlin.GatedMLP(16, HIDDEN, 8, **more)


def act_linear(**more: Any) -> nn.Module:
    act = more.pop("gate", "silu")
    return nn.Sequential(nn.Linear(16, HIDDEN, **more), nonlin.ActLinear(HIDDEN, 8, act, **more))


def composed(layer: nn.Module) -> nn.Module:
    """The same layer with the same weights, computed by its three modules."""
    twin = copy.deepcopy(layer)
    for module in twin.modules():
        if hasattr(module, "recompute"):
            setattr(module, "recompute", False)  # noqa: B010
    return twin


def steps(y: Tensor) -> set[str]:
    """The names of the nodes of a graph."""
    found, todo = set(), [y.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None:
            found.add(node.name())
            todo += [following for following, _ in node.next_functions]
    return found


def recomputes(y: Tensor) -> bool:
    return "_ActivatedLinearBackward" in steps(y)


def results(layer: nn.Module, x: Tensor, seed: int = 0) -> list[Tensor | None]:
    """The value, and the gradients of the input and of every parameter (None for what is frozen)."""
    leaf = x.detach().requires_grad_()
    y = layer(leaf)
    incoming = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed)).to(y.dtype)
    wanted = [t for t in (leaf, *layer.parameters()) if t.requires_grad]
    found = iter(torch.autograd.grad(y, wanted, incoming, materialize_grads=True))
    return [y.detach(), *(next(found) if t.requires_grad else None for t in (leaf, *layer.parameters()))]


def kept_bytes(run: Callable[[], Tensor], *known: Tensor) -> int:
    """The bytes that a call keeps for its backward beside the tensors ``known``."""
    skip = {t.untyped_storage().data_ptr() for t in known}
    kept: dict[int, int] = {}

    def keep(t: Tensor) -> Tensor:
        kept[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        y = run()  # held until the end: memory that was freed would be given out again
    assert y.requires_grad
    return sum(size for at, size in kept.items() if at not in skip)


BOTH = pytest.mark.parametrize("make", [mlp, act_linear])
