"""All experiments of the guide in one call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Literal, TypeVar

import torch

from nonlin.guide.experiments.data import Split, load
from nonlin.guide.experiments.dead_units import dead_units
from nonlin.guide.experiments.depth import accuracy
from nonlin.guide.experiments.initialisation import centring, gradients
from nonlin.guide.experiments.machine import machine
from nonlin.guide.experiments.network import Function
from nonlin.guide.experiments.plan import FULL, QUICK, Plan, settings
from nonlin.guide.experiments.progress import Progress, Report, Tick, slice_of
from nonlin.guide.experiments.reliability import reliability
from nonlin.guide.experiments.speed import speed
from nonlin.guide.results import Accuracy, DeadUnits, Measurements, Reliability, Speed

T = TypeVar("T")

OUTPUTS: Mapping[str, Literal["breast_cancer", "digits"]] = {"sigmoid": "breast_cancer", "softmax": "digits"}
"""The functions whose output is read as a probability, and the data set on which that is put to the test."""

# Share of the time of a full run, measured with the default five: how far the progress bar moves for each experiment.
_WEIGHTS = {
    "gradients by layer": 0.5,
    "zero-centring": 0.5,
    "accuracy by depth": 22.0,
    "dead units by learning rate": 16.0,
    "reliability of probabilities": 9.0,
    "speed": 7.0,
}


def measure(
    activations: Mapping[str, Function],
    *,
    rowwise: Collection[str] = ("softmax", "log_softmax", "softmin"),
    seeds: int = 6,
    seed_base: int = 0,
    progress: Report | None = None,
    torch_peers: Mapping[str, Function] | None = None,
    quick: bool = False,
) -> Measurements:
    """Run every experiment of the guide and return what was measured, seed by seed.

    All nets of one configuration are trained at once, as stacked weights. Everything but the times is the same on
    every run with the same ``seed_base`` on the same machine. It all runs on one thread; the number of threads is then
    what it was before. The global random state and torch's flags are not touched.

    Args:
        activations: a function of a tensor for each name, all parameters bound; a rowwise one works on the last
            dimension. ``relu``, where named, is the baseline of the speed table and the hidden activation behind the
            judged outputs; else ``torch.relu`` is.
        rowwise: which names are not pointwise. They take part in the speed table, and softmax as the output of a
            classifier, but not between hidden layers.
        seeds: number of nets of each configuration.
        seed_base: the first seed; the others follow it.
        progress: called with what is being measured and the fraction of the whole that is done, which never falls.
        torch_peers: torch's own op for the same function, where it has one, to be timed beside it.
        quick: much smaller experiments, for a test that everything runs; not for conclusions.

    Raises:
        ValueError: no activation, no seed, or a function that does not keep shape and dtype.
        ModuleNotFoundError: scikit-learn is missing.

    Example:
        >>> measured = measure({"relu": torch.relu, "tanh": torch.tanh}, seeds=2, quick=True)
        >>> [(record.activation, record.depth) for record in measured.accuracies]
        [('relu', 1), ('relu', 2), ('tanh', 1), ('tanh', 2)]
    """
    if seeds < 1:
        raise ValueError(f"seeds={seeds}; expected at least 1 net of each configuration")
    for name, function in activations.items():
        _check(name, function)
    if not activations:
        raise ValueError("no activation was given; expected at least one, such as {'relu': torch.relu}")
    # A caller's no_grad or inference_mode would leave nothing to train.
    with torch.inference_mode(False), torch.enable_grad(), _one_thread():
        data = {"digits": load("digits"), "breast_cancer": load("breast_cancer")}
        plan, own_seeds = QUICK if quick else FULL, range(seed_base, seed_base + seeds)
        return _Run(activations, rowwise, own_seeds, plan, data, torch_peers or {}).everything(progress)


def _check(name: str, function: Callable[..., Any]) -> None:
    x = torch.linspace(-2, 2, 24, dtype=torch.float32, device="cpu").view(2, 3, 4)
    with torch.no_grad():
        y = function(x)
    if not isinstance(y, torch.Tensor) or y.shape != x.shape or y.dtype != x.dtype:
        got = f"{y.dtype} of shape {tuple(y.shape)}" if isinstance(y, torch.Tensor) else type(y).__name__
        raise ValueError(
            f"activation {name!r} turned float32 of shape {tuple(x.shape)} into {got}; expected the same dtype and "
            "shape. Give a function of one tensor with its parameters bound; gated functions cannot be measured here"
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run torch on one thread: products this small hardly gain from a second, and wait for it many times as long
    where another process holds its core. Timings, too, are steadier and then do not depend on the number of cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _Run:
    """What the experiments of one run have in common."""

    activations: Mapping[str, Function]
    rowwise: Collection[str]
    seeds: range
    plan: Plan
    data: dict[str, Split]
    peers: Mapping[str, Function]

    @property
    def hidden(self) -> dict[str, Function]:
        """The activations that can stand between two layers."""
        return {name: function for name, function in self.activations.items() if name not in self.rowwise}

    @property
    def outputs(self) -> dict[str, Literal["breast_cancer", "digits"]]:
        return {name: dataset for name, dataset in OUTPUTS.items() if name in self.activations}

    def initial(self, experiment: Callable[..., T], tick: Tick) -> tuple[T, ...]:
        plan, records = self.plan, list[T]()
        for done, (name, function) in enumerate(self.hidden.items()):
            records.append(
                experiment(
                    name, function, self.data["digits"], seeds=self.seeds, width=plan.width, depth=plan.initial_depth
                )
            )
            tick((done + 1) / len(self.hidden))
        return tuple(records)

    def accuracies(self, tick: Tick) -> tuple[Accuracy, ...]:
        plan, records, done = self.plan, list[Accuracy](), 0
        layers = [depth + 1 for depth in plan.depths]  # what a depth costs
        total = sum(layers) * len(self.hidden)
        for name, function in self.hidden.items():
            for depth, cost in zip(plan.depths, layers, strict=True):
                records.append(
                    accuracy(
                        name,
                        function,
                        self.data["digits"],
                        seeds=self.seeds,
                        width=plan.width,
                        depth=depth,
                        learning_rate=plan.learning_rate,
                        epochs=plan.epochs,
                        batch_size=plan.batch_size,
                        tick=slice_of(tick, done, cost, total),
                    )
                )
                done += cost
        return tuple(records)

    def dead_units(self, tick: Tick) -> tuple[DeadUnits, ...]:
        plan, records = self.plan, list[DeadUnits]()
        for done, (name, function) in enumerate(self.hidden.items()):
            records += dead_units(
                name,
                function,
                self.data["digits"],
                seeds=self.seeds,
                width=plan.width,
                depth=plan.dead_depth,
                learning_rates=plan.dead_rates,
                epochs=plan.dead_epochs,
                batch_size=plan.batch_size,
                tick=slice_of(tick, done, 1, len(self.hidden)),
            )
        return tuple(records)

    def reliability(self, tick: Tick) -> tuple[Reliability, ...]:
        plan, records = self.plan, list[Reliability]()
        for done, (name, dataset) in enumerate(self.outputs.items()):
            records += reliability(
                name,
                self.activations[name],
                self.activations.get("relu", torch.relu),
                self.data[dataset],
                seeds=self.seeds,
                width=plan.width,
                depth=plan.output_depth,
                learning_rate=plan.learning_rate,
                epochs=plan.output_epochs,
                batch_size=plan.batch_size,
                tick=slice_of(tick, done, 1, len(self.outputs)),
            )
        return tuple(replace(record, hidden="relu") for record in records)

    def speed(self, tick: Tick) -> tuple[Speed, ...]:
        plan, records, done = self.plan, list[Speed](), 0
        total = sum(elements * rounds for elements, rounds in plan.timings)
        for elements, rounds in plan.timings:
            records += speed(
                self.activations,
                self.peers,
                elements=elements,
                rounds=rounds,
                seed=self.seeds[0],
                tick=slice_of(tick, done, elements * rounds, total),
            )
            done += elements * rounds
        return tuple(records)

    def everything(self, progress: Report | None) -> Measurements:
        bar, seconds = Progress(progress, _WEIGHTS), {}

        def timed(field: str, label: str, experiment: Callable[[Tick], T]) -> T:
            tick, start = bar.part(label), perf_counter()
            tick(0.0)
            records = experiment(tick)
            tick(1.0)
            seconds[field] = perf_counter() - start
            return records

        measured = Measurements(
            settings=settings(
                self.plan,
                self.data,
                seeds=len(self.seeds),
                hidden="relu",
                outputs=dict(self.outputs),
                rowwise=[name for name in self.activations if name in self.rowwise],
            ),
            gradients=timed("gradients", "gradients by layer", lambda tick: self.initial(gradients, tick)),
            centring=timed("centring", "zero-centring", lambda tick: self.initial(centring, tick)),
            accuracies=timed("accuracies", "accuracy by depth", self.accuracies),
            dead_units=timed("dead_units", "dead units by learning rate", self.dead_units),
            reliability=timed("reliability", "reliability of probabilities", self.reliability),
            speed=timed("speed", "speed", self.speed),
            machine=machine(),
        )
        bar.finish()
        return replace(measured, seconds=sum(seconds.values()), seconds_by_experiment=seconds)
