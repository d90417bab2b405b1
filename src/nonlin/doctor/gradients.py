"""One backward pass measured: the gradient of every weight and at every activation. ``.grad`` of no parameter is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.doctor import measure
from nonlin.doctor.flow import Flow, Op

SOME = 1024  # elements: each is a cache miss
TINY, HUGE = 1e-15, 1e15  # norms between which no square of float32 is lost


@dataclass(frozen=True)
class Weight:
    """A parameter and its gradient."""

    name: str
    shape: tuple[int, ...]
    size: float  # root mean square of the parameter
    gradient: float | None  # root mean square of the gradient; None: no path from the loss

    @property
    def pull(self) -> float:
        """Gradient times weight, both as root mean squares: free of how weight and activations are scaled against each other."""
        return (self.gradient or 0.0) * self.size


@dataclass
class Gradients:
    """Of all parameters that ask for one, and at every activation (by id of its node)."""

    weights: list[Weight]
    out: dict[int, float] = field(default_factory=dict)  # node -> rms of the gradient that arrives at its output
    into: dict[int, float] = field(default_factory=dict)  # node -> rms of what it hands on


def trainable(model: nn.Module, loss: Any) -> list[tuple[str, nn.Parameter]]:
    """Every parameter of the model, and of a loss that is a module, that asks for a gradient."""
    found = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    if isinstance(loss, nn.Module):
        found += [
            (f"loss.{n}", p)
            for n, p in loss.named_parameters()
            if p.requires_grad and all(p is not q for _, q in found)
        ]
    return found


def measured(loss: Tensor, flow: Flow, parameters: list[tuple[str, nn.Parameter]], keep: bool = True) -> Gradients:
    """Run the backward pass with hooks on the nodes of activations, which no in-place operation upsets."""
    gradients = Gradients([])
    handles = [op.node.register_hook(_note(gradients, id(op.node))) for op in flow if op.activation is not None]
    written_out = [(op, op.call.start) for op in flow if op.call is not None and op.call.start is not None]
    handles += [start.register_prehook(_arrives(gradients, id(op.node))) for op, start in written_out]
    try:
        found = torch.autograd.grad(loss, [p for _, p in parameters], allow_unused=True, retain_graph=keep)
    finally:
        for handle in handles:
            handle.remove()
    sizes = rms([_some(p) for _, p in parameters])
    grads = rms([g for g in found if g is not None])
    each = iter(grads)
    for (name, p), g, size in zip(parameters, found, sizes, strict=True):
        gradients.weights.append(Weight(name, tuple(p.shape), size, None if g is None else next(each)))
    return gradients


def first_broken(loss: Tensor, flow: Flow, parameters: list[tuple[str, nn.Parameter]]) -> Op | None:
    """The op nearest to the loss whose incoming gradient is finite and whose outgoing is not: the backward pass once more, watched."""
    broken: list[Op] = []

    def watch(op: Op) -> Callable[[Any, Any], None]:
        def hook(into: tuple[Tensor | None, ...], out: tuple[Tensor | None, ...]) -> None:
            if all(map(_finite, out)) and not all(map(_finite, into)):
                broken.append(op)

        return hook

    handles = [op.node.register_hook(watch(op)) for op in flow if op.parameter is None]
    try:
        torch.autograd.grad(loss, [p for _, p in parameters], allow_unused=True, retain_graph=True)
    finally:
        for handle in handles:
            handle.remove()
    return broken[0] if broken else None


def _finite(t: Tensor | None) -> bool:
    return t is None or t.is_sparse or bool(torch.isfinite(t).all())


def _note(gradients: Gradients, key: int) -> Callable[[Any, Any], None]:
    def hook(into: tuple[Tensor | None, ...], out: tuple[Tensor | None, ...]) -> None:
        if into and isinstance(into[0], Tensor) and out and isinstance(out[0], Tensor):
            gradients.into[key], gradients.out[key] = rms([_some(into[0]), _some(out[0])])

    return hook


def _arrives(gradients: Gradients, key: int) -> Callable[[Any], None]:
    def hook(out: tuple[Tensor | None, ...]) -> None:
        if out and isinstance(out[0], Tensor):
            gradients.into[key] = rms([_some(out[0])])[0]

    return hook


def _some(t: Tensor) -> Tensor:
    """At most :data:`SOME` elements, evenly spread: what the size of a weight or of a signal is told by."""
    return t if t.is_sparse or t.numel() <= SOME else measure.sample(t, SOME)


def rms(tensors: list[Tensor]) -> list[float]:
    """Root mean squares, all at once."""
    if not tensors:
        return []
    dense = [t.detach().coalesce().values() if t.is_sparse else t.detach() for t in tensors]
    sizes = [max(t.numel(), 1) ** 0.5 for t in tensors]
    return [float(n) / s for n, s in zip(_norms(dense), sizes, strict=True)]


def _norms(tensors: list[Tensor]) -> list[float]:
    """2-norms; once more in double where float32 squares may have left their range."""
    found = []
    for t in tensors:
        norm = float(torch.linalg.vector_norm(t, dtype=torch.promote_types(t.dtype, torch.float32)))
        if not TINY < norm < HUGE and t.device.type != "mps":
            norm = float(torch.linalg.vector_norm(t, dtype=torch.promote_types(t.dtype, torch.float64)))
        found.append(norm)
    return found
