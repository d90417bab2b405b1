"""From whatever names an activation to its fact sheet: the shipped one where there is one, else computed now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from nonlin import derived
from nonlin.errors import ArgumentError, BoundsError
from nonlin.facts.sheet import FactSheet
from nonlin.formula.declaration import Activation, Parameter


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
    values = {**given, **parameters}
    unknown = sorted(values.keys() - known.defaults.keys())
    if unknown:
        raise ArgumentError(
            f"{known.name} has no parameter {unknown[0]!r}; it has {', '.join(known.defaults) or 'none'}"
        )
    return of(known, values)


def of(activation: Activation, parameters: Mapping[str, float] | None = None) -> FactSheet:
    """The sheet of a declaration: the shipped one at its defaults, where it is current.

    Raises:
        TypeError: for a value that is no number. ValueError: for one out of bounds.
    """
    values = checked(activation, {**activation.defaults, **(parameters or {})})
    if values == activation.defaults and (sheet := shipped(activation)) is not None:
        return sheet
    gate = None
    if activation.kind == "gated":
        declaration, given = gate_of(activation)
        gate = (declaration, tuple(given.items()))
    return _computed(activation, tuple(values.items()), gate)


def checked(activation: Activation, values: Mapping[str, Any]) -> dict[str, float]:
    """``values`` as numbers; raise where one is not what the activation itself accepts."""
    numbers = {name: _number(activation.name, name, value) for name, value in values.items()}
    for p in activation.parameters:
        if p.name in numbers:
            p.check(numbers[p.name], activation.name)
        other = {**activation.defaults, **numbers}.get(p.below or "")
        if other is not None and numbers.get(p.name, p.default) > other:
            raise BoundsError(
                f"{activation.name}: {p.name}={numbers.get(p.name, p.default)!r} exceeds {p.below}={other!r}; "
                f"expected {p.name} <= {p.below}"
            )
    return numbers


def _number(owner: str, name: str, value: Any) -> float:
    if getattr(value, "numel", lambda: 1)() != 1:
        raise BoundsError(
            f"{owner}: {name} has {value.numel()} elements; facts need one value: pass {name}=... yourself"
        )
    if not isinstance(value, bool | str | bytes):
        try:
            return float(getattr(value, "detach", lambda: value)())  # a learned value warns that it leaves the graph
        except (TypeError, ValueError, OverflowError):
            pass
    raise ArgumentError(f"{owner}: {name}={value!r} is {type(value).__name__}; expected a number")


def shipped(activation: Activation) -> FactSheet | None:
    """The sheet that came with the package; None where it is missing, outdated, or of an older layout."""
    record = derived.current(activation)
    if record is None or record.get("facts") is None:
        return None
    try:
        return FactSheet.from_dict(record["facts"])
    except (ValueError, TypeError, KeyError):
        return None


_Gate = tuple[Activation, tuple[tuple[str, float], ...]]


@lru_cache(maxsize=1024)
def _computed(activation: Activation, values: tuple[tuple[str, float], ...], gate: _Gate | None) -> FactSheet:
    """``gate`` is part of the key alone: a gate that is defined anew keeps its name, and its sheet must not be kept."""
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
        return *_chosen(held, _held(activation, held)), None
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

    return _chosen(*registry.parse(text))


def _chosen(activation: Activation, arguments: Mapping[str, Any]) -> tuple[Activation, dict[str, float]]:
    """What an activation becomes with these arguments, which a text gives or a module holds, and its parameter values."""
    from nonlin import registry

    for argument, options in activation.choices.items():
        option = arguments.get(argument, next(iter(options)))
        if option not in list(options):
            expected = ", ".join(repr(o) for o in options)
            raise BoundsError(f"{activation.name}: {argument}={option!r}; expected one of {expected}")
        activation = registry.find(options[option])
    if activation.kind == "gated" and "gate" in arguments:
        activation = _gated_by(activation, arguments["gate"])
    given = {p.name: arguments[key] for p in activation.parameters for key in _keys(p) if key in arguments}
    return activation, checked(activation, given)


def _keys(parameter: Parameter) -> tuple[str, ...]:
    """Where its value stands: under its initial value's name, and, which counts more, under its own."""
    return (*([parameter.argument] if parameter.argument else []), parameter.name)


def _held(module: Any, activation: Activation) -> dict[str, Any]:
    """What a module holds of the arguments that matter here; a function holds none."""
    names = [*activation.choices, *activation.defaults, *(["gate"] if activation.kind == "gated" else [])]
    return {name: getattr(module, name) for name in names if hasattr(module, name)}


def _gated_by(activation: Activation, gate: Any) -> Activation:
    """The gated unit with another gate, whatever names it; itself where that is its own."""
    known, values, _ = _declaration(gate)
    if known is None:
        raise ArgumentError(
            f"{activation.name}: the gate {gate!r} has no formula; facts need a gate that nonlin.names() lists"
        )
    given = {p.argument or p.name: values[p.name] for p in known.parameters if p.name in values}
    text = ", ".join(f"{name}={value!r}" for name, value in given.items())
    if (known.name, text) == (activation.gate, ""):
        return activation
    gated = dataclasses.replace(
        activation,
        gate=f"{known.name}({text})" if text else known.name,
        formula=f"{known.name}(gate{', ' if text else ''}{text}) * value",
        summary=f"One half of the features, gated by the {known.title}{f'({text})' if text else ''} of the other half.",
        aliases=(),
        torch_name=None,
        source=None,
        used_in=(),
    )
    gate_of(gated)
    return gated


def gate_of(activation: Activation) -> tuple[Activation, dict[str, float]]:
    """The declaration and the parameter values of a gated unit's gate.

    Raises:
        ArgumentError: where it is not a function of one number.
    """
    gate, values = declared(activation.gate or "identity")
    if gate.kind not in ("pointwise", "stochastic"):
        raise ArgumentError(
            f"{activation.name}: the gate {gate.name} is {gate.kind}; facts of a gated unit need a pointwise gate"
        )
    return gate, values


def _measured(function: Callable[..., Any], parameters: dict[str, float]) -> FactSheet:
    from nonlin.facts.callables import curve_of
    from nonlin.facts.compute import sheet_of

    name = getattr(function, "__name__", type(function).__name__)
    return sheet_of(curve_of(lambda x: function(x, **parameters)), name, parameters=parameters, measured=True)
