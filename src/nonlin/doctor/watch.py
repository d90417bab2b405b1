"""One forward pass of a training run, watched: the recorder, measuring less and never in the way of the run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import CodeType
from typing import Any, Final

import torch
from torch import Tensor, nn

from nonlin.doctor import hinges, measure, names
from nonlin.doctor.calls import Call, Step
from nonlin.doctor.record import Recorder
from nonlin.doctor.tally import Sums, add

FLAT: Final = 0.01  # of the steepest slope, as of rule D04
Labels = dict[tuple[str, str, Any], str]  # (path, name, line of the call) -> label: kept from pass to pass


class Watch(Recorder):
    """Adds what it sees of activations to :attr:`sums`. What cannot be measured is noted in ``unseen``: training goes on."""

    def __init__(self, model: nn.Module, labels: Labels) -> None:
        super().__init__(model, _inside(model))
        self.sums: Sums = {}
        self._labels, self._thread = labels, threading.get_ident()
        self._enter(model, ())  # the model's own hooks, which run now, come after the global ones

    def release(self) -> None:
        """Let go of the graph: calls and steps refer to each other, so that only the garbage collector would."""
        for call in self.calls:
            call.node = call.start = call.step = call.owner = None
        self.forget()

    # replicas of DataParallel run in other threads; global hooks and custom functions are seen there too

    def _enter(self, module: nn.Module, args: Any) -> None:
        if threading.get_ident() == self._thread:
            super()._enter(module, args)

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        if threading.get_ident() == self._thread:
            super()._leave(module, args, output)

    def _custom(self, cls: Any, run: Any, args: tuple[Any, ...]) -> Any:
        if threading.get_ident() != self._thread or _transformed():
            return run()
        return super()._custom(cls, run, args)

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        if _transformed():
            self.unseen.setdefault(self.place[0] or "the model", "inside a transform of torch.func")
            return func(*args, **(kwargs or {}))
        return super().__torch_function__(func, types, args, kwargs)

    # what is measured

    def _hinge(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> hinges.Found | None:
        try:
            return super()._hinge(name, args, kwargs)
        except Exception:  # tensors of any kind may come along; what cannot be read is no hinge
            return None

    def _before(self, x: Any) -> Tensor | None:
        try:
            return super()._before(x)
        except Exception as error:
            self._missed(self.place[0], error)
            return None

    def _begins(self, step: Step, y: Tensor) -> None:
        try:
            super()._begins(step, y)
        except Exception as error:
            self._missed(self.place[0], error)

    def _written_out(self, step: Step, func: Any, out: Tensor) -> None:
        try:
            super()._written_out(step, func, out)
        except Exception as error:
            self._missed(self.place[0], error)

    def _attention(self, call: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Nothing: no figure tells of it."""

    def _measure(self, call: Call, before: Tensor, y: Tensor, axis: int | None, x: Any) -> None:
        label = self._label(call)
        try:
            # a monitor around this one is not to see what is done here
            with torch._C.DisableTorchFunction():
                self._add(call, label, y.detach(), axis)
        except Exception as error:
            self._missed(label, error)

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

    def _missed(self, where: str, error: Exception) -> None:
        self.unseen.setdefault(where or "the model", f"could not be measured: {type(error).__name__}: {error}")


def _transformed() -> bool:
    """Whether vmap, grad or another transform of torch.func runs: its tensors have no numbers yet."""
    return torch._C._functorch.peek_interpreter_stack() is not None


def _inside(model: nn.Module) -> CodeType:
    """Where call sites end: a model that is one of torch's modules, such as Sequential, is called on a line outside of it."""
    forward = type(model).forward
    if forward.__module__.startswith("torch.") and hasattr(forward, "__code__"):
        return forward.__code__
    return _nowhere.__code__


def _nowhere() -> None:
    """Runs never."""
