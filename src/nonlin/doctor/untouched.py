"""A model as it was: parameters, buffers, gradients, modes, hooks, attributes and random states put back bit by bit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.grad_mode import _unsafe_preserve_version_counter


class Untouched:
    """As a context: whatever happens inside, ``modules`` and every random state leave as they came.

    Values are kept as copies, which costs the memory of the parameters once: less than what Adam keeps for a training step.
    Attributes of modules, and the lists, dicts and sets that they hold directly, are put back; what those hold deeper down is not copied.
    """

    def __init__(self, *modules: nn.Module) -> None:
        every = list(dict.fromkeys(part for module in modules for part in module.modules()))
        tensors = {
            id(t): t for part in every for t in (*part._parameters.values(), *part._buffers.values()) if t is not None
        }
        self._values = [(t, t.detach().clone(), t.grad, t.requires_grad, t._version) for t in tensors.values()]
        self._exact: bool | None = None
        self._grads = [(g, g.clone()) for _, _, g, _, _ in self._values if g is not None]
        self._attributes = [
            (part, dict(part.__dict__), {k: _shallow(v) for k, v in part.__dict__.items() if _held(v)})
            for part in every
        ]
        self._states = _random_states()

    def __enter__(self) -> Untouched:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def told(self, exact: bool) -> None:
        """Say how the model was run: unless ``exact``, every write counted up its tensor's version, and what has its version has its bits.
        Once it is needed, or where nothing is said, all bits are compared: a tenth of a small training step."""
        self._exact = exact or bool(self._exact)

    def restore(self) -> None:
        """Put everything back now; may be called again."""
        for part, was, held in self._attributes:
            for key in [k for k in part.__dict__ if k not in was]:
                del part.__dict__[key]
            part.__dict__.update(was)
            for key, value in held.items():
                _refill(was[key], value)
        with torch.no_grad():
            for tensor, value, grad, requires, version in self._values:
                if (self._exact is not False or tensor._version != version) and not _same(tensor, value):
                    # a backward pass that is still to come has saved it, with its version: these are the bits it saved
                    with _unsafe_preserve_version_counter(tensor):
                        tensor.detach().copy_(value)
                tensor.grad = grad
                if tensor.requires_grad != requires and tensor.is_leaf:
                    tensor.requires_grad_(requires)
            for tensor, value in self._grads:
                if not _same(tensor, value):
                    tensor.copy_(value)
        _restore(self._states)


def _same(tensor: Tensor, value: Tensor) -> bool:
    """Equal, NaN to NaN: also what ``.data`` changed, which no version tells."""
    a, b = tensor.detach(), value
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return torch.equal(a, b) or bool(((a == b) | ((a != a) & (b != b))).all())


def _held(value: Any) -> bool:
    return type(value) in (list, dict, set) or isinstance(value, dict)


def _shallow(value: Any) -> Any:
    return list(value) if isinstance(value, list) else set(value) if isinstance(value, set) else dict(value)


def _refill(container: Any, was: Any) -> None:
    """Back to the same members, in the same container, which others may hold too."""
    if isinstance(container, list):
        if len(container) != len(was) or any(a is not b for a, b in zip(container, was, strict=True)):
            container[:] = was
    elif isinstance(container, set):
        if container != was:
            container.clear()
            container.update(was)
    elif list(container) != list(was) or any(container[k] is not was[k] for k in was):
        container.clear()
        container.update(was)


def _random_states() -> dict[str, Any]:
    states: dict[str, Any] = {
        "torch": torch.get_rng_state(),
        "python": random.getstate(),
        "numpy": np.random.get_state(),
    }
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def _restore(states: dict[str, Any]) -> None:
    torch.set_rng_state(states["torch"])
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    if "cuda" in states:
        torch.cuda.set_rng_state_all(states["cuda"])
