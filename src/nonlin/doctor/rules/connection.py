"""Parameters that the loss is not connected to: D01."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from nonlin.doctor.calls import Call, Step
from nonlin.doctor.case import Case, class_count
from nonlin.doctor.finding import Finding, Severity, rule
from nonlin.doctor.flow import Op
from nonlin.doctor.rules.logits import shown

FLAT: Final = frozenset(
    {
        "argmax",
        "argmin",
        "argsort",
        "round",
        "sign",
        "sgn",
        "floor",
        "ceil",
        "trunc",
        "heaviside",
        "bernoulli",
        "multinomial",
    }
)
FLAT_NODES: Final = frozenset({"Round", "Sign", "Sgn", "Floor", "Ceil", "Trunc", "Heaviside"})
MOST: Final = 0.8  # of the parameters, whose loss by a detach is no target network and no teacher
ELSEWHERE: Final = "where it is not seen: a value taken out (.item(), .numpy(), a new tensor), or torch.no_grad()"


@rule("D01", "no gradient", "error", needs=("loss",))
def no_gradient(case: Case) -> Iterator[Finding]:
    """The loss is not connected to any parameter, or every gradient is exactly 0 while the loss is not, or those of all weights behind a step
    (round, sign ...) are: with the operation that cut it. A warning where only a part of the parameters is cut off, by an
    operation on the way from them to the loss; not where they ran under no_grad, are frozen, or are not the optimiser's. A note where a
    detach stops less than 80 % of them and no optimiser was given: a target network, a teacher."""
    if not any(True for _ in case.model.parameters()):
        return
    if not case.trained:
        yield _finding(
            "no parameter asks for a gradient: all of the model is frozen",
            "requires_grad_(True) for the layers that are to learn",
            [],
        )
        return
    if case.loss is None:
        return
    cuts = _cuts(case)
    if case.loss.grad_fn is None:
        message = "the loss depends on no parameter: its gradient is cut off "
        yield _finding(message + (_by(cuts[0]) if cuts else ELSEWHERE), _instead(cuts), cuts)
    elif case.gradients is not None:
        yield from _zero(case, cuts) or _flat(case) or _part(case, cuts)


def _zero(case: Case, cuts: Sequence[Step]) -> list[Finding]:
    """All gradients are 0 or missing."""
    assert case.gradients is not None
    assert case.loss is not None
    weights = case.gradients.weights
    if (
        any(w.gradient for w in weights)
        or float(case.loss.detach()) == 0
        or not math.isfinite(float(case.loss.detach()))
    ):
        return []
    if any(class_count(op) == 1 for op in case.flow.named("softmax", "log_softmax")):
        return []  # L11 says why
    at = _blocking(case)
    flat = _flat_steps(case)
    cuts = cuts or flat
    by = f"at {shown(at)}, which hands none on" if at else _by(cuts[0]) if cuts else ELSEWHERE
    connected = sum(w.gradient is not None for w in weights)
    message = f"every gradient is exactly 0 or missing ({connected} of {len(weights)} parameters are connected to the loss): it ends {by}"
    instead = (
        f"use an activation that is not flat there in the place of {shown(at)}, or scale its input"
        if at
        else _instead(cuts)
    )
    return [_finding(message, instead, cuts, calls=(at,) if at else ())]


def _flat(case: Case) -> list[Finding]:
    """All weights behind a step function get exactly 0."""
    assert case.gradients is not None
    weights = case.gradients.weights
    flat = [op for op in case.flow if op.kind in FLAT_NODES]
    zero = [w.name for w in weights if w.gradient == 0 and len(w.shape) >= 2 and case.is_trained(w.name)]
    if not flat or not zero or len(zero) < _weights_behind(flat):
        return []
    step = Step(flat[0].kind.lower(), site=next((c.site for c in case.call_of(flat[0])), None))
    message = (
        f"the gradient of {len(zero)} of {len(weights)} parameters ({_some(zero)}) is exactly 0: it ends {_by(step)}"
    )
    return [_finding(message, _instead([step]), [step])]


def _flat_steps(case: Case) -> list[Step]:
    """Step functions in the graph, which have a gradient of 0."""
    flat = [op for op in case.flow if op.kind in FLAT_NODES]
    return [Step(op.kind.lower(), site=next((c.site for c in case.call_of(op)), None)) for op in flat]


def _part(case: Case, cuts: Sequence[Step]) -> list[Finding]:
    """Some parameters are cut off on their way to the loss."""
    assert case.gradients is not None
    weights = case.gradients.weights
    lost = [w.name for w in weights if w.gradient is None and case.is_trained(w.name)]
    found = [step for step in cuts if _ran_before(step, lost)]
    if not lost or not found:
        return []
    message = f"{len(lost)} of {len(weights)} parameters ({_some(lost)}) get no gradient: it is cut off {_by(found[0])}"
    # a detach that stops the smaller part is usually meant: a target network, a teacher, a baseline
    meant = found[0].name == "detach" and case.optimizer is None and len(lost) < MOST * len(weights)
    return [
        _finding(
            message,
            _instead(found) + "; or freeze these parameters if that is meant",
            found,
            "note" if meant else "warning",
        )
    ]


def _finding(
    message: str, fix: str, cuts: Sequence[Step], severity: Severity = "error", calls: tuple[Call, ...] = ()
) -> Finding:
    places = tuple(f"{s.name}, {s.site}" if s.site else s.name for s in cuts[:1]) if not calls else ()
    return Finding(severity, message, fix, calls, places or (() if calls else ("the loss",)))


def _weights_behind(flat: Sequence[Op]) -> int:
    """How many weights of two axes or more lie behind some ops, and so get nothing from them."""
    seen: set[int] = set()
    waiting, count = list(flat), 0
    while waiting:
        op = waiting.pop()
        if id(op) not in seen:
            seen.add(id(op))
            count += op.parameter is not None and op.parameter.ndim >= 2
            waiting.extend(i for i in op.inputs if i is not None)
    return count


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")


def _cuts(case: Case) -> list[Step]:
    """Steps behind the loss, nearest first, whose inputs carry a gradient and whose output does not."""
    return [step for step in _behind(case.recorder.origin(case.loss)) if step.leaves_graph and not step.grad_off]


def _behind(start: Step | None) -> Iterator[Step]:
    """A step and all behind it, nearest first."""
    seen: set[int] = set()
    level = [start] if start is not None else []
    while level:
        step = level.pop(0)
        if id(step) not in seen:
            seen.add(id(step))
            yield step
            level.extend(step.parents)


def _by(cut: Step) -> str:
    return f"by {cut.name}" + (f" at {cut.site}" if cut.site else "")


def _instead(cuts: Sequence[Step]) -> str:
    name = cuts[0].name if cuts else ""
    if name in FLAT:
        return f"{name} has no gradient: use a smooth form (softmax for argmax, a sigmoid for a step), or a straight-through estimator"
    return (
        "remove detach()" if name == "detach" else "keep the computation in torch, on tensors that carry their gradient"
    )


def _ran_before(step: Step, lost: Sequence[str]) -> bool:
    """Whether a layer that owns one of the parameters ran before the step."""
    owners = {name.rpartition(".")[0] for name in lost}
    return any(one.call is not None and one.call.path in owners for one in _behind(step))


def _blocking(case: Case) -> Call | None:
    """The activation nearest to the loss that a gradient reaches and none leaves."""
    assert case.gradients is not None
    for op in case.flow:
        key = id(op.node)
        if case.gradients.out.get(key, 0.0) > 0 and case.gradients.into.get(key) == 0.0 and op.call is not None:
            return op.call
    return None
