"""Every activation as a module: ``nonlin.Mish()``, with torch.nn's names, arguments and state.

The classes are built from the catalogue's declarations when they are first asked for.

Example:
    >>> import torch, nonlin
    >>> nonlin.LeakyReLU(0.2)(torch.tensor([-1.0, 1.0]))
    tensor([-0.2000,  1.0000])
"""

from __future__ import annotations

from nonlin import registry
from nonlin.builders import classes
from nonlin.builders.classes import ActivationModule, Function

__all__ = ["ActivationModule", "Function"]


def __getattr__(name: str) -> type[ActivationModule]:
    activation = registry.by_title(name)
    if activation is None:
        raise AttributeError(f"nonlin has no module {name!r}; nonlin.names() lists what there is")
    built = classes.of(activation)
    if registry.is_catalogued(activation):
        globals()[name] = built
    return built


def __dir__() -> list[str]:
    return sorted([*__all__, *(a.title for a in registry.all_activations().values())])
