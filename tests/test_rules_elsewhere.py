"""What reads an activation's kind: one activation of each kind beyond the formula language, in every part of the package."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import nonlin
from nonlin.bench.subjects import default_names, subject
from nonlin.catalogue import declarations
from nonlin.errors import NonlinError
from nonlin.formula.declaration import KINDS
from nonlin.guide import build, entries

BEYOND = list({a.kind: a for a in reversed(declarations().values()) if a.rule}.values())
NAMES = [activation.name for activation in BEYOND]


def test_kinds_are_met() -> None:
    assert {a.kind for a in BEYOND} <= set(KINDS)
    assert {"gated", "rowwise", "stochastic", "shape_changing", "surrogate", "complex"} <= {a.kind for a in BEYOND}
    for kind in {a.kind for a in BEYOND}:
        assert all(nonlin.registry.find(name).kind == kind for name in nonlin.names(kind=kind))


@pytest.mark.parametrize("activation", BEYOND, ids=NAMES)
def test_swap(activation: nonlin.Activation) -> None:
    """A sample takes the place of another activation and gives it back."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    text = activation.samples[0]
    nonlin.swap_(model, {nn.ReLU: text})
    assert type(model[1]).__name__ == activation.title
    nonlin.swap_(model, {activation.name: "relu"})
    assert isinstance(model[1], nonlin.ReLU)


@pytest.mark.parametrize("activation", BEYOND, ids=NAMES)
def test_facts_and_gain(activation: nonlin.Activation) -> None:
    """A sheet of the kind; no gain where there is no function of one number."""
    sheet = nonlin.facts(activation.name)
    assert (sheet.name, sheet.kind) == (activation.name, activation.kind)
    if sheet.forward_gain is None:
        with pytest.raises(ValueError, match=rf"{activation.name} \({activation.kind}\) has no forward gain"):
            nonlin.gain(activation.name)


@pytest.mark.parametrize("activation", BEYOND, ids=NAMES)
def test_what_needs_a_formula_says_so(activation: nonlin.Activation) -> None:
    assert activation.name not in default_names()
    for call in (
        lambda: subject(activation.name),
        lambda: build.subject(activation.name),
        lambda: entries.entry(activation, {}, {}),
    ):
        with pytest.raises(NonlinError, match=activation.name):
            call()


@pytest.mark.parametrize(
    "text", ["maxout(dim=-1)", "gtu", "group_sort(dim=-1)", "heaviside", "squash", "eelu(epsilon=0.0)"]
)
def test_act_linear(text: str) -> None:
    """Recomputed and composed agree, in values and gradients, whatever the activation does to the shape."""
    x = torch.randn(3, 8, requires_grad=True)
    width = nonlin.get(text)(x).shape[-1]
    layer = nonlin.ActLinear(width, 5, act=text)
    layer.train()
    found: list[torch.Tensor] = []
    for recompute in (True, False):
        layer.recompute, x.grad = recompute, None
        layer(x).square().sum().backward()
        assert x.grad is not None
        found.append(x.grad)
    torch.testing.assert_close(found[0], found[1])


def test_gates_beyond_formulas() -> None:
    """A unit that holds its gate takes one of them where it keeps the shape."""
    gate, value = torch.randn(3, 4), torch.randn(3, 4)
    y = nonlin.GLU(gate="squash")(gate, value=value)
    torch.testing.assert_close(y, value * nonlin.functional.squash(gate))
