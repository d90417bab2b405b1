"""The language of formulas: declarations, primitives, grammar, calculus."""

from nonlin.formula.declaration import Activation, Parameter, Source

__all__ = ["Activation", "Parameter", "Source"]
