"""A few real optimiser steps on a copy of the model: what one pass at the start cannot tell."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from nonlin.doctor import given
from nonlin.doctor.gradients import Weight, rms, trainable

STEPS: Final = 5


@dataclass(frozen=True)
class Trial:
    """What happened on the copy."""

    losses: tuple[float, ...]  # before each step, and after the last
    weights: tuple[Weight, ...]  # with the gradient after the last step

    @property
    def stalled(self) -> bool:
        """Whether the loss fell by less than a thousandth of itself."""
        return self.losses[-1] > self.losses[0] - 1e-3 * abs(self.losses[0])

    def gradient(self, name: str) -> Weight | None:
        return next((w for w in self.weights if w.name == name), None)


def run(model: nn.Module, batch: Any, target: Any, loss: Any, optimizer: torch.optim.Optimizer | None) -> Trial | None:
    """:data:`STEPS` steps with a copy of the optimiser, or Adam at its defaults; None where the model cannot be copied or a step fails."""
    try:
        twin, twin_loss, twin_optimizer = copy.deepcopy((model, loss, optimizer))
    except (
        RuntimeError,
        TypeError,
        AttributeError,
        NotImplementedError,
    ):  # what deepcopy raises for what it cannot copy
        return None
    parameters = trainable(twin, twin_loss)
    step = twin_optimizer or torch.optim.Adam([p for _, p in parameters])
    losses: list[float] = []

    def once() -> Tensor:
        output = given.called(twin, given.copied(batch))
        value = twin_loss(output, given.copied(target)) if twin_loss is not None else given.own_loss(output)
        assert isinstance(value, Tensor)  # as it was in the diagnosis itself
        losses.append(float(value.detach()))
        step.zero_grad()
        value.backward()
        return value

    try:
        with torch.enable_grad():
            for _ in range(STEPS):
                once()
                step.step()
            once()
    except RuntimeError:
        return None
    found = []
    for name, p in parameters:
        size = rms([p])[0]
        found.append(Weight(name, tuple(p.shape), size, None if p.grad is None else rms([p.grad])[0]))
    return Trial(tuple(losses), tuple(found))
