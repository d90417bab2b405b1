"""Names: what finds an activation, what does not, and what is said then."""

from __future__ import annotations

import pickle

import pytest
import torch
from torch import nn

import nonlin
from nonlin.builders import classes, functions
from nonlin.catalogue import declarations
from nonlin.contract.declared import Declared as Case
from nonlin.contract.expect import same
from nonlin.contract.peers import torch_class
from nonlin.formula.declaration import Activation
from nonlin.registry import ambiguous, index
from tests.catalogue import DEFAULTS

ALL = list(declarations().values())


def _spellings(name: str) -> set[str]:
    return {name, name.upper(), name.replace("_", "-"), name.replace("_", ""), name.replace("_", " ")}


@pytest.mark.parametrize("activation", ALL, ids=lambda a: a.name)
def test_found_by_every_name(activation: Activation) -> None:
    """The name, the class name and every alias, in any spelling."""
    for name in (activation.name, activation.title, *activation.aliases):
        for spelled in _spellings(name):
            assert nonlin.find(spelled) is activation


def test_names_are_unambiguous() -> None:
    taken: dict[str, str] = {}
    for activation in ALL:
        for name in {index.key(n) for n in (activation.name, activation.title, *activation.aliases)}:
            assert taken.setdefault(name, activation.name) == activation.name, (
                f"{name} names {taken[name]} and {activation.name}"
            )


@pytest.mark.parametrize("activation", ALL, ids=lambda a: a.name)
def test_public_names(activation: Activation) -> None:
    assert getattr(nonlin, activation.title) is classes.of(activation)
    assert getattr(nonlin.modules, activation.title) is classes.of(activation)
    assert getattr(nonlin.functional, activation.name) is functions.of(activation)
    assert activation.title in dir(nonlin)
    assert activation.title in dir(nonlin.modules)
    assert activation.name in dir(nonlin.functional)
    assert (classes.of(activation).__module__, classes.of(activation).__qualname__) == (
        "nonlin.modules",
        activation.title,
    )
    assert (functions.of(activation).__module__, functions.of(activation).__name__) == (
        "nonlin.functional",
        activation.name,
    )
    assert activation.formula in str(functions.of(activation).__doc__)
    assert activation.summary in str(classes.of(activation).__doc__)
    assert pickle.loads(pickle.dumps(classes.of(activation))) is classes.of(activation)


@pytest.mark.parametrize("case", DEFAULTS, ids=str)
def test_get_takes_everything(case: Case) -> None:
    """A name, a name with arguments, a class, a module, a declaration, a function."""
    activation = case.activation
    given = {
        (p.argument or p.name) if p.learnable else p.name: case.parameters[p.name]
        for p in activation.parameters
        if p.name in case.parameters
    }
    given |= case.options
    made = [
        nonlin.get(activation.name, **given),
        nonlin.get(f"{activation.name}({', '.join(f'{k}={v!r}' for k, v in given.items())})"),
        nonlin.get(classes.of(activation), **given),
        nonlin.get(activation, **given),
        nonlin.get(case.module()),
    ]
    assert {type(module) for module in made} == {classes.of(activation)}
    assert {repr(module) for module in made} == {repr(case.module())}
    theirs = torch_class(activation)
    if theirs is not None:
        assert type(nonlin.get(theirs, **given)) is theirs, "a class of torch.nn is meant as it is"


@pytest.mark.parametrize("case", [c for c in DEFAULTS if c.kind != "gated"], ids=str)
def test_modules_read_back(case: Case) -> None:
    """The text that a module prints is a text that get understands."""
    module = case.module()
    again = nonlin.get(repr(module))
    assert repr(again) == repr(module)


def test_get_of_none_is_the_identity() -> None:
    x = torch.ones(3)
    assert nonlin.get(None)(x) is x


def test_get_of_a_callable() -> None:
    module = nonlin.get(torch.sin)
    assert isinstance(module, nn.Module)
    same(module(torch.ones(2)), torch.sin(torch.ones(2)))
    assert type(nonlin.get(nonlin.functional.mish)) is nonlin.Mish


def test_get_of_arguments() -> None:
    assert nonlin.get("leaky_relu(0.2)").negative_slope == 0.2
    assert nonlin.get("hardtanh(-2, max_val=3)").max_val == 3
    assert nonlin.get("gelu('tanh')").approximate == "tanh"
    assert repr(nonlin.get("relu(inplace=True)")) == "ReLU(inplace=True)"
    assert nonlin.get("leaky_relu", negative_slope=0.3).negative_slope == 0.3


@pytest.mark.parametrize("misspelled", ["relo", "leeky_relu", "sigmod", "Swich", "gellu", "soft_maks"])
def test_unknown_names_get_offers(misspelled: str) -> None:
    with pytest.raises(
        nonlin.UnknownNameError, match=r"there is no activation called .* \(did you mean '.*'\?\)\. nonlin\.names\(\)"
    ) as error:
        nonlin.get(misspelled)
    offered = str(error.value).split("'")[3]
    nonlin.find(offered)


@pytest.mark.parametrize(("name", "meanings"), ambiguous.MEANINGS.items())
def test_a_name_of_several_functions_offers_each(name: str, meanings: tuple[str, ...]) -> None:
    with pytest.raises(nonlin.UnknownNameError, match=f"names more than one function: '{meanings[0]}' or"):
        nonlin.get(name)
    assert any(meaning in nonlin.names() for meaning in meanings)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("leaky_relu(slope=0.2)", TypeError, "leaky_relu has no argument 'slope'"),
        ("leaky_relu(1, 2, 3)", TypeError, "gives 3 arguments; leaky_relu takes 2"),
        ("leaky_relu(0.1, negative_slope=0.2)", TypeError, "gives negative_slope twice"),
        ("leaky_relu(**{})", TypeError, r"no argument '\*\*'"),
        ("leaky_relu(open('x'))", nonlin.FormulaError, "is not a plain value"),
        ("leaky_relu(__import__('os'))", nonlin.FormulaError, "is not a plain value"),
        ("leaky_relu(x)", nonlin.FormulaError, "is not a plain value"),
        ("nn.relu()", nonlin.FormulaError, "not a name with arguments"),
        ("(lambda: 0)()", nonlin.FormulaError, "not a name with arguments"),
        ("relu()()", nonlin.FormulaError, "not a name with arguments"),
        ("", LookupError, "no activation"),
        ("relu; import os", LookupError, "no activation"),
        ("celu(0)", ValueError, r"celu: alpha=0 is out of bounds; expected a number in \(0, inf\) \(default 1\)"),
        ("celu('1')", TypeError, "alpha is str; expected a number"),
        ("gelu('exact')", ValueError, "approximate='exact'; expected one of 'none', 'tanh'"),
        ("hardtanh(2, 1)", ValueError, "min_val=2 exceeds max_val=1"),
        ("rrelu(0.5, 0.1)", ValueError, "lower=0.5 exceeds upper=0.1"),
    ],
)
def test_bad_texts(text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        nonlin.get(text)


def test_get_refuses_what_is_no_activation() -> None:
    with pytest.raises(TypeError, match="got int; expected a name such as 'mish'"):
        nonlin.get(3)
    with pytest.raises(TypeError, match="need a name or a class"):
        nonlin.get(nn.ReLU(), inplace=True)
    with pytest.raises(TypeError, match="negative_slope is given in"):
        nonlin.get("leaky_relu(0.2)", negative_slope=0.3)


def test_names_filters() -> None:
    assert nonlin.names() == [a.name for a in ALL]
    for family in {a.family for a in ALL}:
        assert nonlin.names(family=family) == [a.name for a in ALL if a.family == family]
    for kind in {a.kind for a in ALL}:
        assert nonlin.names(kind=kind) == [a.name for a in ALL if a.kind == kind]
    with pytest.raises(ValueError, match=r"family='rectifed' \(did you mean 'rectified'"):
        nonlin.names(family="rectifed")
    with pytest.raises(ValueError, match="kind='row'"):
        nonlin.names(kind="row")


@pytest.mark.parametrize("where", [nonlin, nonlin.modules, nonlin.functional])
def test_unknown_attributes_are_attribute_errors(where: object) -> None:
    """hasattr works, and the message helps."""
    assert not hasattr(where, "Relo")
    assert not hasattr(where, "__wrapped__")
