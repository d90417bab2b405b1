"""Timing in turns: every call once a round, so that a change of clock or load hits all alike. And saved bytes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from statistics import median, quantiles
from time import perf_counter, perf_counter_ns

import torch
from torch import Tensor

from nonlin.bench.contention import LIMIT, waited_ns
from nonlin.bench.subjects import Function

BATCH_NS = 200_000  # a timing repeats its call until it lasts about this long: the clock's own cost is then small
MIN_ROUNDS, MAX_ROUNDS = 3, 101
PATIENCE = 4
Call = Callable[[], object]


@dataclass(frozen=True)
class Spread:
    """A median with its quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(median(values), low, high)

    @property
    def wide(self) -> bool:
        """Whether the quartiles lie over a tenth of the median apart."""
        return self.high - self.low > 0.1 * self.median


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Torch with ``count`` threads, and with as many as before afterwards."""
    before = torch.get_num_threads()
    try:
        if count is not None:
            torch.set_num_threads(count)
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class Turns:
    """Nanoseconds of each call, one number a round, and the share of the time for which threads waited for a core."""

    times: dict[str, list[float]]
    waited: float


def in_turns(calls: Mapping[str, Call], *, seconds: float, rounds: int | None = None) -> Turns:
    """Time every call once a round; the order moves on by one from round to round.

    Rounds in which another program had a core are left out where enough others are left.

    Args:
        calls: what to time.
        seconds: stop after the round in which these have passed and at least :data:`MIN_ROUNDS` were undisturbed; at the
            latest after :data:`PATIENCE` times as many.
        rounds: exactly so many instead.
    """
    repeats = {name: _repeats(call) for name, call in calls.items()}
    order = list(calls)
    taken: list[tuple[dict[str, float], float]] = []
    collecting = gc.isenabled()
    gc.disable()
    try:
        started = perf_counter()
        for done in range(MAX_ROUNDS if rounds is None else rounds):
            passed = perf_counter() - started
            enough = MIN_ROUNDS if passed > PATIENCE * seconds else MIN_ROUNDS + sum(w > LIMIT for _, w in taken)
            if rounds is None and done >= enough and passed > seconds:
                break
            taken.append(_round(calls, order, repeats))
            order.append(order.pop(0))
    finally:
        if collecting:
            gc.enable()
    quiet = [one for one in taken if one[1] <= LIMIT]
    kept = quiet if len(quiet) >= min(MIN_ROUNDS, len(taken)) else taken
    return Turns({name: [times[name] for times, _ in kept] for name in calls}, median(w for _, w in kept))


def _round(
    calls: Mapping[str, Call], order: Sequence[str], repeats: Mapping[str, int]
) -> tuple[dict[str, float], float]:
    """Nanoseconds of each, and the share of the round for which threads waited for a core."""
    times = {}
    waited, start = waited_ns(), perf_counter_ns()
    for name in order:
        calls[name]()  # not timed: it finds in the caches what the others left there
        times[name] = _nanoseconds(calls[name], repeats[name])
    return times, (waited_ns() - waited) / (perf_counter_ns() - start)


def _repeats(call: Call) -> int:
    """How many calls last about :data:`BATCH_NS`."""
    call()  # the first compiles a kernel, or reads it
    times: list[float] = []
    while len(times) < 3 and sum(times) < 100 * BATCH_NS:
        times.append(_nanoseconds(call, 1))
    return max(1, round(BATCH_NS / max(min(times), 1.0)))


def _nanoseconds(call: Call, repeats: int) -> float:
    start = perf_counter_ns()
    for _ in repeat(None, repeats):
        call()
    return (perf_counter_ns() - start) / repeats


def forward(function: Function, tensors: Sequence[Tensor]) -> Call:
    """One call; to be timed under ``torch.no_grad()``, or on tensors that require a gradient to record it."""
    return partial(function, *tensors)


def training(function: Function, tensors: Sequence[Tensor], incoming: Tensor) -> Call:
    """Forward, and backward from a dense gradient to every tensor; they must require a gradient."""

    def call() -> None:
        torch.autograd.grad(function(*tensors), tensors, incoming)

    return call


def copy(like: Tensor) -> Call:
    """One copy of a tensor into another: what the memory can do."""
    target = like.clone()
    return partial(target.copy_, like)


def leaves(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Copies that require a gradient."""
    return [tensor.clone().requires_grad_() for tensor in tensors]


def saved_bytes(function: Function, tensors: Sequence[Tensor]) -> int:
    """Bytes that a call keeps for its backward, its inputs among them: every storage once, scalars left out.

    A learned parameter of one number is there anyway, however many elements the input has.
    """
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.nbytes() > tensor.element_size():
            kept[storage.data_ptr()] = tensor  # held: a freed address could be given out again
        return tensor

    inputs = leaves(tensors)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = function(*inputs)
    del output
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
