"""Time of every activation beside ReLU: taken in turns, so that a change of clock or load hits all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from statistics import median, quantiles
from time import get_clock_info, perf_counter_ns, thread_time_ns

import torch
from torch import Tensor

from nonlin.guide.experiments.network import Function
from nonlin.guide.experiments.progress import Tick
from nonlin.guide.results import Speed

COLUMNS = 64  # a rowwise function works along rows of this length
_TARGET_NS = 300_000  # one timing repeats the call until it lasts about this long
_Call = Callable[[], object]


def _forward(function: Function, x: Tensor) -> _Call:
    def call() -> None:
        with torch.no_grad():
            function(x)

    return call


def _training(function: Function, x: Tensor, incoming: Tensor) -> _Call:
    leaf = x.clone().requires_grad_()

    def call() -> None:
        torch.autograd.grad(function(leaf), leaf, incoming)

    return call


def _nanoseconds(call: _Call, repeats: int) -> float:
    # The processor time of a single thread leaves out what other programs take; it is no measure of several threads,
    # and too coarse on some systems.
    alone = torch.get_num_threads() == 1 and get_clock_info("thread_time").resolution <= 1e-6
    clock = thread_time_ns if alone else perf_counter_ns
    start = clock()
    for _ in range(repeats):
        call()
    return (clock() - start) / repeats


def _in_turns(calls: Mapping[str, _Call], rounds: int, tick: Tick) -> dict[str, list[float]]:
    """Nanoseconds of each call in every round."""
    repeats = {}
    for name, call in calls.items():
        call()
        repeats[name] = max(1, round(_TARGET_NS / max(_nanoseconds(call, 2), 1.0)))
    order = list(calls)
    shuffle = Random(0).shuffle
    times: dict[str, list[float]] = {name: [] for name in order}
    for done in range(rounds):
        shuffle(order)
        for name in order:
            # The caches and free pages that another function has left would otherwise be timed with this one.
            calls[name]()
            times[name].append(_nanoseconds(calls[name], repeats[name]))
        tick((done + 1) / rounds)
    return times


def _ratios(times: list[float], base: list[float]) -> tuple[float, float, float]:
    """Median and quartiles of the paired ratios."""
    paired = [a / b for a, b in zip(times, base, strict=True)]
    low, middle, high = quantiles(paired, n=4, method="inclusive")
    return middle, low, high


def speed(
    activations: Mapping[str, Function],
    peers: Mapping[str, Function],
    *,
    elements: int,
    rounds: int,
    seed: int,
    tick: Tick,
) -> tuple[Speed, ...]:
    """Time forward, and forward with backward, of every activation on the same normal float32 values.

    Each round times every function once, in an order of its own; a ratio is taken within a round, to PyTorch's ReLU.
    Inputs are ``[elements / 64, 64]``; each call allocates its output.

    Args:
        activations: what to time.
        peers: PyTorch's own operation for the same function, where it has one: the figures told first.
        elements: a multiple of 64.
        rounds: at least 2.

    Raises:
        ValueError: ``elements`` or ``rounds`` is out of bounds.
    """
    if elements < COLUMNS or elements % COLUMNS:
        raise ValueError(f"elements={elements}; expected a positive multiple of {COLUMNS}")
    if rounds < 2:
        raise ValueError(f"rounds={rounds}; expected at least 2, for quartiles")
    generator = torch.Generator().manual_seed(seed)
    x, incoming = torch.randn(2, elements // COLUMNS, COLUMNS, generator=generator, dtype=torch.float32, device="cpu")
    functions = {
        "relu": peers.get("relu", torch.relu),
        **{f"own {name}": function for name, function in activations.items()},
        **{f"torch {name}": peer for name, peer in peers.items() if name in activations and name != "relu"},
    }
    forward = _in_turns(
        {name: _forward(f, x) for name, f in functions.items()}, rounds, lambda share: tick(share * 0.35)
    )
    training = _in_turns(
        {name: _training(f, x, incoming) for name, f in functions.items()},
        rounds,
        lambda share: tick(0.35 + share * 0.65),
    )
    records = []
    for name in activations:
        told = "relu" if name == "relu" and name in peers else f"torch {name}" if name in peers else f"own {name}"
        forward_ratio, forward_low, forward_high = _ratios(forward[told], forward["relu"])
        training_ratio, training_low, training_high = _ratios(training[told], training["relu"])
        records.append(
            Speed(
                activation=name,
                elements=elements,
                dtype="float32",
                threads=torch.get_num_threads(),
                forward_ratio=forward_ratio,
                forward_low=forward_low,
                forward_high=forward_high,
                training_ratio=training_ratio,
                training_low=training_low,
                training_high=training_high,
                forward_us=median(forward[told]) / 1000,
                training_us=median(training[told]) / 1000,
                nonlin_ratio=_ratios(forward[f"own {name}"], forward["relu"])[0],
                nonlin_training_ratio=_ratios(training[f"own {name}"], training["relu"])[0],
                by_torch=name in peers,
            )
        )
    return tuple(records)
