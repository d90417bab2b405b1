"""Batches and targets drawn at random, where only their shapes are given; and what cannot be judged then."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from nonlin.doctor import given
from nonlin.doctor.finding import rules
from nonlin.doctor.report import Report, Unchecked
from nonlin.doctor.untouched import Untouched
from nonlin.errors import ArgumentError

JUDGE_TARGETS: Final = ("L08", "L09", "L10", "L13")  # rules whose findings are about the targets' own values
_SIZES: Final = r"[1-9]\d*(?:,[1-9]\d*)*"
_SPELLINGS: Final = re.compile(rf"(?:int:(?P<first>[1-9]\d*):)?(?P<sizes>{_SIZES})(?::(?P<last>[1-9]\d*))?")


@dataclass(frozen=True)
class Drawn:
    """What to draw: standard normal numbers of a shape, or integers in [0, below)."""

    sizes: tuple[int, ...]
    below: int | None = None

    def tensor(self, model: nn.Module, generator: torch.Generator) -> Tensor:
        """Drawn on the CPU, so that a seed means the same everywhere; of the dtype and on the device of the model's parameters."""
        parameter = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
        if self.below is not None:
            return torch.randint(self.below, self.sizes, generator=generator).to(parameter.device)
        return torch.randn(self.sizes, generator=generator).to(parameter.device, parameter.dtype)


def drawn(text: str, option: str) -> Drawn:
    """Read ``32,784`` (normal numbers), ``int:1000:8,128`` or, shorter, ``8,128:1000`` (integers below 1000).

    Args:
        text: the shape as it was written.
        option: where it was written, for the message.

    Raises:
        ArgumentError: for any other spelling.

    Example:
        >>> drawn("32,784", "--input")
        Drawn(sizes=(32, 784), below=None)
        >>> drawn("int:10:32", "--target") == drawn("32:10", "--target") == Drawn((32,), 10)
        True
    """
    found = _SPELLINGS.fullmatch(re.sub(r"\s", "", text))
    if found is None or (found["first"] and found["last"]):
        raise ArgumentError(
            f"{option} {text!r}: expected sizes such as 32,784 for normal numbers, or int:1000:8,128 (or 8,128:1000) for integers below 1000"
        )
    below = found["first"] or found["last"]
    return Drawn(tuple(map(int, found["sizes"].split(","))), int(below) if below else None)


def target(model: nn.Module, batch: Any, loss: Any, generator: torch.Generator) -> Tensor | None:
    """A target as a loss of torch wants it for what the model gives on ``batch``; the model is left as it was.

    Args:
        model: the model, run once without gradients.
        batch: as :func:`nonlin.diagnose` takes it.
        loss: a name in :data:`nonlin.doctor.given.LOSSES`, or the function that it stands for.
        generator: draws.

    Returns:
        The target; None for any other loss, and where the model raises: a diagnosis then says where.
    """
    wanted = given.loss_function(loss)
    name = next((name for name, function in given.LOSSES.items() if function is wanted), None)
    if name is None:
        return None
    inner = given.unwrapped(model)[0]
    with torch.compiler.set_stance("force_eager"), Untouched(inner), torch.no_grad():
        try:
            output = given.prediction(given.called(inner, given.copied(batch)))
        except Exception:  # whatever the user's code raises comes again in the diagnosis, which tells where
            return None
    if not isinstance(output, Tensor) or not output.is_floating_point() or not output.ndim or not output.numel():
        return None
    return _fitting(name, output, generator).to(output.device)


def _fitting(name: str, output: Tensor, generator: torch.Generator) -> Tensor:
    shape = output.shape
    if name in ("cross_entropy", "nll"):
        axis = min(1, output.ndim - 1)  # of the classes
        return torch.randint(shape[axis], (*shape[:axis], *shape[axis + 1 :]), generator=generator)
    if name in ("bce", "bce_with_logits"):
        fresh = torch.randint(2, shape, generator=generator)
    elif name == "kl_div":  # its targets are probabilities: the logarithm of anything negative is NaN
        fresh = torch.randn(shape, generator=generator).softmax(-1)
    elif name == "poisson_nll":
        fresh = torch.poisson(torch.ones(shape), generator=generator)
    else:
        fresh = torch.randn(shape, generator=generator)
    return fresh.to(output.dtype)


def unjudged(report: Report) -> None:
    """Take back what was said of targets that mean nothing, and list those rules as not checked."""
    why = "targets were drawn at random; return real ones with the model"
    names = {rule.id: rule.name for rule in rules()}
    report.findings = [f for f in report.findings if f.rule not in JUDGE_TARGETS]
    kept = [u for u in report.unchecked if u.rule not in JUDGE_TARGETS]
    report.unchecked = kept + [Unchecked(id, names[id], why) for id in JUDGE_TARGETS]
    report.checked = len(names) - len(report.unchecked)
