"""What reaches a loss that applies softmax or sigmoid itself: L01 to L06 but for NLLLoss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from nonlin.doctor.calls import Call
from nonlin.doctor.case import Case, bounds, class_count, cross_entropy_floor, is_bounded
from nonlin.doctor.finding import Finding, Picture, Remedy, percent, plain, rule
from nonlin.doctor.flow import Op, sources

SOFTMAXES: Final = frozenset({"softmax", "gumbel_softmax", "softmin"})
RECTIFIERS: Final = frozenset({"relu", "relu6", "squared_relu"})
WORST, BAD = 0.25, 0.05  # of the loss of a uniform guess: a floor above these is an error, a warning


def passed_on(func: Any) -> Any:
    """What runs instead of an activation that is removed."""
    return lambda x, *_, **__: x


def removed(calls: tuple[Call, ...]) -> Remedy | None:
    """The activations taken away; None where one of them is not a call of its own, but inside another."""
    own = bool(calls) and all(call.kind == "activation" for call in calls)
    return Remedy(calls, passed_on, "remove") if own else None


def named(calls: tuple[Call, ...]) -> str:
    """How a fix names what is to be taken away."""
    return ", ".join(
        shown(call) if call.kind == "activation" else f"the activation before {shown(call)}" for call in calls
    )


def shown(call: Call) -> str:
    """``3 (Softmax)`` or ``F.softmax in head (Head)``: how a fix names a call."""
    if call.owner is not None and not list(call.owner.children()) and not list(call.owner.parameters(recurse=False)):
        return f"{call.path or 'the model'} ({call.module})"
    return (
        f"{call.spelling} in {call.path or 'the model'} ({call.module})"
        if call.stage == "model"
        else f"{call.spelling} in the loss"
    )


def pictured(calls: tuple[Call, ...], title: str, label: str) -> Picture | None:
    numbers = next((c.numbers for c in calls if c.numbers is not None), None)
    return Picture(title, numbers.y, label) if numbers is not None else None


def the_calls(case: Case, ops: list[Op]) -> tuple[Call, ...]:
    return tuple(dict.fromkeys(call for op in ops for call in case.call_of(op)))


@rule("L01", "softmax before cross-entropy", "error", needs=("loss", "graph"))
def softmax_twice(case: Case) -> Iterator[Finding]:
    """The input of a log_softmax (cross-entropy applies one) is itself the output of a softmax, at most moved, reshaped, converted or
    dropped out in between. The loss then has a floor and its gradient is tiny where the model is wrong. Never reported: a
    softmax that is scaled, masked or mixed before it arrives."""
    for op in case.flow.named("log_softmax"):
        inner = sources(op, pools=True)
        if not inner or any(s.activation not in SOFTMAXES for s in inner):
            continue
        calls = the_calls(case, inner)
        classes = class_count(op) or 2
        floor = cross_entropy_floor(classes, 1.0)
        yield Finding(
            "error",
            f"cross-entropy is given the output of a softmax: it applies log_softmax itself. With {classes} classes the loss cannot fall "
            f"under {plain(floor)} (a uniform guess costs {plain(math.log(classes))})",
            f"remove {named(calls) or 'the softmax'}: cross_entropy takes logits and applies log_softmax itself",
            calls,
            numbers={"classes": classes, "floor": floor, "uniform": math.log(classes)},
            picture=pictured(calls, "what cross-entropy takes for logits", "probability"),
            remedy=removed(calls),
        )


@rule("L02", "log_softmax before cross-entropy", "note", needs=("loss", "graph"))
def log_softmax_twice(case: Case) -> Iterator[Finding]:
    """The input of a log_softmax is the output of another over the same numbers. log_softmax changes log-probabilities no more, so
    this costs time and memory, not correctness."""
    for op in case.flow.named("log_softmax"):
        inner = sources(op)
        if inner and all(s.activation == "log_softmax" for s in inner):
            calls = the_calls(case, inner)
            yield Finding(
                "note",
                "cross-entropy is given log-probabilities and applies log_softmax a second time: harmless, and wasted work",
                "use nll_loss instead of cross_entropy, or remove the log_softmax of the model",
                calls,
                remedy=removed(calls),
            )


@rule("L04", "bounded logits", "error", needs=("loss", "graph"))
def bounded_logits(case: Case) -> Iterator[Finding]:
    """The input of a log_softmax comes straight from an activation of bounded range [a, b] (sigmoid, tanh, hardtanh ...), reshaped or
    pooled at most. The loss then cannot fall under log(1 + (K-1) exp(a-b)). Reported where that floor is over 5 % of the loss of a
    uniform guess, an error over 25 %. A scale after the activation (logit soft-capping, 30 tanh(x / 30)) is no such thing."""
    for op in case.flow.named("log_softmax"):
        inner = sources(op, pools=True)
        if not inner or any(s.activation in SOFTMAXES for s in inner):
            continue
        limits = [bounds(s) for s in inner]
        if not all(is_bounded(b) for b in limits):
            continue
        low, high = min(b[0] for b in limits if b), max(b[1] for b in limits if b)
        classes = class_count(op) or 2
        if classes < 2:
            continue
        floor, uniform = cross_entropy_floor(classes, high - low), math.log(classes)
        if floor < BAD * uniform:
            continue
        calls = the_calls(case, inner)
        yield Finding(
            "error" if floor > WORST * uniform else "warning",
            f"the logits come from {inner[0].activation} and lie in [{plain(low)}, {plain(high)}]: with {classes} classes the cross-entropy "
            f"cannot fall under {plain(floor)}, {percent(floor / uniform)} of a uniform guess",
            f"remove {named(calls)}: cross_entropy takes unbounded logits",
            calls,
            numbers={"classes": classes, "floor": floor, "uniform": uniform, "low": low, "high": high},
            picture=pictured(calls, "the logits", "logit"),
            remedy=removed(calls),
        )


@rule("L05", "rectified logits", "warning", needs=("loss", "graph"))
def rectified_logits(case: Case) -> Iterator[Finding]:
    """The logits of a cross-entropy or of BCE-with-logits come straight from a ReLU (pooled or reshaped at most). A class whose logit is
    negative gets no gradient, and with BCE-with-logits no probability falls under 1/2."""
    for op in [*case.flow.named("log_softmax"), *case.flow.named("BinaryCrossEntropyWithLogits")]:
        inner = sources(op, pools=True)
        if not inner or any(s.activation not in RECTIFIERS for s in inner):
            continue
        calls = the_calls(case, inner)
        binary = op.kind == "BinaryCrossEntropyWithLogits"
        zeros = next((float((c.numbers.y == 0).float().mean()) for c in calls if c.numbers is not None), 0.0)
        harm = "no probability can fall under 1/2" if binary else "a class at 0 gets no gradient"
        yield Finding(
            "error" if binary else "warning",
            f"the logits come from {inner[0].activation}: {percent(zeros)} of them are 0 here, and {harm}",
            f"remove {named(calls)}: logits may be negative",
            calls,
            numbers={"share of zeros": zeros},
            picture=pictured(calls, "the logits", "logit"),
            remedy=removed(calls),
        )


@rule("L06", "sigmoid before BCE-with-logits", "error", needs=("loss", "graph"))
def sigmoid_twice(case: Case) -> Iterator[Finding]:
    """The input of binary_cross_entropy_with_logits comes straight from a bounded activation, reshaped or pooled at most. The loss
    applies sigmoid itself; of a sigmoid's output it makes probabilities between 0.5 and 0.731."""
    for op in case.flow.named("BinaryCrossEntropyWithLogits"):
        inner = sources(op, pools=True)
        limits = [bounds(s) for s in inner]
        if not inner or not all(is_bounded(b) for b in limits):
            continue
        low, high = min(b[0] for b in limits if b), max(b[1] for b in limits if b)
        floors = [math.log1p(math.exp(low)), math.log1p(math.exp(-high))]  # of a target 0, of a target 1
        if max(floors) < BAD * math.log(2):
            continue
        calls = the_calls(case, inner)
        name = inner[0].activation
        yield Finding(
            "error",
            f"binary_cross_entropy_with_logits is given the output of {name} in [{plain(low)}, {plain(high)}] and applies sigmoid itself: "
            f"probabilities stay within [{plain(1 / (1 + math.exp(-low)))}, {plain(1 / (1 + math.exp(-high)))}]",
            f"remove {named(calls)}: the loss takes logits",
            calls,
            numbers={"low": low, "high": high, "least loss, target 0": floors[0], "least loss, target 1": floors[1]},
            picture=pictured(calls, "what the loss takes for logits", "value"),
            remedy=removed(calls),
        )
