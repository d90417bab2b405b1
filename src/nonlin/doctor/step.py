"""The training step of a target: what the command line says, else what the target gives, else what pyproject.toml says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from nonlin.doctor import diagnose, draw, given, ignore
from nonlin.doctor.report import Report
from nonlin.doctor.target import Target, TargetError, at
from nonlin.errors import ArgumentError


class Part:
    """What one source says of a step, in texts.

    Args:
        input: shapes of the model's arguments.
        target: the target's shape.
        loss: a name.
        place: how its options are called in messages, such as ``--{}``.

    Raises:
        ArgumentError: for a text that is no shape, and a name that is no loss.
    """

    def __init__(self, input: Sequence[str], target: str | None, loss: str | None, place: str) -> None:
        self.input = [draw.drawn(text, place.format("input")) for text in input]
        self.target = draw.drawn(target, place.format("target")) if target is not None else None
        self.loss = given.loss_function(loss)


class Step:
    """One training step for each target, with the same seed.

    Args:
        first: takes the place of what a target gives.
        last: stands in for what neither it nor the target gives.
        ignore: rules to leave out, as :func:`nonlin.diagnose` takes them.
        seed: of the model's weights, and of what is drawn.
        eval: whether the model is put in evaluation mode.
    """

    def __init__(
        self, first: Part, last: Part, ignore: Sequence[str] = (), *, seed: int = 0, eval: bool = False
    ) -> None:
        self.first, self.last, self.ignore, self.seed, self.eval = first, last, list(ignore), seed, eval

    def sow(self) -> None:
        """Seed every generator that a model's weights may be drawn from."""
        random.seed(self.seed)
        np.random.seed(self.seed % 2**32)
        torch.manual_seed(self.seed)

    def report(self, target: Target) -> Report:
        """The diagnosis of one target; of a target drawn at random no rule is asked that judges targets.

        Raises:
            ArgumentError: where nobody gives a batch.
            TargetError: where the model or the loss raises.
        """
        if self.eval:
            target.arguments["model"].eval()
        arguments, drawn = self._arguments(target)
        try:
            report = diagnose.diagnose(**arguments)
        except diagnose.DiagnosisError as error:
            place = at(error.__cause__) if error.__cause__ is not None and " (at " not in str(error) else ""
            raise TargetError(f"{target.text}: {error}{place}") from error
        if drawn:
            draw.unjudged(report)
        report.fallback = target.site  # for findings without a line of their own
        return report

    def _arguments(self, target: Target) -> tuple[dict[str, Any], bool]:
        """Of :func:`nonlin.diagnose`, and whether the target in them was drawn."""
        arguments = dict(target.arguments)
        model, generator = arguments["model"], torch.Generator().manual_seed(self.seed)
        sizes = self.first.input or (self.last.input if arguments.get("batch") is None else [])
        if sizes:
            batch = tuple(size.tensor(model, generator) for size in sizes)
            arguments["batch"] = batch if len(batch) > 1 else batch[0]
            arguments["target"] = None  # it belonged to another batch
        elif arguments.get("batch") is None:
            raise ArgumentError(
                f"{target.text} gives no batch: add its shape, such as --input 32,784, or return (model, batch)"
            )
        losses = (self.first.loss, arguments.get("loss"), self.last.loss)
        arguments["loss"] = next((loss for loss in losses if loss is not None), None)
        arguments["ignore"] = [*self.ignore, *ignore.check(arguments.get("ignore") or ())]
        size = self.first.target or (self.last.target if arguments.get("target") is None else None)
        if size is not None:
            arguments["target"] = size.tensor(model, generator)
        elif arguments.get("target") is None:
            arguments["target"] = draw.target(model, arguments["batch"], arguments["loss"], generator)
        else:
            return arguments, False
        return arguments, arguments["target"] is not None
