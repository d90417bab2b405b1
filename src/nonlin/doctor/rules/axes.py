"""A softmax over the wrong axis: L11, L12."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from nonlin.doctor import given, names
from nonlin.doctor.case import Case, class_count
from nonlin.doctor.finding import Finding, Remedy, rule
from nonlin.doctor.flow import Op, behind, sources
from nonlin.doctor.rules.logits import SOFTMAXES, shown
from nonlin.doctor.rules.targets import BINARY, fits


@rule("L11", "softmax over an axis of size 1", "error", needs=("graph",))
def one_class(case: Case) -> Iterator[Finding]:
    """A softmax runs over an axis of size 1, so that its output is 1 (its logarithm 0) whatever the input: in the loss, at the model's
    output, or straight after a layer with one output. An attention over one key is no such thing."""
    for op in case.flow.named("softmax", "log_softmax", "gumbel_softmax"):
        if class_count(op) != 1:
            continue
        calls = case.call_of(op)
        if not (op.name == "log_softmax" or case.is_output(op) or _after_one_output(op)):
            continue
        what = (
            "cross-entropy has one class"
            if op.call is None and op.name == "log_softmax"
            else f"{op.name} runs over an axis of size 1"
        )
        yield Finding(
            "error",
            f"{what}: the output is {'0' if op.name == 'log_softmax' else '1'} whatever the input, and no gradient passes",
            "use sigmoid with binary_cross_entropy_with_logits for one output, or the axis that was meant (of the sequence, for attention weights)",
            calls,
            numbers={
                "size": 1,
                **({"dim": calls[0].arguments["dim"]} if calls and "dim" in calls[0].arguments else {}),
            },
        )


def _after_one_output(op: Op) -> bool:
    """Whether the axis of size 1 is the one output of a layer, or of a product with a parameter, scaled at most; or was added to it."""
    call = op.call
    if call is None or not call.shape_in:
        return False
    dim = call.arguments.get("dim")
    last, scaled = dim == len(call.shape_in) - 1, sources(op)
    while len(scaled) == 1 and scaled[0].kind in ("Mul", "Div"):
        scaled = sources(scaled[0])
    for source in scaled:
        if (source.name == "linear" and last) or (source.name == "conv" and dim == 1):
            return True
        if (
            source.name == "matmul"
            and last
            and any(leaf.parameter is not None for i in source.inputs for leaf in behind(i))
        ):
            return True
    return False


@rule("L12", "softmax over the wrong axis", "error", needs=("graph",))
def wrong_axis(case: Case) -> Iterator[Finding]:
    """Targets are one-hot over one axis and the softmax of the prediction runs over another. Or: a softmax runs over the axis of samples
    (torch picks axis 0 for 1 and 3 axes where none is named), at the model's output or where output and target are one row for each
    sample, and the coupling test shows it: in evaluation mode sample 0's output changes when the other samples do. A square of
    similarities between samples (contrastive losses) is no such thing, nor an axis of time."""
    yield from _beside_the_classes(case)
    if case.samples is None or case.samples < 2:
        return
    for op in case.flow.named("softmax", "log_softmax", "gumbel_softmax"):
        call = op.call
        if call is None or call.stage != "model" or call.arguments.get("dim") != 0:
            continue
        shape = call.shape_in
        if len(shape) < 2 or shape[0] != case.samples or shape[0] == shape[1]:
            continue
        if not (case.is_output(op) or _into_loss(case, op) or _one_answer_a_sample(case)):
            continue
        if case.coupled() is not True:
            continue
        right = 1 if len(shape) != 3 else len(shape) - 1
        yield Finding(
            "error",
            f"{call.spelling} runs over axis 0, the {shape[0]} samples of the batch, of a tensor of shape {shape}: "
            "in evaluation mode sample 0's output changes with the other samples",
            f"write dim={right if right != len(shape) - 1 else -1} in {shown(call)}",
            (call,),
            numbers={"dim": 0, "samples": shape[0]},
            remedy=Remedy((call,), _over(op.name, -1), "dim=-1"),
        )


def _beside_the_classes(case: Case) -> Iterator[Finding]:
    """Softmaxes whose targets are one-hot over an axis of their own."""
    for name, inner, prediction, target in fits(case, *names.REGRESSIONS, *BINARY):
        call = inner[0].call if len(inner) == 1 and inner[0].activation in SOFTMAXES else None
        if (
            call is None
            or "dim" not in call.arguments
            or prediction.shape != target.shape
            or tuple(target.shape) != call.shape_out
        ):
            continue
        ones = [d for d in range(target.ndim) if target.shape[d] > 1 and bool((target.sum(d) == 1).all())]
        if len(ones) != 1 or call.arguments["dim"] == ones[0] or not bool(((target == 0) | (target == 1)).all()):
            continue
        yield Finding(
            "error",
            f"{call.spelling} runs over axis {call.arguments['dim']} of {call.shape_in}, and the targets of {name} are one-hot over axis {ones[0]}",
            f"write dim={ones[0]} in {shown(call)}",
            (call,),
            numbers={"dim": call.arguments["dim"], "axis of the targets": ones[0]},
            remedy=Remedy((call,), _over(inner[0].name, ones[0]), f"dim={ones[0]}"),
        )


def _into_loss(case: Case, op: Op) -> bool:
    return any(
        op in behind(o) for loss in case.flow if loss.call is not None and loss.call.kind == "loss" for o in loss.inputs
    )


def _one_answer_a_sample(case: Case) -> bool:
    """Whether axis 0 is the samples beyond doubt, not time or the nodes of a graph: output and target are one row or number for each."""
    out, size = given.prediction(case.output), case.samples
    shapes = [t.shape for t in (out, case.target) if isinstance(t, Tensor)]
    return len(shapes) == 2 and all(1 <= len(s) <= 2 and s[0] == size for s in shapes)


def _over(name: str, dim: int) -> Any:
    return lambda func: lambda x, *_, **__: x.log_softmax(dim) if name == "log_softmax" else x.softmax(dim)
