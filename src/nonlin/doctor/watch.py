"""One forward pass of a training run, watched: the recorder, measuring less and never in the way of the run."""

from __future__ import annotations

from collections.abc import Mapping
from types import CodeType
from typing import Any, Final

import torch
from torch import Tensor, nn

from nonlin.doctor import measure, names
from nonlin.doctor.calls import Call
from nonlin.doctor.record import Recorder
from nonlin.doctor.tally import Sums, add

FLAT: Final = 0.01  # of the steepest slope, as of rule D04
Labels = dict[tuple[str, str, Any], str]  # (path, name, line of the call) -> label: kept from pass to pass


class Watch(Recorder):
    """Adds what it sees of activations to :attr:`sums`. What cannot be measured is noted in ``unseen``: training goes on."""

    def __init__(self, model: nn.Module, labels: Labels) -> None:
        super().__init__(model, _inside(model))
        self.sums: Sums = {}
        self._labels = labels
        self.modules.enter(model, ())  # the model's own hooks, which run now, come after the global ones

    def release(self) -> None:
        """Let go of the graph: calls and steps refer to each other, so that only the garbage collector would."""
        for call in self.calls:
            call.node = call.start = call.step = call.owner = None
        self.forget()

    # what is measured

    def _attention(self, call: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Nothing: no figure tells of it."""

    def _measure(self, call: Call, before: Tensor, y: Tensor, axis: int | None, x: Any) -> None:
        with torch._C.DisableTorchFunction():  # a monitor around this one is not to see what is done here
            self._add(call, self._label(call), y.detach(), axis)

    def _add(self, call: Call, label: str, y: Tensor, axis: int | None) -> None:
        if not y.numel():
            return
        some = measure.sample(y).double()
        add(self.sums, f"{label}/rms", (float(some.square().sum()), some.numel()))
        # log_softmax is -inf where its input is masked
        bad = y.isnan() if call.name == "log_softmax" else ~y.isfinite()
        add(self.sums, "nonfinite", (float(bad.sum()),))
        if call.name in measure.FLAT_ENDS:
            flat = measure.slope(call.name, some, call.arguments) < FLAT
            add(self.sums, f"{label}/flat", (float(flat.sum()), flat.numel()))
        if call.name in measure.FLAT_AT_ZERO and y.ndim > 1:
            fired = ~measure.silent(y, measure.unit_axis(y, axis)).flatten().cpu()
            positions = torch.tensor([y.numel() / fired.numel()], dtype=torch.float64)
            if not add(self.sums, f"{label}/dead", torch.cat([positions, fired.double()])):
                self.unseen.setdefault(
                    label, "its number of units changes from call to call: only the first is judged for dead units"
                )

    def _label(self, call: Call) -> str:
        """``features.3.ReLU`` of a module that is the activation, ``layer1.0.relu`` of a call; calls of other lines are numbered."""
        owner = call.module if call.module.lower() == call.name.replace("_", "") else call.name
        group = (call.path, owner, call.site)
        if group not in self._labels:
            path = call.path.replace("_orig_mod.", "").removesuffix("_orig_mod").removesuffix(".")
            before = sum(known[:2] == group[:2] for known in self._labels)
            self._labels[group] = ".".join(filter(None, (path, owner))) + (f"-{before + 1}" if before else "")
        return self._labels[group]

    def note_fused(self) -> None:
        """Note the operations that hold activations nobody sees."""
        for call in self.calls:
            if call.kind == "fused":
                self.unseen.setdefault(
                    call.path or call.spelling,
                    f"{call.name} is one operation: the {names.FUSED[call.name]} inside are not seen one by one",
                )


def _inside(model: nn.Module) -> CodeType:
    """Where call sites end: a model that is one of torch's modules, such as Sequential, is called on a line outside of it."""
    forward = type(model).forward
    if forward.__module__.startswith("torch.") and hasattr(forward, "__code__"):
        return forward.__code__
    return _nowhere.__code__


def _nowhere() -> None:
    """Runs never."""
