"""Independent references of the written activations: plain loops over numbers, from the published definition.

One module for each module of :mod:`nonlin.rules` (``builtin`` for what has no rule), in it one function for each rule, of
the rule's name and arguments. It
takes and returns NumPy arrays of float64 or wider and shares no code with the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from nonlin.formula.declaration import Activation


def find(activation: Activation) -> Callable[..., Any]:
    """The reference of an activation that is no formula of one number."""
    function: Callable[..., Any] = getattr(import_module(f"{__name__}.{activation.rule or 'builtin'}"), activation.name)
    return function
