"""Every activation as a function of a tensor: ``nonlin.functional.mish(x)``.

The functions are built from the catalogue's declarations when they are first asked for; ``dir(nonlin.functional)``
lists them, ``help(nonlin.functional.mish)`` tells the formula, arguments and source.

Example:
    >>> import torch, nonlin
    >>> nonlin.functional.mish(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651])
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from nonlin import registry
from nonlin.builders import functions


def __getattr__(name: str) -> Callable[..., Tensor]:
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        activation = registry.find(name)
    except LookupError as error:
        raise AttributeError(str(error)) from None
    function = functions.of(activation)
    if registry.is_catalogued(activation):
        globals()[name] = function  # found without this call from now on; a defined one may be defined anew
    return function


def __dir__() -> list[str]:
    return sorted(registry.names())
