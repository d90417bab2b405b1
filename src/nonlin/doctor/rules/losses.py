"""Losses that expect probabilities or log-probabilities: L03 and L07."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nonlin.doctor.calls import Call
from nonlin.doctor.case import Case, bounds
from nonlin.doctor.finding import Finding, Picture, Remedy, percent, plain, rule
from nonlin.doctor.flow import behind, moves
from nonlin.doctor.measure import sample
from nonlin.doctor.rules.logits import shown, the_calls

TOLERANCE = 1e-3  # |log of the sum of probabilities|; 16-bit log-probabilities are off by more by themselves
PARTS = frozenset(
    {"Slice", "Select", "Index", "IndexSelect", "Gather", "MaskedSelect", "Split", "SplitWithSizes", "Unbind", "Cat"}
)
LOGARITHMS = frozenset({"log_softmax", "logsigmoid", "Log", "Log1P", "Logsumexp", "LogAddExp", "LogAddExp2"})


@rule("L03", "nll_loss on what are no log-probabilities", "error", needs=("loss",))
def not_log_probabilities(case: Case) -> Iterator[Finding]:
    """nll_loss is given numbers whose exponentials do not sum to 1 along the classes: |logsumexp| over 0.001 (0.03 in 16 bits) in more
    than 1 % of the rows. So does a log_softmax over another axis than that of
    the classes. Sums under 1 of what does come from a logarithm (a part of the classes, a mixture) pass."""
    for call in case.calls:
        if call.name != "nll_loss" or call.kind != "loss" or len(call.tensors) != 2 or call.tensors[0].ndim < 1:
            continue
        x = call.tensors[0]
        op = case.graph.of_call(call) if case.graph is not None else None
        inner = behind(op.inputs[0]) if op is not None and op.inputs else []
        logs = bool(inner) and all(
            s.activation == "log_softmax" for s in inner
        )  # perhaps rounded to 16 bits on the way
        tolerance = TOLERANCE if x.dtype in (torch.float32, torch.float64) and not logs else 3e-2
        total = torch.logsumexp(x.float(), 0 if x.ndim == 1 else 1)
        off = (total.abs() > tolerance).float().mean()
        if float(off) <= 0.01:
            continue
        above = float((total > tolerance).float().mean())
        if logs and op is not None and not moves(op) & PARTS:
            above = 1.0  # all of what log_softmax gave is there, and sums to something else: along another axis
        if above <= 0.01 and inner and all(s.name in LOGARITHMS or s.kind in LOGARITHMS for s in inner):
            continue
        mean = float(total.mean())
        soft = [s for s in inner if s.activation in ("softmax", "sigmoid")]
        what = (
            f"the output of {soft[0].activation}"
            if soft
            else "log_softmax over another axis"
            if logs
            else "no log-probabilities"
        )
        calls = (*the_calls(case, soft or (inner if logs else [])), call)
        fix = "cross_entropy on the logits, or log_softmax over the axis of the classes"
        yield Finding(
            "error",
            f"nll_loss is given {what}: the exponentials of a row sum to {plain(math.exp(mean))} on average, not to 1 "
            f"({percent(float(off))} of the rows)",
            f"use {fix}" + (f" in the place of {shown(calls[0])}" if calls[0] is not call else ""),
            calls,
            numbers={"mean logsumexp": mean, "rows off": float(off)},
            picture=Picture(
                "log of the sum of a row's probabilities", sample(total), "logsumexp", {0.0: "log-probabilities"}
            ),
            remedy=None if logs else _remedy(call, the_calls(case, soft)),
        )


def _remedy(call: Call, soft: tuple[Call, ...]) -> Remedy:
    """log_softmax in the place of a softmax; on raw outputs cross_entropy in the place of nll_loss."""
    return (
        Remedy(soft, _logarithm, "log_softmax")
        if soft
        else Remedy((call,), lambda func: F.cross_entropy, "cross_entropy")
    )


def _logarithm(func: Any) -> Any:
    def action(x: Tensor, dim: int = -1, *_: Any, **__: Any) -> Tensor:
        return torch.log_softmax(x, dim)

    return action


@rule("L07", "BCELoss on unbounded values", "error", needs=("loss",))
def unbounded_probabilities(case: Case) -> Iterator[Finding]:
    """binary_cross_entropy is given what no operation bounds to [0, 1]: the output of a layer, or of an activation whose range is wider.
    Also where torch refuses the values. Values that are in range for a reason not seen here (a clamp, a product) pass."""
    failed = case.failure.call if case.failure is not None and case.failure.stage in ("loss", "model") else None
    for call in case.calls:
        if call.name != "binary_cross_entropy" or call.kind != "loss" or not call.tensors:
            continue
        x = call.tensors[0]
        outside = float(((x < 0) | (x > 1)).float().mean()) if x.numel() else 0.0
        op = case.graph.of_call(call) if case.graph is not None else None
        inner = behind(op.inputs[0]) if op is not None and op.inputs else []
        loose = [
            s
            for s in inner
            if s.name in ("linear", "conv", "matmul") or ((b := bounds(s)) is not None and not 0 <= b[0] <= b[1] <= 1)
        ]
        loose += [s for s in inner if s.activation is not None and bounds(s) is None and s.name != "hardtanh"]
        if not (failed is call and outside > 0) and not (loose and len(loose) == len(inner)):
            continue
        by = f"comes from {loose[0].activation or loose[0].name}" if loose else "is bounded by nothing"
        yield Finding(
            "error",
            f"binary_cross_entropy expects probabilities, and its input {by}: {percent(outside)} of the values are outside [0, 1] here"
            + ("; torch raises" if failed is call else ""),
            "use binary_cross_entropy_with_logits on the logits, or a sigmoid before binary_cross_entropy",
            (call, *the_calls(case, loose)),
            numbers={"outside": outside},
            picture=Picture("what the loss takes for probabilities", sample(x), "value", {0.0: "0", 1.0: "1"}),
            remedy=Remedy((call,), lambda func: _with_logits, "binary_cross_entropy_with_logits"),
        )


def _with_logits(input: Tensor, target: Tensor, weight: Tensor | None = None, *_: object, **__: object) -> Tensor:
    return F.binary_cross_entropy_with_logits(input, target, weight)
