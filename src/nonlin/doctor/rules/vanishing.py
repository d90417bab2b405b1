"""A gradient that vanishes on its way to the first layers: D02."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from torch import Tensor

from nonlin.doctor.calls import Call
from nonlin.doctor.case import Case
from nonlin.doctor.finding import Finding, Picture, plain, rule
from nonlin.doctor.flow import Op
from nonlin.doctor.gradients import Weight

SUSPECT: Final = 1e-5  # pull of a layer's weight over the largest of all: under it five steps are tried
HOPELESS: Final = 1e-8  # after those steps: an error even where the loss falls
LAYERS: Final = 3  # weak weights behind one activation
SHRINKING: Final = 0.45  # of the gradient, which an activation to blame passes less of; silu and gelu pass half near 0
EXPLAINED: Final = 0.25  # of the logarithm of the loss in gradient: what the activations to blame must account for


@rule("D02", "vanishing gradient", "warning", needs=("loss", "graph", "gradients"))
def vanishing(case: Case) -> Iterator[Finding]:
    """Behind some activation lie at least three layers all of whose weights pull less than 1e-5 as much as the strongest of the model
    (gradient times weight, both root mean squares, so that no scale matters): before, and after five real optimiser steps on a copy.
    An error under 1e-8, or where the loss did not fall in those steps. One pass at the start proves nothing: LayerScale and
    zero-initialised heads look the same and recover within a step. Single weak weights whose inputs learn by another
    path (queries and keys of an even attention, a branch beside a residual) are healthy."""
    assert case.gradients is not None
    before = {w.name: w for w in case.gradients.weights if len(w.shape) >= 2 and w.gradient is not None}
    top = max((w.pull for w in before.values()), default=0.0)
    region = _weak_region(case, before, SUSPECT * top)
    blame = _shrinking(case)
    if top == 0 or len(region) < LAYERS or len(blame) < 2:
        return
    trial = case.trial()
    if trial is None:
        return
    after = {w.name: w for w in trial.weights if len(w.shape) >= 2 and w.gradient is not None}
    most = max((w.pull for w in after.values()), default=0.0)
    still = [after[name] for name in region if name in after and most > 0]
    if not still or any(w.pull >= SUSPECT * most for w in still):
        return
    weakest = min(still, key=lambda w: w.pull)
    worst, product = weakest.pull / most, 1.0
    for _, factor in blame:
        product *= factor
    if worst > 0 and math.log(product) > EXPLAINED * math.log(worst):
        return  # it is the weights, not the activations
    calls = tuple(call for call, _ in blame)
    yield Finding(
        "error" if worst < HOPELESS or trial.stalled else "warning",
        f"the gradient vanishes: {weakest.name} pulls {plain(worst)} times as much as the strongest layer after {len(trial.losses) - 1} steps, "
        f"with {len(still) - 1} more layers like it; the loss went from {plain(trial.losses[0])} to {plain(trial.losses[-1])}. "
        f"The {len(blame)} activations named pass {plain(product)} of the gradient together",
        _remedy(calls),
        calls,
        numbers={
            "worst": worst,
            "layers": len(still),
            "first loss": trial.losses[0],
            "last loss": trial.losses[-1],
            "passed": product,
        },
        picture=_pulls(list(before.values()), top),
    )


def _weak_region(case: Case, weights: Mapping[str, Weight], limit: float) -> list[str]:
    """The names of the most weights that lie behind one activation, where all that lie behind it pull less than ``limit``."""
    names = {id(p): name for name, p in case.model.named_parameters() if name in weights}
    strongest: dict[int, float] = {}  # behind an op, itself included
    for op in case.flow.upstream_first():
        own = weights[names[id(op.parameter)]].pull if op.parameter is not None and id(op.parameter) in names else 0.0
        strongest[id(op)] = max([own, *(strongest[id(i)] for i in op.inputs if i is not None)])
    best: list[str] = []
    for op in case.flow:
        pointwise = op.activation is not None and "softmax" not in op.activation
        if pointwise and strongest[id(op)] < limit and len(found := _behind(op, names)) > len(best):
            best = found
    return best


def _behind(op: Op, names: Mapping[int, str]) -> list[str]:
    seen: set[int] = set()
    waiting, found = [op], []
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            if one.parameter is not None and id(one.parameter) in names:
                found.append(names[id(one.parameter)])
            waiting.extend(i for i in one.inputs if i is not None)
    return found


def _remedy(calls: tuple[Call, ...]) -> str:
    name = calls[0].name
    bounded = name in ("sigmoid", "tanh", "softsign", "hardsigmoid", "hardtanh")
    instead = "relu or silu" if bounded else "a norm or a residual connection between layers"
    return f"use {instead} in the place of {name} in the hidden layers, with nonlin.init_ for the activation chosen"


def _pulls(layers: list[Weight], top: float) -> Picture:
    values = Tensor([w.pull / top for w in layers])
    return Picture("pull of each layer's weight, first layer to last", values, "layer", logarithmic=True, steps=True)


def _shrinking(case: Case) -> list[tuple[Call, float]]:
    """Activations that hand on less than half of the gradient that reaches them, with the factor."""
    assert case.gradients is not None
    found = []
    for call in case.activations:
        op = case.graph.of_call(call) if case.graph is not None else None
        if op is None:
            continue
        out, into = case.gradients.out.get(id(op.node), 0.0), case.gradients.into.get(id(op.node), 0.0)
        if out > 0 and into < SHRINKING * out:
            found.append((call, into / out))
    return found
