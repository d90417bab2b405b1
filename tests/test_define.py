"""``nonlin.define``: a formula of one's own becomes a full member, and every check of the catalogue holds for it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import nn

import nonlin
from nonlin import functional
from nonlin.contract.checks import GROUPS
from nonlin.contract.expect import same
from nonlin.contract.run import check as run_contract
from nonlin.formula.declaration import Parameter, Source
from nonlin.registry import index

F: Any = functional  # the type stubs know the catalogue alone
PACKAGE: Any = nonlin

# one that is smooth, one with kinks and a bounded parameter, one that learns
FORMULAS: dict[str, tuple[str, dict[str, Any]]] = {
    "bellow": ("x * tanh(exp(x))", {}),
    "bent": ("where(x > 0, x, a * expm1(x / a))", {"a": Parameter("a", 1.0, low=0.0, open_low=True)}),
    "learned_swish": ("x * sigmoid(b * x)", {"b": Parameter("b", 1.0, learnable=True)}),
    "scaled": ("x * exp(a) + softplus(b)", {"a": 0.5, "b": Parameter("b", 1.0, learnable=True)}),  # functions without x
}


# what compiles and is copied depends on the kinds of arguments alone
IN_FULL, IN_PART = ("bent", "learned_swish"), ("values", "limits", "autograd", "learning")


@pytest.mark.parametrize(("group", "name"), [(g, n) for g in GROUPS for n in FORMULAS if n in IN_FULL or g in IN_PART])
def test_the_contract_holds(group: str, name: str) -> None:
    formula, parameters = FORMULAS[name]
    nonlin.define(name, formula, **parameters)
    report = run_contract(name, checks=(group,))
    assert not report.failed, str(report)


def test_a_full_member() -> None:
    activation = nonlin.define(
        "bellow",
        "x * tanh(exp(x))",
        aliases=("texp",),
        summary="A sentence.",
        source=Source("Liu & Di", 2020, "TanhExp"),
        family="smooth",
    )
    x = torch.linspace(-5, 5, 11)
    expected = x * torch.tanh(torch.exp(x))
    same(F.bellow(x), expected, rtol=1e-6)
    same(PACKAGE.Bellow()(x), expected, rtol=1e-6)
    for name in ("bellow", "BELLOW", "texp", "bel-low"):
        same(nonlin.get(name)(x), expected, rtol=1e-6)
    assert nonlin.find("texp") == activation
    assert "bellow" in nonlin.names(family="smooth")
    assert "bellow" in dir(nonlin.functional)
    assert "A sentence." in str(F.bellow.__doc__)
    same(nonlin.GLU(gate="bellow")(torch.ones(4)), torch.ones(2) * torch.tanh(torch.exp(torch.ones(2))), rtol=1e-6)
    model = nn.Sequential(nn.ReLU())
    nonlin.swap_(model, {nn.ReLU: "bellow"})
    assert repr(model[0]) == "Bellow()"


def test_defining_again_replaces() -> None:
    nonlin.define("mine", "2 * x")
    old, old_module = F.mine, nonlin.get("mine")
    nonlin.define("mine", "3 * x")
    x = torch.ones(2)
    same(F.mine(x), 3 * x)
    same(nonlin.get("mine")(x), 3 * x)
    same(PACKAGE.modules.Mine()(x), 3 * x)
    same(nonlin.GLU(gate="mine")(torch.ones(2)), torch.tensor([3.0]))
    same(old(x), 2 * x)
    same(old_module(x), 2 * x)
    same(copy.deepcopy(old_module)(x), 2 * x)
    same(pickle.loads(pickle.dumps(old_module))(x), 2 * x)


def test_limits_come_from_the_formula() -> None:
    """No stable form was given: the limits and the tails are right all the same."""
    nonlin.define("own_mish", "x * tanh(log(1 + exp(x)))")
    inf = float("inf")
    y = F.own_mish(torch.tensor([-inf, inf, 1e30, -1e30]))
    same(y, torch.tensor([0.0, inf, 1e30, 0.0]))


def test_parameters_and_bounds() -> None:
    nonlin.define("scaled", "s * tanh(x / s)", s=Parameter("s", 2.0, low=0.5, high=4.0))
    same(F.scaled(torch.ones(1), 3.0), 3 * torch.tanh(torch.ones(1) / 3), rtol=1e-6)
    with pytest.raises(
        ValueError, match=r"scaled: s=5 is out of bounds; expected a number in \[0.5, 4\] \(default 2\)"
    ):
        F.scaled(torch.ones(1), 5)


@pytest.mark.parametrize(
    ("name", "formula", "more", "error", "said"),
    [
        ("relu", "x", {}, ValueError, "taken by the catalogue's 'relu'"),
        ("swish", "x", {}, ValueError, "taken by the catalogue's 'silu'"),
        ("My Act", "x", {}, ValueError, "expected a lower-case identifier"),
        ("_mine", "x", {}, ValueError, "expected a lower-case identifier"),
        ("lambda", "x", {}, ValueError, "expected a lower-case identifier"),
        ("mine", "x * y", {}, nonlin.FormulaError, "'y' in 'x \\* y' is an unknown name"),
        ("mine", "x", {"a": 1.0}, nonlin.FormulaError, r"does not use the parameter\(s\) a"),
        ("mine", "a * x", {"a": "1"}, TypeError, "parameter a is str; expected its default, a number"),
        ("mine", "a * x", {"a": True}, TypeError, "parameter a is bool"),
        ("mine", "a * x", {"a": Parameter("b", 1.0)}, ValueError, "named 'b'"),
        ("mine", "x * x2", {"x2": Parameter("x2", 3.0, low=5.0)}, ValueError, "out of bounds"),
        ("mine", "x", {"stable": "__import__('os')"}, nonlin.FormulaError, "not a known function|unknown function"),
        ("mine", "__import__('os').system('x')", {}, nonlin.FormulaError, "not a known function"),
        ("mine", "tanh * x", {"tanh": 1.0}, ValueError, "cannot be called 'tanh'"),
        ("mine", "x", {"title": "not a name"}, ValueError, "title='not a name'; expected"),
        ("mine", "x", {"aliases": ("relu",)}, ValueError, "taken by the catalogue's 'relu'"),
        ("mine", "x * input", {"input": 1.0}, ValueError, "input"),
        ("mine", "x * inplace", {"inplace": 1.0}, ValueError, "inplace"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_refused(name: str, formula: str, more: dict[str, Any], error: type[Exception], said: str) -> None:
    before = (dict(index.defined), dict(index.by_key))
    with pytest.raises(error, match=said):
        nonlin.define(name, formula, **more)
    assert (index.defined, index.by_key) == before, "a refused definition leaves nothing behind"


def test_a_formula_defined_anew_leaves_nothing_behind() -> None:
    nonlin.define("zigzag", "x + 1", aliases=("zz",), title="Zig")
    assert nonlin.get("zz")(torch.ones(1)).item() == 2
    nonlin.GLU(gate="zigzag")(torch.ones(2))
    nonlin.define("zigzag", "x + 2", title="Zag", summary="New words.")
    assert nonlin.get("zigzag")(torch.ones(1)).item() == 3
    assert nonlin.functional.glu(torch.ones(2), gate="zigzag").item() == 3
    assert "New words." in (type(nonlin.get("zigzag")).__doc__ or "")
    for gone in ("zz", "Zig"):
        with pytest.raises(nonlin.UnknownNameError):
            nonlin.get(gone)
