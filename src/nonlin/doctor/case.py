"""Everything that a rule may look at: what one forward and backward pass showed, and experiments on demand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.doctor import given
from nonlin.doctor.calls import Call
from nonlin.doctor.flow import Flow, Op, behind
from nonlin.doctor.gradients import Gradients
from nonlin.doctor.record import Recorder, Treatment
from nonlin.doctor.trial import Trial


@dataclass(frozen=True)
class Failure:
    """An exception on the way: in the model, the loss, or the backward pass."""

    stage: str  # model, loss, backward
    error: Exception
    call: Call | None  # the call that was running
    place: tuple[str, str]  # the innermost module that was running


class Case:
    """One model on one batch, as seen."""

    def __init__(
        self,
        model: nn.Module,
        recorder: Recorder,
        output: Any,
        loss: Tensor | None,
        flow: Flow | None,
        gradients: Gradients | None,
        *,
        batch: Any,
        target: Any,
        samples: int | None,
        failure: Failure | None,
        optimizer: torch.optim.Optimizer | None,
        trial: Callable[[], Trial | None],
        coupled: Callable[[], bool | None],
        located: Callable[[], Case],
        experiment: Callable[[Treatment], Case],
    ) -> None:
        self.model, self.recorder, self.output, self.loss = model, recorder, output, loss
        self._flow, self.gradients = flow, gradients
        self.batch, self.target, self.samples = batch, target, samples
        self.failure, self.optimizer = failure, optimizer
        self.trial, self.coupled, self.located, self.experiment = (
            trial,
            coupled,
            located,
            experiment,
        )  # experiments, run when a rule asks

    def release(self) -> None:
        """Let go of the graph and of all tensors: findings keep calls, and the ops of a graph hold each other."""
        for call in self.calls:
            call.node = call.start = call.step = None
            call.tensors = ()
        if self._flow is not None:
            for op in self._flow:
                op.node = op.call = op.normaliser = None
                op.inputs, op.consumers = [], []
        self.recorder.forget()
        self.output = self.loss = self._flow = None

    @property
    def graph(self) -> Flow | None:
        return self._flow

    @property
    def flow(self) -> Flow:
        """The graph; rules that ask for it need ``graph``."""
        assert self._flow is not None
        return self._flow

    @property
    def calls(self) -> Sequence[Call]:
        return self.recorder.calls

    @property
    def activations(self) -> list[Call]:
        """Calls of activations inside the model that the loss used, in the order in which they ran."""
        return [c for c in self.calls if c.kind == "activation" and c.stage == "model" and self.used(c)]

    def used(self, call: Call) -> bool:
        """Whether a call's result went into the loss; of what ran without gradients that is not known, and taken for granted."""
        return self._flow is None or call.node is None or self._flow.of_call(call) is not None

    def has(self, need: str) -> bool:
        """Whether something that a rule needs is there."""
        return {
            "graph": self._flow is not None,
            "loss": self.loss is not None or (self.failure is not None and self.failure.stage == "loss"),
            "target": self.target is not None or any(len(c.tensors) == 2 for c in self.calls if c.kind == "loss"),
            "gradients": self.gradients is not None,
            "batch": self.samples is not None and self.samples > 1,
        }[need]

    @property
    def trained(self) -> bool:
        """Whether any parameter of the model asks for a gradient."""
        return any(p.requires_grad for p in self.model.parameters())

    def is_trained(self, name: str) -> bool:
        """Whether the optimiser has a parameter; without an optimiser all are taken to be trained."""
        if self.optimizer is None:
            return True
        held = {id(p) for group in self.optimizer.param_groups for p in group["params"]}
        return id(dict(self.model.named_parameters()).get(name)) in held

    def losses(self, *wanted: str) -> Iterator[tuple[Call, Op]]:
        """The loss functions that the graph goes through, with their nodes."""
        for call in self.calls:
            if call.kind == "loss" and (not wanted or call.name in wanted):
                op = self.flow.of_call(call)
                if op is not None:
                    yield call, op

    def fitted(self, *wanted: str) -> Iterator[tuple[Call, Op, Tensor, Tensor]]:
        """(call, op of the prediction, prediction, target) of losses that compare two tensors; whichever side has a gradient predicts."""
        for call, op in self.losses(*wanted):
            if len(call.tensors) != 2 or len(op.inputs) < 1:
                continue
            sides = [op.inputs[0], op.inputs[1] if len(op.inputs) > 1 else None]
            if (sides[0] is None) == (sides[1] is None):
                continue  # both learn: neither is a target
            i = 0 if sides[0] is not None else 1
            side = sides[i]
            assert side is not None
            yield call, side, call.tensors[i], call.tensors[1 - i]

    def is_output(self, op: Op) -> bool:
        """Whether the op's numbers leave the model unchanged: as its output, or into the loss."""
        outs = [node for tensor in self._outputs() if (node := tensor.grad_fn) is not None]
        return any(op in behind(self.flow.ops.get(id(node))) for node in outs)

    def _outputs(self) -> list[Tensor]:
        return given.tensors(self.output)

    def call_of(self, op: Op) -> tuple[Call, ...]:
        """The recorded call that an op stands for, as a finding takes it."""
        call = self.flow.site_call(op)
        return (call,) if call is not None else ()


def bounds(op: Op) -> tuple[float, float] | None:
    """The range of an activation's values, of its arguments where they set it; None where it has no finite or half-finite range."""
    name = op.activation
    if name is None:
        return None
    if name == "hardtanh":
        given = op.call.arguments if op.call is not None else {}
        low, high = given.get("min_val", op.saved("min_val")), given.get("max_val", op.saved("max_val"))
        return (float(low), float(high)) if isinstance(low, int | float) and isinstance(high, int | float) else None
    return value_range(name, op.call.arguments if op.call is not None else {})


def value_range(name: str, arguments: Any = None) -> tuple[float, float] | None:
    """The range of a catalogued activation, by its fact sheet."""
    if name in ("gumbel_softmax", "softmin"):
        name = "softmax"
    if name in ("where", "clamp", "maximum"):
        return None
    from nonlin.errors import NonlinError
    from nonlin.facts.lookup import facts

    given = {
        k: v
        for k, v in (arguments or {}).items()
        if k in ("negative_slope", "alpha", "beta") and isinstance(v, int | float)
    }
    try:
        found = facts(name, **given).range
    except (NonlinError, ValueError):
        return None
    if found is None or (math.isinf(found.value.low) and math.isinf(found.value.high)):
        return None
    return found.value.low, found.value.high


def class_count(op: Op) -> int | None:
    """How many classes a softmax or log_softmax node is over."""
    result, dim = op.saved("result"), op.saved("dim")
    if isinstance(result, Tensor) and isinstance(dim, int):
        if dim >= 2**63:
            dim -= 2**64  # the node keeps it unsigned
        return int(result.shape[dim])
    if op.normaliser is not None and isinstance(x := op.normaliser.saved("self"), Tensor):
        return int(x.shape[-1])  # distributions are over the last axis
    call = op.call
    if call is not None and call.shape_out and "dim" in call.arguments:
        return int(call.shape_out[call.arguments["dim"]])
    return None


def is_bounded(limits: tuple[float, float] | None) -> bool:
    return limits is not None and math.isfinite(limits[0]) and math.isfinite(limits[1])


def cross_entropy_floor(classes: int, spread: float) -> float:
    r"""The least cross-entropy that logits no further apart than ``spread`` reach: :math:`\log(1 + (K-1) e^{-spread})`."""
    return math.log1p((classes - 1) * math.exp(-spread))
