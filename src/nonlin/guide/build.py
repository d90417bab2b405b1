"""``nonlin guide``: measure, derive, and write the page."""

from __future__ import annotations

import shlex
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nonlin import __version__
from nonlin.errors import NonlinError
from nonlin.facts.lookup import declared
from nonlin.files import check_writable, write_text
from nonlin.formula.declaration import Activation
from nonlin.guide import DEFAULT
from nonlin.guide.results import Measurements

SEEDS = 6
TITLE = "A field guide to activation functions"


@dataclass(frozen=True)
class Subject:
    """An activation of the guide with its parameter values, and as a function of a tensor."""

    activation: Activation
    parameters: dict[str, float]
    function: Callable[[Any], Any]


def subject(text: str) -> Subject:
    """What a name such as ``"leaky_relu(0.2)"`` stands for."""
    activation, parameters = declared(text)
    if activation.rule:
        raise NonlinError(
            f"the guide draws formulas of one input; {activation.name} ({activation.kind}) is none. "
            "nonlin.names(kind='pointwise') lists what can be named"
        )
    if activation.kind == "gated":
        raise NonlinError(
            f"the guide draws functions of one input; {activation.name} gates one half of its input by the other. "
            f"Ask for its gate, {activation.gate}"
        )
    return Subject(activation, parameters, _function(activation, parameters))


def _function(activation: Activation, parameters: dict[str, float]) -> Callable[[Any], Any]:
    from nonlin.builders import functions

    function = functions.of(activation)
    if activation.kind == "rowwise":
        return partial(function, dim=-1) if activation.torch_name else function
    given = {
        p.name: parameters.get(p.name, p.default) for p in activation.parameters if p.required or p.name in parameters
    }
    return partial(function, **given)


def torch_peer(chosen: Subject) -> Callable[[Any], Any] | None:
    """Torch's own function for the same, or None."""
    import torch
    import torch.nn.functional as functional

    name = chosen.activation.torch_name
    if name is None:
        return None
    if chosen.activation.kind == "rowwise":
        return partial(getattr(torch, name, None) or getattr(functional, name), dim=-1)
    numbers = [(p, chosen.parameters.get(p.name, p.default)) for p in chosen.activation.parameters]
    parameters = [torch.tensor([value]) if p.learnable else value for p, value in numbers]
    own = getattr(torch, name) if name in ("sigmoid", "tanh", "relu") else getattr(functional, name)
    return lambda x: own(x, *parameters)


def measure(
    subjects: Sequence[Subject], *, seeds: int, quick: bool, progress: Callable[[str, float], None] | None
) -> Measurements:
    """Run the guide's experiments."""
    from nonlin.guide import experiments

    measurable = [s for s in subjects if s.activation.name != "softmax2d"]  # needs images; softmax stands for it
    peers = {s.activation.name: peer for s in measurable if (peer := torch_peer(s)) is not None}
    return experiments.measure(
        {s.activation.name: s.function for s in measurable},
        rowwise=[s.activation.name for s in measurable if s.activation.kind == "rowwise"],
        torch_peers=peers,
        seeds=seeds,
        quick=quick,
        progress=progress,
    )


def told(measured: Measurements, name: str) -> dict[str, float]:
    """What was measured of one activation, as :func:`nonlin.facts.sentences` takes it."""
    found: dict[str, float] = {}
    for speed in measured.speed:
        if speed.activation == name and name != "relu":
            found["speed_ratio"] = speed.forward_ratio
    for gradient in measured.gradients:
        if gradient.activation == name:
            found["gradient_factor"] = statistics.median(gradient.factor_per_layer)
    dead = [
        (max(max(layers) for layers in d.share), d.learning_rate) for d in measured.dead_units if d.activation == name
    ]
    if dead:
        found["dead_share"], found["dead_learning_rate"] = max(dead)
    errors = [(r.epochs, statistics.median(r.calibration_error)) for r in measured.reliability if r.output == name]
    if errors:
        found["calibration_error"] = max(errors)[1]
    return found


def build(
    names: Sequence[str] = DEFAULT,
    *,
    seeds: int = SEEDS,
    quick: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> str:
    """The guide's page about the activations named, everything in it measured now.

    Args:
        names: names, aliases or names with arguments; each at most once.
        seeds: nets trained for each configuration.
        quick: much smaller experiments, to see that everything runs.
        progress: called with what is being measured and the fraction done.

    Raises:
        UnknownNameError: for an unknown name. NonlinError: for a gated activation, or one named twice.
    """
    subjects = [subject(name) for name in names]
    seen = [s.activation.name for s in subjects]
    if twice := sorted({name for name in seen if seen.count(name) > 1}):
        raise NonlinError(f"{', '.join(twice)} is named more than once; name each activation once")
    from nonlin.guide.entries import entry
    from nonlin.guide.page import render

    measured = measure(subjects, seeds=seeds, quick=quick, progress=progress)
    entries = [entry(s.activation, s.parameters, told(measured, s.activation.name)) for s in subjects]
    return render(entries, measured, title=TITLE, version=__version__, command=command(names, seeds=seeds, quick=quick))


def command(names: Sequence[str], *, seeds: int, quick: bool) -> str:
    """What to type for the same page."""
    words = ["nonlin guide", *(shlex.quote(name) for name in names if tuple(names) != DEFAULT)]
    words += [f"--seeds {seeds}"] if seeds != SEEDS else []
    return " ".join([*words, *(["--quick"] if quick else [])])


def write(path: Path, names: Sequence[str] = DEFAULT, **options: Any) -> None:
    """:func:`build`, written to ``path`` whole or not at all; a path that cannot be written fails before any work."""
    check_writable(path)
    write_text(path, build(names, **options))
