"""SELU outside the conditions of its proof: S06."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from torch import nn

from nonlin.doctor.case import Case
from nonlin.doctor.finding import Finding, Picture, Remedy, plain, rule
from nonlin.doctor.flow import behind
from nonlin.doctor.rules.layers import weight
from nonlin.doctor.rules.logits import shown

LOW, HIGH = 0.5, 2.0  # of weight variance times fan-in, which is 1 for lecun_normal: outside, the init is another
SIGNAL: Final = (
    0.5  # of the standard deviation that SELU keeps at 1: under it, or over its inverse, the signal proves it
)


@rule("S06", "SELU without its conditions", "warning")
def selu_conditions(case: Case) -> Iterator[Finding]:
    """SELU keeps mean 0 and variance 1 only after lecun_normal weights and with AlphaDropout. Reported: plain dropout on SELU's output; weights
    of another scale before SELU where the measured signal proves it (from SELU to SELU its standard deviation halves or doubles).
    Networks with a norm between the layers keep the signal by that, and are not reported for weights."""
    selus = [c for c in case.activations if c.name == "selu"]
    for call in case.calls:
        if (
            call.kind == "dropout"
            and not call.name.startswith(("alpha", "feature_alpha"))
            and call.arguments.get("training")
            and call.arguments.get("p")
        ):
            before = call.step.parents[0].call if call.step is not None and call.step.parents else None
            if before is not None and before.name == "selu":
                yield Finding(
                    "warning",
                    f"{shown(call)} drops units of SELU to 0, which shifts the mean and variance that SELU is there to keep",
                    f"use nn.AlphaDropout(p={call.arguments['p']}) in the place of {shown(call)}",
                    (before, call),
                    remedy=Remedy((call,), lambda func: nn.functional.alpha_dropout, "alpha_dropout"),
                )
    if case.graph is None or len(selus) < 3:
        return
    wrong, layers = [], []
    for call in selus:
        op = case.flow.of_call(call)
        feeding = behind(op.inputs[0]) if op is not None and op.inputs else []
        if len(feeding) != 1 or feeding[0].name not in ("linear", "conv"):
            return  # a norm or a sum between: the proof is about neither
        w = weight(feeding[0])
        if w is None:
            return
        fan = math.prod(w.shape[1:])
        factor = float(w.detach().float().var(unbiased=False)) * fan
        if not LOW <= factor <= HIGH:
            wrong.append(factor)
            layers.append(feeding[0])
    first, last = selus[0].numbers, selus[-1].numbers
    if len(wrong) < len(selus) / 2 or first is None or last is None or not first.rms_out or not last.rms_out:
        return
    if SIGNAL <= last.rms_out / first.rms_out <= 1 / SIGNAL and SIGNAL <= last.rms_out <= 1 / SIGNAL:
        return
    mean = math.exp(sum(map(math.log, (w for w in wrong if w > 0))) / max(len(wrong), 1))
    yield Finding(
        "warning",
        f"the weights before SELU have {plain(mean)} times the variance of lecun_normal, and SELU's output goes from a root mean square of "
        f"{plain(first.rms_out)} at the first to {plain(last.rms_out)} at the last of {len(selus)}",
        'nonlin.init_(model, "selu"), or nn.init.kaiming_normal_(weight, nonlinearity="linear") for each layer',
        tuple(selus),
        numbers={"variance times fan-in": mean, "first": first.rms_out, "last": last.rms_out, "layers": len(selus)},
        picture=Picture("outputs of the last SELU", last.y, "output"),
    )
