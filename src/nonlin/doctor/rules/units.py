"""Units that do not work: dead rectifiers, saturated hidden activations, attention with all its weight on one place. D03, D04, D05."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nonlin.doctor import measure
from nonlin.doctor.calls import Call
from nonlin.doctor.case import Case
from nonlin.doctor.finding import Finding, Picture, percent, plain, rule
from nonlin.doctor.flow import Op, ahead
from nonlin.doctor.rules.logits import shown

POSITIONS: Final = 1000  # a unit that fires on 1 % of the positions is silent on 1,000 of them with probability 4e-5
DEAD: Final = 0.9  # of a layer's units; where all samples are alike half of them are silent by chance
UNITS: Final = 16  # a smaller layer can have so many silent units by chance
FLAT: Final = 0.01  # of the steepest slope
SATURATED: Final = 0.9  # of the outputs
SHARP: Final = 0.1  # of the entropy of equal weights
TOP: Final = 0.9  # largest weight of a row, on average


@rule("D03", "dead rectifier", "warning")
def dead_units(case: Case) -> Iterator[Finding]:
    """At least 90 % of a layer's units (and 16 of them, or the whole layer) output exactly 0 at every one of at least 1,000 positions; an error
    where all of them do. Half of the units may be silent in a healthy network whose samples look alike to it, and on few
    positions a rarely firing unit looks dead: neither is reported, and the share of zeros never is."""
    for call in case.activations:
        n = call.numbers
        if n is None or n.dead is None or n.positions < POSITIONS or n.units < 2 or not n.dead:
            continue
        if n.rms_in == 0:  # a branch that starts at zero, not one that is stuck
            continue
        share = n.dead / n.units
        if share < DEAD or (n.units < UNITS and n.dead < n.units):
            continue
        whole = n.dead == n.units
        yield Finding(
            "error" if whole else "warning",
            f"{n.dead} of {n.units} units of {shown(call)} are 0 on all {n.positions} positions seen: "
            + ("nothing passes, forward or backward" if whole else "they pass no gradient and do not recover"),
            "lower the learning rate, look at the bias before it (start it at 0) and at the scale of the inputs; "
            "leaky_relu or gelu let units recover",
            (call,),
            numbers={"dead": n.dead, "units": n.units, "positions": n.positions},
            picture=Picture(f"what {call.name} is given", n.x, "input", {0.0: "0"}),
        )


@rule("D04", "saturated hidden activation", "warning", needs=("graph",))
def saturated(case: Case) -> Iterator[Finding]:
    """More than 90 % of the outputs of a hidden sigmoid or tanh that feeds a layer lie where its slope is under 1 % of the steepest. Gates (their
    output multiplies something) are meant to saturate, and outputs have rules of their own: neither is reported."""
    for call in case.activations:
        n = call.numbers
        if n is None or call.name not in measure.FLAT_ENDS or n.count < 256:
            continue
        op = case.flow.of_call(call)
        if op is None or not any(user.name in ("linear", "conv") for user in ahead(op)) or case.is_output(op):
            continue
        share = float((measure.slope(call.name, n.y, call.arguments) < FLAT).float().mean())
        if share <= SATURATED:
            continue
        yield Finding(
            "warning",
            f"{percent(share)} of the outputs of {shown(call)} lie in its flat ends, where the slope is under 1 % of the steepest: "
            f"its inputs have a root mean square of {plain(n.rms_in)}",
            f'scale the inputs (to mean 0 and variance 1) and the weights (nonlin.init_(model, "{call.name}")), or put a norm before it',
            (call,),
            numbers={"share": share, "input rms": n.rms_in, "positions": n.positions},
            picture=Picture(f"outputs of {call.name}", n.y, "output"),
        )


@rule("D05", "saturated attention", "warning")
def saturated_attention(case: Case) -> Iterator[Finding]:
    """The weights of an attention lie on one place: over all rows seen (at least 32 of at least 8 places that are not masked) the largest is over 0.9
    and the entropy under 10 % of that of equal weights, on average. Single sharp heads of a trained model are healthy and average out."""
    for call in case.calls:
        r = call.rows
        if (
            r is None
            or r.rows < 32
            or r.entropy >= SHARP
            or r.top <= TOP
            or call.stage != "model"
            or not case.used(call)
            or not _attends(case, call)
        ):
            continue
        yield Finding(
            "warning",
            f"the attention weights of {shown(call)} lie on one place: the largest is {plain(r.top)} on average over {r.rows} rows, "
            f"the entropy {percent(r.entropy)} of that of equal weights",
            "divide the scores by sqrt(d) of a head, and normalise queries and keys or start their weights smaller",
            (call,),
            numbers={"rows": r.rows, "largest weight": r.top, "entropy": r.entropy},
            picture=Picture("largest weight of each row", r.tops, "weight"),
        )


def _attends(case: Case, call: Call) -> bool:
    if call.kind == "attention":
        return True
    op = case.flow.of_call(call) if case.graph is not None else None
    return op is not None and _mixes(op)


def _mixes(op: Op, depth: int = 3) -> bool:
    """Whether an op's result, scaled or masked at most, goes into a product of two tensors."""
    users = ahead(op)
    return any(
        u.name == "matmul" or (depth > 0 and u.kind in ("Mul", "Div", "MaskedFill") and _mixes(u, depth - 1))
        for u in users
    )
