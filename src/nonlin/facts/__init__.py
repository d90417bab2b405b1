"""Facts of activations, and what speaks for and against them. The package itself can be called::

    >>> import nonlin.facts
    >>> nonlin.facts("relu").dead_probability
    Fact(value=0.5, how='derived')

Nothing here imports torch or sympy until a sheet has to be computed that is not shipped.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from nonlin.facts.lookup import facts, of
from nonlin.facts.sentences import MEASUREMENTS, sentences
from nonlin.facts.sheet import Fact, FactSheet
from nonlin.facts.wording import Sentence

__all__ = ["MEASUREMENTS", "Fact", "FactSheet", "Sentence", "facts", "of", "sentences"]


class _CallableModule(ModuleType):
    """``nonlin.facts`` is both the room and the function: Python binds a submodule's name in its package once imported."""

    def __call__(self, activation: Any = None, /, **parameters: float) -> FactSheet:
        return facts(activation, **parameters)


sys.modules[__name__].__class__ = _CallableModule
