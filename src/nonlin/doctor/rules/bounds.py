"""A bounded activation on top of another: S02."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

from nonlin.doctor.case import Case, bounds, is_bounded
from nonlin.doctor.finding import Finding, percent, plain, rule
from nonlin.doctor.flow import behind
from nonlin.doctor.rules.logits import SOFTMAXES, named, pictured, removed, the_calls
from nonlin.doctor.rules.targets import interval

REACHED: Final = 0.8  # of the outer range: what is left by an inner activation, under which it is reported
_OUTER: Final[dict[str, Callable[[float], float]]] = {
    "sigmoid": lambda x: 0.5 * (1 + math.tanh(x / 2)),
    "tanh": math.tanh,
    "hardsigmoid": lambda x: min(max(x / 6 + 0.5, 0), 1),
    "softsign": lambda x: x / (1 + abs(x)) if math.isfinite(x) else math.copysign(1, x),
}


@rule("S02", "bounded on bounded", "warning", needs=("graph",))
def bounded_twice(case: Case) -> Iterator[Finding]:
    """A sigmoid, tanh or softmax is fed straight by an activation whose range leaves less than 80 % of its own in reach: sigmoid(tanh(x))
    stays in [0.27, 0.73], sigmoid(relu(x)) in [0.5, 1]. A
    clamp before a sigmoid that leaves its range in reach is no such thing, nor one after it."""
    for op in case.flow:
        name = op.activation
        if name is None or (name not in _OUTER and name not in SOFTMAXES):
            continue
        inner = behind(op.inputs[0]) if op.inputs else []
        limits = [bounds(s) for s in inner]
        if (
            not inner
            or any(b is None for b in limits)
            or (name in SOFTMAXES and not all(is_bounded(b) for b in limits))
        ):
            continue
        low, high = min(b[0] for b in limits if b), max(b[1] for b in limits if b)
        if name in SOFTMAXES:
            width = op.call.shape_in[op.call.arguments["dim"]] if op.call is not None and op.call.shape_in else 0
            most = 1 / (1 + (width - 1) * math.exp(low - high)) if width > 1 else 1.0
            reach, what = most, f"no weight of the softmax over {width} can exceed {plain(most)}"
        else:
            f = _OUTER[name]
            ends, whole = (f(low), f(high)), (bounds(op) or (0.0, 1.0))
            reach = (ends[1] - ends[0]) / (whole[1] - whole[0])
            what = f"it stays in {interval(*ends)}, {percent(reach)} of its range"
        if reach >= REACHED:
            continue
        calls = the_calls(case, inner)
        yield Finding(
            "warning",
            f"{name} is applied to the output of {inner[0].activation}, which lies in {interval(low, high)}: {what}",
            f"remove {named(calls)}: one bounded activation is enough",
            (*calls, *the_calls(case, [op])),
            numbers={"low": low, "high": high, "share of range": reach},
            picture=pictured(the_calls(case, [op]), f"outputs of {name}", "output"),
            remedy=removed(calls),
        )
