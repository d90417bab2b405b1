"""The catalogue: one module a family, nothing but declarations in them.

A declaration bound at the top level of any module of this package is in the catalogue: there is no list to keep.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from nonlin.formula.declaration import Activation


@cache
def declarations() -> dict[str, Activation]:
    """Every declaration of the catalogue by its name, families in alphabetical order, as written within a family."""
    found: dict[str, Activation] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        for value in vars(import_module(f"{__name__}.{module}")).values():
            if isinstance(value, Activation):
                if value.name in found:
                    raise ValueError(f"two declarations are called {value.name!r}")
                found[value.name] = value
    return found
