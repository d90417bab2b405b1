"""One diagnosis: a forward and a backward pass watched, the rules asked, everything put back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.doctor import given, trial
from nonlin.doctor.case import Case, Failure
from nonlin.doctor.coupling import coupled
from nonlin.doctor.finding import NEEDS, Finding, Rule, rules
from nonlin.doctor.flow import Flow
from nonlin.doctor.gradients import measured, trainable
from nonlin.doctor.ignore import check
from nonlin.doctor.record import Recorder, Treatment
from nonlin.doctor.report import Report, Unchecked
from nonlin.doctor.untouched import Untouched
from nonlin.errors import ArgumentError, NonlinError


class DiagnosisError(NonlinError, RuntimeError):
    """The model or the loss could not be run; the message says where it stopped and on what."""


@dataclass
class Given:
    """The arguments of a diagnosis, checked."""

    model: nn.Module
    batch: Any
    target: Any
    loss: given.Loss | None
    optimizer: torch.optim.Optimizer | None


def diagnose(
    model: nn.Module,
    batch: Any,
    target: Any = None,
    loss: Any = None,
    optimizer: torch.optim.Optimizer | None = None,
    *,
    ignore: str | Iterable[str] = (),
) -> Report:
    """Watch one training step of a model and say which activation harms it, with evidence and a fix.

    One forward and one backward pass are run on copies of ``batch`` and ``target``. The model is left exactly as it was:
    parameters, buffers, gradients, training mode, hooks, attributes and the random state. Where a gradient seems to vanish,
    five optimiser steps are tried on a copy of the model.

    Args:
        model: any module, in the mode in which it trains; compiled models run uncompiled for once, DistributedDataParallel
            and DataParallel are looked inside of.
        batch: one batch as it comes in training, ``model(batch)``; a tuple or list is ``model(*batch)``, a mapping
            ``model(**batch)``. At least 1,000 rows or positions let units be called dead.
        target: what the loss compares with.
        loss: a callable ``loss(output, target)``, a module, or a name such as ``"cross_entropy"``, ``"mse"``,
            ``"bce_with_logits"``. Without one the ``loss`` in the model's output is taken, if it has any; else the rules that need
            one are listed as not checked.
        optimizer: the optimiser that trains the model, for the steps on the copy; Adam without one.
        ignore: ids of rules to leave out, such as ``"S03"``, or of rules at modules, such as ``"S01:encoder.*"``.

    Returns:
        A :class:`Report`: its findings, what was seen and not seen, what could not be checked. ``report.ok`` is False where there
        is an error or a warning.

    Raises:
        DiagnosisError: where the model, the loss or the backward pass raises; the model is untouched then too.
        ArgumentError: for arguments of the wrong kind, an empty batch, a loss that is no scalar tensor.

    Example:
        >>> import torch, nonlin
        >>> from torch import nn
        >>> model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10), nn.Softmax(dim=1))
        >>> report = nonlin.diagnose(model, torch.randn(32, 20), torch.randint(10, (32,)), loss="cross_entropy")
        >>> [(finding.rule, finding.severity) for finding in report.findings]
        [('L01', 'error')]
        >>> print(report.findings[0].fix)
        remove 3 (Softmax): cross_entropy takes logits and applies log_softmax itself
    """
    function = given.loss_function(loss)  # an unknown name first
    given.check(model, batch, target, loss, optimizer)
    patterns = check([ignore] if isinstance(ignore, str) else ignore)
    everything = Given(given.unwrapped(model)[0], batch, target, function, optimizer)
    report = _diagnosed(everything, None)
    report.wrapper = given.unwrapped(model)[1]
    report.subject = everything
    return report.without(patterns)


def again(subject: Given, treatment: Treatment) -> Report:
    """The same diagnosis with some calls replaced: whether a fix takes a finding away."""
    return _diagnosed(subject, treatment)


def _diagnosed(subject: Given, treatment: Treatment | None) -> Report:
    started = time.perf_counter()
    modules = [m for m in (subject.model, subject.loss) if isinstance(m, nn.Module)]
    with torch.compiler.set_stance("force_eager"), Untouched(*modules) as state:
        case = observed(subject, treatment, state)
        findings, unchecked = judged(case)
        if case.failure is not None and not any(f.rule in _EXPLAINS[case.failure.stage] for f in findings):
            raise _error(case.failure, subject)
        report = Report.of(case, findings, unchecked, time.perf_counter() - started)
        case.release()
        return report


_EXPLAINS = {"model": ("N01",), "loss": ("L07", "N01"), "backward": ("S05", "D01")}  # findings that say why it failed


def judged(case: Case) -> tuple[list[Finding], list[Unchecked]]:
    """Ask every rule that has what it needs."""
    findings: list[Finding] = []
    unchecked: list[Unchecked] = []
    for rule in rules():
        missing = _missing(rule, case)
        if missing is not None:
            unchecked.append(Unchecked(rule.id, rule.name, missing))
            continue
        with torch.no_grad():
            findings.extend(rule.findings(case))
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(findings, key=lambda f: rank[f.severity]), unchecked


def _missing(rule: Rule, case: Case) -> str | None:
    missing = next((need for need in rule.needs if not case.has(need)), None)
    if missing is not None and case.failure is not None and missing != "batch":
        return f"the {'backward pass' if case.failure.stage == 'backward' else case.failure.stage} raised"
    return NEEDS[missing] if missing is not None else None


def observed(subject: Given, treatment: Treatment | None, state: Untouched, finite: bool = False) -> Case:
    """Run the model, the loss and the backward pass, recorded."""
    model, loss_function = subject.model, subject.loss
    recorder = Recorder(model, _run.__code__, treatment, finite)
    seen = _run(recorder, subject)
    flow, gradients = None, None
    roots = [seen.loss] if seen.loss is not None else given.tensors(seen.output)
    nodes = [t.grad_fn for t in roots if t.grad_fn is not None]
    if nodes:
        flow = Flow(nodes, recorder.calls)
    if flow is not None and seen.loss is not None and seen.failure is None:
        parameters = trainable(model, loss_function)
        try:
            gradients = measured(seen.loss, flow, parameters)
        except Exception as error:  # torch's own, or what a custom function's backward raises
            if flow.reentrant:
                recorder.unseen.setdefault(
                    "gradients",
                    "a reentrant checkpoint allows no gradient to be asked for by name: use_reentrant=False does",
                )
            else:
                seen.failure = Failure("backward", error, None, ("", ""))

    own = flow is None or any(isinstance(op.node, torch.autograd.function.BackwardCFunction) for op in flow)
    state.told(exact=recorder.raw or own or seen.failure is not None)  # backward functions in Python may do anything

    @lru_cache(maxsize=1)
    def tried() -> trial.Trial | None:
        state.restore()
        return trial.run(model, subject.batch, subject.target, loss_function, subject.optimizer)

    @lru_cache(maxsize=1)
    def is_coupled() -> bool | None:
        state.restore()
        state.told(exact=True)  # it runs unwatched
        return coupled(model, subject.batch)

    def located() -> Case:
        state.restore()
        return observed(subject, treatment, state, finite=True)

    def experiment(with_: Treatment) -> Case:
        state.restore()
        return observed(subject, with_, state)

    return Case(
        model, recorder, seen.output, seen.loss, flow, gradients, batch=subject.batch, target=subject.target,
        samples=given.batch_size(subject.batch), failure=seen.failure, optimizer=subject.optimizer, trial=tried, coupled=is_coupled, located=located,
        experiment=experiment,
    )  # fmt: skip


@dataclass
class _Seen:
    output: Any = None
    loss: Tensor | None = None
    failure: Failure | None = None


def _run(recorder: Recorder, subject: Given) -> _Seen:
    """Forward and loss under the recorder. Its code object is where call sites stop being the user's."""
    seen = _Seen()
    with recorder.running(), torch.enable_grad():
        try:
            seen.output = given.called(subject.model, given.copied(subject.batch))
            recorder.stage = "loss"
            if subject.loss is None:
                value = given.own_loss(seen.output)
            else:
                prediction = given.prediction(seen.output) if subject.loss in given.LOSSES.values() else seen.output
                value = subject.loss(prediction, given.copied(subject.target))
        except Exception as error:  # whatever the user's code raises is the diagnosis, or part of the message
            seen.failure = Failure(recorder.stage, error, recorder.running_call, recorder.modules.failed_at)
            return seen
    if isinstance(value, Tensor) and value.numel() != 1:
        raise ArgumentError(
            f"the loss is a tensor of shape {tuple(value.shape)}; expected a scalar tensor: add .mean() or reduction='mean'"
        )
    if not isinstance(value, Tensor) and (value is not None or subject.loss is not None):
        got = "nothing (None)" if value is None else f"a {type(value).__name__}"
        raise ArgumentError(
            f"the loss returned {got}; expected a scalar tensor that carries its gradient: no .item(), and a return"
        )
    seen.loss = value
    return seen


def _error(failure: Failure, subject: Given) -> DiagnosisError:
    path, kind = failure.place
    what = f"{type(failure.error).__name__}: {failure.error}"
    if failure.stage == "model":
        module = f" in {path or 'its own forward'} ({kind})" if kind else ""
        message = f"the model raised{module}, given {given.shapes(subject.batch)}: {what}"
    elif failure.stage == "loss":
        message = f"the loss raised, given a target of {given.shapes(subject.target)}: {what}"
    else:
        message = f"the backward pass raised: {what}"
    site = failure.call.site if failure.call is not None else None
    error = DiagnosisError(message + (f" (at {site})" if site else ""))
    error.__cause__ = failure.error
    return error


Diagnose = Callable[..., Report]
