"""From whatever names an activation to a module, or to its declaration and its values."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nonlin.errors import ArgumentError
from nonlin.formula.declaration import Activation
from nonlin.registry.texts import parse

if TYPE_CHECKING:
    from torch import nn


def get(activation: Any = None, /, **arguments: Any) -> nn.Module:
    """A module for whatever names an activation.

    Args:
        activation: a name or alias (``"mish"``), a name with arguments (``"leaky_relu(0.2)"``), a class
            (``nn.ReLU``, ``nonlin.Mish``), a module, a callable, an :class:`Activation`, or None (the identity).
        **arguments: passed on to the class.

    Raises:
        UnknownNameError: for a name that no activation has; the nearest are offered.

    Example:
        >>> import nonlin
        >>> nonlin.get("leaky_relu(0.2)")
        LeakyReLU(negative_slope=0.2)
    """
    from torch import nn

    from nonlin.builders import classes

    if activation is None:
        activation = "identity"
    if isinstance(activation, str):
        declared, given = parse(activation)
        if twice := given.keys() & arguments.keys():
            raise ArgumentError(f"{', '.join(sorted(twice))} is given in {activation!r} and as an argument")
        return _made(declared, {**given, **arguments})
    if isinstance(activation, Activation):
        return classes.of(activation)(**arguments)
    if isinstance(activation, type) and issubclass(activation, nn.Module):
        return activation(**arguments)
    if arguments:
        raise ArgumentError(f"arguments {sorted(arguments)} need a name or a class; got {type(activation).__name__}")
    if isinstance(activation, nn.Module):
        return activation
    if callable(activation):
        known = getattr(activation, "activation", None)  # one of nonlin.functional's
        if isinstance(known, Activation) and _takes_nothing(known):
            return classes.of(known)()
        return classes.Function(activation)
    raise ArgumentError(
        f"got {type(activation).__name__}; expected a name such as 'mish', a class, a module, a callable or None"
    )


def _made(activation: Activation, arguments: dict[str, Any]) -> nn.Module:
    """A module of the activation's class; what it needs and is not given is named, with a sample that has it."""
    from nonlin.builders import classes

    made = classes.of(activation)
    missing = [
        name
        for name, p in inspect.signature(made).parameters.items()
        if p.default is p.empty
        and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        and name not in arguments
    ]
    if missing:
        sample = activation.samples[0] if activation.samples else f"{activation.name}({missing[0]}=...)"
        raise ArgumentError(f"{activation.name} needs {', '.join(missing)}; give it as in {sample!r}")
    return made(**arguments)


def _takes_nothing(activation: Activation) -> bool:
    return not any(p.required and not p.learnable for p in activation.parameters)


def resolve(activation: Any) -> tuple[Activation | None, tuple[Any, ...], Callable[..., Any]]:
    """(declaration, its parameter values, a callable) of whatever :func:`get` accepts; no declaration for a foreign callable."""
    if isinstance(activation, str) or activation is None:
        declared, given = parse(activation or "identity")
        if declared.kind == "pointwise" and not declared.learnable and not (given.keys() - declared.defaults.keys()):
            return (
                declared,
                tuple(given.get(p.name, p.default) for p in declared.parameters),
                lambda x: get(activation)(x),
            )
    declared = getattr(activation, "activation", activation)
    if isinstance(declared, Activation) and not isinstance(activation, type) and not declared.choices:
        values = tuple(getattr(activation, p.name, p.default) for p in declared.parameters)
        return declared, values, get(activation)
    module = get(activation)
    return None, (), module
