"""What torch has of the catalogue, and the declaration of a module or function of torch's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from nonlin import registry
from nonlin.catalogue import declarations
from nonlin.formula.declaration import Activation


def torch_function(activation: Activation) -> Callable[..., Tensor] | None:
    """The function of ``torch.nn.functional`` that computes the same, if there is one."""
    return getattr(nn.functional, activation.torch_name) if activation.torch_name else None


def torch_class(activation: Activation) -> type[nn.Module] | None:
    """The class of ``torch.nn`` that computes the same, if there is one (``torch.nn.Bilinear`` is a layer)."""
    return getattr(nn.modules.activation, activation.title, None)


def torch_modules() -> Iterator[nn.Module]:
    """Every activation class of torch.nn, at its defaults; where torch has none, at the catalogue's."""
    for activation in declarations().values():
        made = torch_class(activation)
        if made is not None:
            given = {p.name: p.default for p in activation.parameters if p.required and not p.learnable}
            row = {"dim": 1} if activation.kind == "rowwise" and activation.torch_name else {}
            yield made(**given, **row).eval()
    yield nn.GELU(approximate="tanh").eval()


def declaration_of(given: Any) -> tuple[Activation, dict[str, float]] | None:
    """(declaration, its parameters' values) of one of our modules or functions, or of torch's; None for anything else."""
    activation = getattr(given, "activation", None)
    if not isinstance(activation, Activation):
        activation = next((a for a in registry.all_activations().values() if _is(a, given)), None)
        if activation is None:
            return None
    for argument, names in activation.choices.items():
        chosen = getattr(given, argument, next(iter(names)))
        if names.get(chosen, activation.name) != activation.name:
            return registry.find(names[chosen]), {}
    values = {}
    for p in activation.parameters:
        value = getattr(given, p.name, p.default)
        if isinstance(value, Tensor) and value.numel() != 1:
            return activation, {}  # one a channel: no formula of one number
        values[p.name] = float(value)
    return activation, values


def _is(activation: Activation, given: Any) -> bool:
    if isinstance(given, nn.Module):
        return type(given) is torch_class(activation)
    name = activation.torch_name
    return name is not None and given in (getattr(nn.functional, name, None), getattr(torch, name, False))
