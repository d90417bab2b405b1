"""Errors say what was given, what was expected and how to put it right."""

from __future__ import annotations

import math

import pytest
import torch

import nonlin
from nonlin.builders import classes, functions
from nonlin.contract.declared import Declared as Case
from nonlin.contract.declared import cases_of
from nonlin.errors import FormulaError, NonlinError, UnknownNameError, suggestion
from nonlin.formula.declaration import Activation, Parameter
from tests.catalogue import DEFAULTS, FORMULAS

NUMBERS = [(a, p) for a in FORMULAS for p in a.parameters]
BOUNDED = [(a, p) for a, p in NUMBERS if p.low > -math.inf or p.high < math.inf]


def _with(activation: Activation, parameter: Parameter, value: object) -> dict[str, object]:
    given: dict[str, object] = {p.name: p.default for p in activation.parameters if p.required}
    return {**given, parameter.name: value}


def _names(value: object) -> str:
    return getattr(value, "name", str(value))


@pytest.mark.parametrize(("activation", "parameter"), BOUNDED, ids=_names)
def test_out_of_bounds(activation: Activation, parameter: Parameter) -> None:
    """Function and module name the parameter, the value, the bounds and the default."""
    for value in (
        parameter.low - 1.0,
        parameter.high + 1.0,
        *([parameter.low] if parameter.open_low else []),
        math.nan,
    ):
        if math.isinf(value):
            continue
        said = rf"^{activation.name}: {parameter.name}={value!r} is out of bounds; expected a number in [\[(].*[\])] \(default "
        with pytest.raises(ValueError, match=said):
            functions.of(activation)(torch.ones(2), **_with(activation, parameter, value))
        argument = parameter.argument if parameter.learnable else parameter.name
        required = {p.name: p.default for p in activation.parameters if p.required and not p.learnable}
        with pytest.raises(ValueError, match=said):
            classes.of(activation)(**{**required, str(argument): value})


@pytest.mark.parametrize(("activation", "parameter"), NUMBERS, ids=_names)
def test_not_a_number(activation: Activation, parameter: Parameter) -> None:
    for value, kind in (("0.1", "str"), (None, "NoneType"), ([0.1], "list"), (True, "bool"), (1j, "complex")):
        with pytest.raises(
            TypeError, match=rf"^{activation.name}: {parameter.name} is {kind}; expected a number or a tensor"
        ):
            functions.of(activation)(torch.ones(2), **_with(activation, parameter, value))


@pytest.mark.parametrize(("activation", "parameter"), [(a, p) for a, p in NUMBERS if p.below], ids=_names)
def test_order_of_two_parameters(activation: Activation, parameter: Parameter) -> None:
    other = str(parameter.below)
    with pytest.raises(
        ValueError,
        match=rf"{activation.name}: {parameter.name}=2.0 exceeds {other}=1.0; expected {parameter.name} <= {other}",
    ):
        functions.of(activation)(torch.ones(2), **{parameter.name: 2.0, other: 1.0})


@pytest.mark.parametrize("case", DEFAULTS, ids=str)
def test_unknown_argument(case: Case) -> None:
    with pytest.raises(TypeError, match="no_such_argument"):
        case(*case.tensors(), no_such_argument=1)
    with pytest.raises(TypeError, match="no_such_argument"):
        case.module(no_such_argument=1)


@pytest.mark.parametrize(
    "case",
    [c for a in {c.activation.name: c.activation for c in DEFAULTS}.values() for c in cases_of(a) if a.choices],
    ids=str,
)
def test_unknown_choice(case: Case) -> None:
    (argument, options) = next(iter(case.activation.choices.items()))
    expected = ", ".join(map(repr, options))
    with pytest.raises(ValueError, match=f"{argument}='other'; expected one of {expected}"):
        case.function(torch.ones(2), **{argument: "other"})
    with pytest.raises(ValueError, match=f"{argument}='other'; expected one of {expected}"):
        classes.of(case.activation)(**{argument: "other"})


def test_one_family_of_errors() -> None:
    """All are NonlinError; each is also the built-in that a caller would expect."""
    assert issubclass(FormulaError, NonlinError)
    assert issubclass(FormulaError, ValueError)
    assert issubclass(UnknownNameError, NonlinError)
    assert issubclass(UnknownNameError, LookupError)
    with pytest.raises(LookupError) as error:
        nonlin.find("nothing_like_it_at_all")
    assert "did you mean" not in str(error.value)
    assert str(error.value).startswith("there is no activation called"), (
        "LookupError shows its text, KeyError would quote it"
    )


def test_suggestion() -> None:
    assert suggestion("relo", ["relu", "elu"]) in (" (did you mean 'relu'?)", " (did you mean 'relu' or 'elu'?)")
    assert suggestion("zzz", ["relu"]) == ""
