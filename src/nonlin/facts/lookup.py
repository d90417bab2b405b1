"""From whatever names an activation to its fact sheet: the shipped one where there is one, else computed now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from nonlin import derived
from nonlin.errors import ArgumentError, BoundsError
from nonlin.facts.sheet import FactSheet
from nonlin.formula.declaration import Activation


def facts(activation: Any = None, /, **parameters: float) -> FactSheet:
    """The fact sheet of an activation.

    Args:
        activation: a name or alias (``"silu"``), a name with arguments (``"leaky_relu(0.2)"``), a module, a class, an
            :class:`~nonlin.formula.Activation`, a callable on tensors, or None (the identity).
        **parameters: values of its parameters, where not the defaults.

    Raises:
        UnknownNameError: for a name that no activation has; the nearest are offered.
        TypeError: for a parameter that it does not have. ValueError: for a value out of bounds.

    Example:
        >>> import nonlin
        >>> sheet = nonlin.facts("silu")
        >>> print(sheet.range.value, "obtained:", sheet.range.how)
        [-0.278465, inf) obtained: derived
        >>> round(nonlin.facts("leaky_relu", negative_slope=0.2).forward_gain.value, 6)
        1.38675
    """
    known, given, function = _declaration(activation)
    if known is None:
        return _measured(function, parameters)
    values = {**given, **{name: float(value) for name, value in parameters.items()}}
    unknown = sorted(values.keys() - known.defaults.keys())
    if unknown:
        raise ArgumentError(
            f"{known.name} has no parameter {unknown[0]!r}; it has {', '.join(known.defaults) or 'none'}"
        )
    return of(known, values)


def of(activation: Activation, parameters: dict[str, float] | None = None) -> FactSheet:
    """The sheet of a declaration: the shipped one at its defaults, where it is current."""
    values = {**activation.defaults, **(parameters or {})}
    for parameter in activation.parameters:
        parameter.check(values[parameter.name], activation.name)
    if values == activation.defaults and (sheet := shipped(activation)) is not None:
        return sheet
    return _computed(activation, tuple(values.items()))


def shipped(activation: Activation) -> FactSheet | None:
    """The sheet that came with the package; None where it is missing, outdated, or of an older layout."""
    record = derived.current(activation)
    if record is None or record.get("facts") is None:
        return None
    try:
        return FactSheet.from_dict(record["facts"])
    except (ValueError, TypeError, KeyError):
        return None


@lru_cache(maxsize=1024)
def _computed(activation: Activation, values: tuple[tuple[str, float], ...]) -> FactSheet:
    from nonlin.facts.compute import compute

    return compute(activation, dict(values))


def _declaration(activation: Any) -> tuple[Activation | None, dict[str, float], Any]:
    if isinstance(activation, Activation):
        return activation, {}, None
    if activation is None or isinstance(activation, str):
        return *declared(activation or "identity"), None
    if isinstance(activation, type):
        activation = activation()
    held = getattr(activation, "activation", None)
    if isinstance(held, Activation):
        return held, _held(activation, held), None
    if not callable(activation):
        raise ArgumentError(
            f"got {type(activation).__name__}; expected a name such as 'mish', a class, a module, a callable or None"
        )
    return None, {}, activation


def declared(text: str) -> tuple[Activation, dict[str, float]]:
    """What a name such as ``"leaky_relu(0.2)"`` stands for: the declaration and the parameter values given.

    Only what enters the formula: not dim, inplace and the like.
    """
    from nonlin import registry

    activation, arguments = registry.parse(text)
    for argument, options in activation.choices.items():
        if arguments.get(argument) in options:
            activation = registry.find(options[arguments[argument]])
    if activation.kind == "gated" and isinstance(arguments.get("gate"), str):
        activation = dataclasses.replace(activation, gate=registry.find(arguments["gate"]).name)
    names = {p.argument or p.name: p.name for p in activation.parameters}
    return activation, {names[name]: float(value) for name, value in arguments.items() if name in names}


def _held(module: Any, declared: Activation) -> dict[str, float]:
    held: dict[str, float] = {}
    for p in declared.parameters:
        value: Any = getattr(module, p.name, p.default)
        if getattr(value, "numel", lambda: 1)() != 1:
            raise BoundsError(
                f"{declared.name}: {p.name} has {value.numel()} elements; facts need one value: pass {p.name}=... yourself"
            )
        held[p.name] = float(value)
    return held


def _measured(function: Callable[..., Any], parameters: dict[str, float]) -> FactSheet:
    from nonlin.facts.callables import curve_of
    from nonlin.facts.compute import sheet_of

    name = getattr(function, "__name__", type(function).__name__)
    return sheet_of(curve_of(lambda x: function(x, **parameters)), name, parameters=parameters, measured=True)
