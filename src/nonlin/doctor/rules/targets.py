"""Outputs that cannot reach their targets: L08, L09, L10, L13."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from torch import Tensor

from nonlin.doctor import names
from nonlin.doctor.case import Case, bounds
from nonlin.doctor.finding import Finding, Picture, percent, plain, rule
from nonlin.doctor.flow import Op, behind
from nonlin.doctor.measure import sample
from nonlin.doctor.rules.logits import RECTIFIERS, SOFTMAXES, named, removed, the_calls

ENOUGH: Final = 0.01  # share of targets out of reach
BINARY: Final = ("binary_cross_entropy", "binary_cross_entropy_with_logits")
Fit = tuple[str, list[Op], Tensor, Tensor]  # the loss's name, what predicts, prediction, target


def fits(case: Case, *wanted: str) -> Iterator[Fit]:
    """Every comparison of a prediction with a target: torch's losses, and squares or magnitudes of a difference written out."""
    for call, op, prediction, target in case.fitted(*wanted):
        each = bool(call.shape_out)  # one loss for each target, perhaps to be masked
        yield call.name, behind(op), *(_unmasked(prediction, target) if each else (prediction, target))
    if "mse_loss" in wanted and isinstance(case.target, Tensor) and case.target.is_floating_point():
        for op in case.flow.named("Sub", "Rsub"):
            sides = [i for i in op.inputs if i is not None]
            if len(sides) == 1 and any(c.kind in ("Pow", "Abs", "Mul", "Square") for c in op.consumers):
                inner = behind(sides[0])
                out = case.output
                if (
                    isinstance(out, Tensor)
                    and out.shape == case.target.shape
                    and out.grad_fn is not None
                    and out.grad_fn is sides[0].node
                ):
                    yield "a squared difference", inner, *_unmasked(out.detach(), case.target)


def _unmasked(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Without targets that all have one value below the others, as -1 or -100 for what is missing: a mask may follow."""
    low = target.amin() if target.numel() else target
    if prediction.shape != target.shape or not target.numel() or not bool(low < 0):
        return prediction, target
    kept = target != low
    return (prediction[kept], target[kept]) if bool(kept.any()) else (prediction, target)


@rule("L08", "targets out of reach", "error", needs=("loss", "target", "graph"))
def out_of_reach(case: Case) -> Iterator[Finding]:
    """More than 1 % of the targets lie outside the range of the activation that the prediction comes straight from: a sigmoid, tanh, ReLU
    or softplus output fitted to what it cannot become. For BCE the targets themselves have to lie in [0, 1]."""
    for name, inner, _, target in fits(case, *names.REGRESSIONS, *BINARY):
        if name in BINARY:
            beyond = (target < 0) | (target > 1)
            share = float(beyond.float().mean())
            if share > ENOUGH:
                yield Finding(
                    "error",
                    f"{percent(share)} of the targets of {name} lie outside [0, 1] "
                    f"(from {plain(float(target.min()))} to {plain(float(target.max()))})",
                    "map the targets to [0, 1], such as (target + 1) / 2 for labels -1 and 1",
                    numbers={"share": share},
                    places=("the targets",),
                    picture=Picture("targets", sample(target), "target", {0.0: "0", 1.0: "1"}),
                )
            continue
        limits = [bounds(s) for s in inner]
        if not inner or any(b is None for b in limits):
            continue
        low, high = min(b[0] for b in limits if b), max(b[1] for b in limits if b)
        slack = 1e-3 * (high - low if math.isfinite(high - low) else 1.0)
        share = float(((target < low - slack) | (target > high + slack)).float().mean())
        if share <= ENOUGH:
            continue
        calls = the_calls(case, inner)
        yield Finding(
            "error",
            f"{percent(share)} of the targets lie outside what {inner[0].activation} can give, {interval(low, high)}: "
            f"they reach from {plain(float(target.min()))} to {plain(float(target.max()))}",
            f"remove {named(calls)} (a regression ends in a linear layer), or scale the targets into {interval(low, high)}",
            calls,
            numbers={
                "share": share,
                "low": low,
                "high": high,
                "least target": float(target.min()),
                "largest target": float(target.max()),
            },
            picture=Picture("targets", sample(target), "target", {b: "bound" for b in (low, high) if math.isfinite(b)}),
            remedy=removed(calls),
        )


def interval(low: float, high: float) -> str:
    return f"{'(' if math.isinf(low) else '['}{plain(low)}, {plain(high)}{')' if math.isinf(high) else ']'}"


@rule("L09", "final ReLU all zero", "error", needs=("loss", "target", "graph"))
def all_zero(case: Case) -> Iterator[Finding]:
    """The prediction comes straight from a ReLU and is 0 everywhere, the targets are not: the loss has no gradient at all."""
    for _, inner, prediction, target in fits(case, *names.REGRESSIONS, "poisson_nll_loss"):
        if (
            not inner
            or any(s.activation not in RECTIFIERS for s in inner)
            or bool(prediction.any())
            or not bool(target.any())
        ):
            continue
        calls = the_calls(case, inner)
        yield Finding(
            "error",
            f"the final {inner[0].activation} is 0 at all {prediction.numel()} outputs while targets are not: nothing is learnt from them",
            f"remove {named(calls)}, or use softplus, whose gradient is nowhere 0",
            calls,
            numbers={"outputs": prediction.numel()},
            picture=Picture("what the final activation is given", n.x, "input", {0.0: "0"})
            if calls and (n := calls[0].numbers)
            else None,
            remedy=removed(calls),
        )


@rule("L10", "softmax for several labels", "error", needs=("loss", "target", "graph"))
def several_labels(case: Case) -> Iterator[Finding]:
    """The outputs are a softmax, which sums to 1, and more than 1 % of the rows of targets hold several ones (multi-label). Also
    cross_entropy on such targets, which applies the softmax itself."""
    for name, inner, prediction, target in fits(case, *names.REGRESSIONS, *BINARY):
        if inner and all(s.activation in SOFTMAXES for s in inner) and target.shape == prediction.shape:
            yield from _several(case, target, _dim(inner[0], target), the_calls(case, inner), name)
    for call in case.calls:
        if call.name == "cross_entropy" and len(call.tensors) == 2 and call.tensors[1].is_floating_point():
            yield from _several(case, call.tensors[1], min(1, call.tensors[1].ndim - 1), (call,), "cross_entropy")


def _dim(op: Op, target: Tensor) -> int:
    dim = op.call.arguments.get("dim", -1) if op.call is not None else -1
    return dim if -target.ndim <= dim < target.ndim else -1


def _several(case: Case, target: Tensor, dim: int, calls: tuple[Any, ...], name: str) -> Iterator[Finding]:
    if target.ndim < 1 or not bool(((target == 0) | (target == 1)).all()):
        return
    if any(bool((target.sum(d) == 1).all()) for d in range(target.ndim) if d != dim % target.ndim):
        return  # one-hot over another axis: the softmax is over the wrong one, which L12 says
    ones = target.sum(dim)
    share = float((ones > 1).float().mean())
    if share > ENOUGH:
        yield Finding(
            "error",
            f"{percent(share)} of the rows of targets have several ones (up to {int(ones.max())}), "
            "and a softmax shares out a probability of 1 among them",
            "use one sigmoid a label: binary_cross_entropy_with_logits on the logits, without a softmax",
            calls,
            numbers={"share of rows": share, "most labels": int(ones.max())},
            picture=Picture("labels of a row", sample(ones.float()), "labels"),
        )


@rule("L13", "output saturated and wrong", "warning", needs=("loss", "target", "graph"))
def saturated_and_wrong(case: Case) -> Iterator[Finding]:
    """A sigmoid or tanh output is in its flat end (its slope under a thousandth of the steepest) and at the wrong end, in more than 20 % of
    the outputs: where squared or absolute error is the loss almost no gradient passes. With BCE, whose gradient undoes the
    sigmoid's, only outputs that are exactly 0 or 1 count."""
    for name, inner, prediction, target in fits(case, *names.REGRESSIONS, "binary_cross_entropy"):
        kinds = {s.activation for s in inner}
        if not inner or not kinds <= {"sigmoid", "tanh"} or len(kinds) > 1 or prediction.shape != target.shape:
            continue
        y = (prediction.double() + 1) / 2 if kinds == {"tanh"} else prediction.double()
        t = (target.double() + 1) / 2 if kinds == {"tanh"} else target.double()
        flat = (y * (1 - y) == 0) if name == "binary_cross_entropy" else 4 * y * (1 - y) < 1e-3
        share = float((flat & ((y - t).abs() > 0.5)).double().mean())
        if share <= 0.2:
            continue
        calls = the_calls(case, inner)
        yield Finding(
            "warning",
            f"{percent(share)} of the outputs of {inner[0].activation} sit in its flat end and are wrong by more than half its range",
            "train on the logits (binary_cross_entropy_with_logits for a sigmoid); scale inputs and weights so that outputs start near the middle",
            calls,
            numbers={"share": share},
            picture=Picture("outputs", sample(prediction), "output", {0.0: "0", 1.0: "1"}),
        )
