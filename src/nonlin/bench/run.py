"""Running a plan: every function, dtype, size and mode, each against everything it is compared with."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from nonlin.bench import measure
from nonlin.bench.machine import machine
from nonlin.bench.measure import Call, Spread
from nonlin.bench.plan import CALL_ELEMENTS, COMPILE, MEMORY_ELEMENTS, OWN, Plan
from nonlin.bench.records import Memory, Report, Timing
from nonlin.bench.rivals import Unavailable, checked, first_line, rival
from nonlin.bench.subjects import Function, Subject, subjects
from nonlin.kernels import native

Progress = Callable[[str, float], None]
Skipped = dict[str, str]
COPY = "copy"


def run(plan: Plan, progress: Progress = lambda label, share: None) -> Report:
    """Measure all that ``plan`` names; a comparison that cannot be made is told in the report, with the reason.

    Raises:
        UnknownNameError: for an unknown name, before anything is measured.
    """
    chosen = subjects(plan.names)
    timings: list[Timing] = []
    memories: list[Memory] = []
    with measure.threads(plan.threads):
        told = machine()
        progress("compiling", 0.0)
        native.ready()
        steps = [(s, dtype, mode) for s in chosen for dtype in plan.dtypes for mode in plan.modes]
        for done, (subject, dtype, mode) in enumerate(steps):
            progress(f"{subject.name} {dtype} {mode}", done / len(steps))
            if mode == "memory":
                memories.append(_memory(subject, dtype, plan))
            else:
                timings += _timed(subject, dtype, mode, plan)
    return Report(told, tuple(timings), tuple(memories))


def _timed(subject: Subject, dtype: str, mode: str, plan: Plan) -> Iterator[Timing]:
    sizes = (CALL_ELEMENTS,) if mode == "call" else plan.sizes
    for elements in sizes:
        functions, skipped = _functions(subject, dtype, plan.against_at(elements))
        if mode == "call":
            for recorded in (False, True):
                calls = _calls(functions, subject.tensors(elements, getattr(torch, dtype)), recorded=recorded)
                yield _timing(subject, dtype, "recorded call" if recorded else "call", elements, calls, skipped, plan)
            continue
        tensors = subject.tensors(elements, getattr(torch, dtype))
        if mode == "train":
            inputs = measure.leaves(tensors)
            incoming = torch.randn(subject.shape(elements)).to(tensors[0].dtype)
            calls = {name: measure.training(function, inputs, incoming) for name, function in functions.items()}
        else:
            calls = _calls(functions, tensors, recorded=False)
        calls[COPY] = measure.copy(torch.randn(elements).to(tensors[0].dtype))
        yield _timing(subject, dtype, mode, elements, calls, skipped, plan)


def _calls(functions: Mapping[str, Function], tensors: Sequence[Tensor], *, recorded: bool) -> dict[str, Call]:
    inputs = measure.leaves(tensors) if recorded else tensors
    return {name: measure.forward(function, inputs) for name, function in functions.items()}


def _functions(subject: Subject, dtype: str, against: Sequence[str]) -> tuple[dict[str, Function], Skipped]:
    """nonlin's function and what it is compared with, and why what is missing is."""
    found = {kind: _attempt(kind, subject, getattr(torch, dtype)) for kind in against}
    functions = {kind: function for kind, function in found.items() if not isinstance(function, str)}
    return {OWN: subject.own, **functions}, {kind: why for kind, why in found.items() if isinstance(why, str)}


def _attempt(kind: str, subject: Subject, dtype: torch.dtype) -> Function | str:
    try:
        function = rival(kind, subject)
        if kind != COMPILE:  # it computes what eager torch does, and would compile for another size
            checked(function, subject, dtype)
        return function
    except Unavailable as reason:
        return str(reason)


def _timing(
    subject: Subject, dtype: str, mode: str, elements: int, calls: dict[str, Call], skipped: Skipped, plan: Plan
) -> Timing:
    with torch.set_grad_enabled(mode in ("train", "recorded call")):
        if COMPILE in calls and (reason := _failure(calls[COMPILE])):  # here it compiles
            skipped = {**skipped, COMPILE: reason}
            del calls[COMPILE]
        turns = measure.in_turns(calls, seconds=plan.seconds, rounds=plan.rounds)
    times = turns.times
    own = times[OWN]
    copied = times.pop(COPY, None)
    moved = subject.traffic(training=mode == "train") * elements
    return Timing(
        function=subject.name,
        against=subject.eager_is,
        mode=mode,
        dtype=dtype,
        elements=elements,
        rounds=len(own),
        microseconds={name: Spread.of([ns / 1000 for ns in values]) for name, values in times.items()},
        ratios={name: _paired(values, own) for name, values in times.items() if name != OWN},
        # a copy reads and writes each element once
        bandwidth=None if copied is None else _paired([c * moved / (2 * elements) for c in copied], own),
        waited=turns.waited,
        skipped=skipped,
    )


def _paired(values: Sequence[float], base: Sequence[float]) -> Spread:
    return Spread.of([value / own for value, own in zip(values, base, strict=True)])


def _memory(subject: Subject, dtype: str, plan: Plan) -> Memory:
    functions, skipped = _functions(subject, dtype, plan.against)
    tensors = subject.tensors(MEMORY_ELEMENTS, getattr(torch, dtype))
    if COMPILE in functions:  # here it compiles, and what compiling itself saves is no concern
        compiled = measure.forward(functions[COMPILE], measure.leaves(tensors))
        if reason := _failure(compiled):
            skipped[COMPILE] = reason
            del functions[COMPILE]
    found = {name: measure.saved_bytes(function, tensors) / MEMORY_ELEMENTS for name, function in functions.items()}
    return Memory(subject.name, subject.eager_is, dtype, found, skipped)


def _failure(compiled: Call) -> str:
    """Compile by a first call; why that failed, or an empty text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Inductor's own imports
            compiled()
    except Exception as error:  # whatever the compiler raises
        return first_line(error)
    return ""
