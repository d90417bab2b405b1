"""Names: which activations there are, what a name or a short text such as ``"leaky_relu(0.2)"`` stands for.

Nothing here imports torch or sympy until a module or a function is asked for.
"""

from __future__ import annotations

from nonlin.registry.definitions import define
from nonlin.registry.index import all_activations, by_title, find, is_catalogued, names
from nonlin.registry.modules import get, resolve
from nonlin.registry.texts import parse

__all__ = ["all_activations", "by_title", "define", "find", "get", "is_catalogued", "names", "parse", "resolve"]
