"""Numbers that are not finite: N01."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from nonlin.doctor import given
from nonlin.doctor.case import Case
from nonlin.doctor.finding import Finding, rule
from nonlin.doctor.gradients import first_broken, trainable


@rule("N01", "not finite", "error")
def not_finite(case: Case) -> Iterator[Finding]:
    """A parameter, a buffer, the batch or the target holds NaN, or the loss or output is not finite: then the first operation is named whose
    result is not finite though its inputs are (the forward pass runs a second time for that). Infinity in a buffer or batch
    may be a mask, and is reported only where the output is not finite. Or the loss is finite and gradients are not: with the operation whose
    derivative is the first that is not."""
    # what a finite gradient went through holds no NaN
    clean = (
        {w.name for w in case.gradients.weights if w.gradient is not None and math.isfinite(w.gradient)}
        if case.gradients
        else set()
    )
    held = [(f"parameter {n}", p) for n, p in case.model.named_parameters() if n not in clean] + [
        (f"buffer {n}", b) for n, b in case.model.named_buffers()
    ]
    held += [("the batch", t) for t in given.tensors(case.batch)] + [
        ("the target", t) for t in given.tensors(case.target)
    ]
    bad = [(name, t) for name, t in held if _nan(t)]
    for name, t in bad:
        count = int(torch.isnan(t.detach()).sum())
        yield Finding(
            "error",
            f"{name} holds {count} NaN of {t.numel()} numbers: whatever it touches is NaN",
            "find where it comes from: missing data, a loss that was infinite, a step that was too large"
            if "parameter" in name
            else "drop or fill in missing values",
            places=(name,),
            numbers={"NaN": count, "of": t.numel()},
        )
    if not bad and _finite(case.loss):
        yield from _gradients(case)
    if bad or (_finite(case.loss) and all(map(_finite, given.tensors(case.output)))):
        return
    at = case.located().recorder.nonfinite
    call = at.call if at is not None else None
    # rows that a mask of -inf leaves nothing of are the usual way to a NaN; an output of -inf may be meant, a loss never is
    if call is None and _finite(case.loss):
        return
    if _finite(case.loss) and not any(_nan(t) for t in given.tensors(case.output)):
        return
    infinite = [t for t in given.tensors(case.batch) if t.is_floating_point() and bool(torch.isinf(t).any())]
    if call is None and infinite:
        yield Finding(
            "error",
            "the batch holds infinite numbers, and what the model makes of them is not finite",
            "clip or fill in what is infinite in the data",
            places=("the batch",),
        )
        return
    what = (
        f"{call.spelling} is the first operation whose result is not finite, though its inputs are"
        if call
        else "the loss is not finite"
    )
    yield Finding(
        "error",
        what,
        "keep its input where it is defined: clamp under a logarithm or root, log_softmax for log(softmax), a smaller learning rate",
        (call,) if call else (),
        places=() if call else ("the loss",),
    )


def _gradients(case: Case) -> Iterator[Finding]:
    """Gradients that are not finite where the loss is."""
    if case.gradients is None or case.loss is None:
        return
    broken = [w for w in case.gradients.weights if w.gradient is not None and not math.isfinite(w.gradient)]
    if not broken:
        return
    with torch.enable_grad():
        op = first_broken(case.loss, case.flow, trainable(case.model, None))
    calls = case.call_of(op) if op is not None else ()
    what = (
        f"the derivative of {op.kind.lower()} is the first that is not finite"
        if op is not None
        else "its source was not found"
    )
    yield Finding(
        "error",
        f"the loss is finite, and the gradients of {len(broken)} of {len(case.gradients.weights)} parameters are not: {what}",
        "keep its input where the derivative is finite: sqrt(x + eps), a norm with eps, acos of less than 1",
        calls,
        places=() if calls else tuple(w.name for w in broken[:3]),
        numbers={"not finite": len(broken), "parameters": len(case.gradients.weights)},
    )


def _nan(t: Tensor) -> bool:
    if not t.is_floating_point() or t.numel() == 0:
        return False
    total = float(t.detach().sum())  # one pass; NaN too where infinities of both signs meet
    return math.isnan(total) and bool(torch.isnan(t.detach()).any())


def _finite(t: Any) -> bool:
    return t is None or not t.is_floating_point() or bool(torch.isfinite(t.detach()).all())
