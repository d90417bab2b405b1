"""Seeing every activation of one forward pass: a torch function mode for calls, global module hooks for where they are made."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any, Final, TypeVar

import torch
from torch import Tensor, nn
from torch.autograd.function import _SingleLevelFunction
from torch.overrides import TorchFunctionMode

from nonlin.doctor import arguments, composed, hinges, measure, names, rows
from nonlin.doctor.calls import Call, Step
from nonlin.doctor.recognise import recognised
from nonlin.doctor.running import Running
from nonlin.doctor.sites import call_site

_RAW: Final = frozenset({"numpy", "__array__", "data_ptr", "untyped_storage", "storage", "__dlpack__", "set_", "set"})
T = TypeVar("T")
KINDS: Final[dict[str, str]] = (
    dict.fromkeys(names.ACTIVATIONS, "activation") | dict.fromkeys(names.LAYERS, "layer") | dict.fromkeys(names.NORMS, "norm")
    | dict.fromkeys(names.DROPOUTS, "dropout") | dict.fromkeys(names.LOSSES, "loss") | dict.fromkeys(names.FUSED, "fused")
    | dict.fromkeys(names.ATTENTION, "attention")
)  # fmt: skip
_QUIET: Final = frozenset(
    {"__get__", "__set__", "size", "dim", "numel", "stride", "is_contiguous", "data_ptr", "__len__", "__hash__"}
)
_CHECKPOINTS: Final = frozenset({"CheckpointFunction"})
# for trying a fix: from a call to what makes another function of its own
Treatment = Callable[[Call], Callable[[Any], Any] | None]


class Recorder(TorchFunctionMode):
    """Records calls while :meth:`running`; ``treatment`` may put another function in the place of one call."""

    def __init__(
        self, model: nn.Module, until: CodeType, treatment: Treatment | None = None, finite: bool = False
    ) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.unseen: dict[str, str] = {}  # where -> why
        self.nonfinite: Step | None = None  # the first operation whose result is not finite, its inputs being so
        self.stage = "model"
        self.running_call: Call | None = None
        self.raw = False  # whether memory was reached past what counts a tensor's versions
        self.modules = Running(model, self.unseen)
        self._until, self._treatment, self._finite = until, treatment, finite
        self._steps: dict[int, tuple[weakref.ref[Tensor], Step]] = {}
        self._busy, self._grad = False, True

    def forget(self) -> None:
        """Forget where tensors came from."""
        self._steps.clear()
        self.modules.clear()

    @contextmanager
    def running(self) -> Iterator[Recorder]:
        """Record what runs inside: the mode, the global hooks, and the door through which custom functions go."""
        base: Any = _SingleLevelFunction
        recorder, outer = self, vars(base).get("apply")  # the door of a recorder around this one

        def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
            through = outer.__get__(None, cls) if outer is not None else super(base, cls).apply  # type: ignore[misc]
            return recorder._custom(cls, lambda: through(*args, **kwargs), args)

        base.apply = classmethod(apply)
        try:
            with self.modules.followed(), self, warnings.catch_warnings():
                # hooks that fire twice for a compiled module do no harm: the second call finds the path of the first
                warnings.filterwarnings("ignore", message="Using `torch.compile.module.` when there are global hooks")
                yield self
        finally:
            if outer is None:
                del base.apply
            else:
                base.apply = outer

    def origin(self, value: Any) -> Step | None:
        """The step that made a tensor, if it was seen."""
        entry = self._steps.get(id(value))
        return entry[1] if entry is not None and entry[0]() is value else None

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = names.of_function(func)
        if name in _RAW or (name in ("__get__", "__set__") and getattr(func.__self__, "__name__", "") == "data"):
            self.raw = True
        if name in _QUIET or self._busy:
            return func(*args, **kwargs)
        if _transformed():
            self.unseen.setdefault(self.modules.place[0] or "the model", "inside a transform of torch.func")
            return func(*args, **kwargs)
        self._busy, self._grad = True, torch.is_grad_enabled()
        try:
            return self._seen(func, name, args, kwargs)
        finally:
            self._busy = False

    def _seen(self, func: Any, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        declared = getattr(func, "activation", None)
        kind = "activation" if declared is not None else KINDS.get(name)
        if declared is not None:
            name = declared.name
        x: Tensor | None
        if kind is None:
            found = self._safely(lambda: self._hinge(name, args, kwargs)) if name in names.HINGES else None
            if found is None:
                out = func(*args, **kwargs)
                step = self._follow(name, args, kwargs, out)
                if step is not None and name in composed.ENDS and isinstance(out, Tensor) and out.is_floating_point():
                    self._safely(lambda: self._written_out(step, func, out))
                elif step is not None and hinges.adds_nothing(name, args):
                    self._call(name, "neutral", func, args[0], {}).node = out.grad_fn
                return out
            name, x, details = found
            call = self._call(name, "activation", func, x, details)
        else:
            x = next((a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)), None)
            call = self._call(names.ACTIVATIONS.get(name, name), kind, func, x, arguments.of(name, x, args, kwargs))
        call.inplace = arguments.inplace(func, name, args, kwargs)
        before = self._safely(lambda: self._before(x)) if call.kind == "activation" else None
        if call.kind == "loss":
            pair = (*args, *(kwargs[k] for k in ("input", "target") if k in kwargs))[:2]
            call.tensors = tuple(t.detach() for t in pair if isinstance(t, Tensor))
        if name == "scaled_dot_product_attention":
            self._safely(lambda: self._attention(call, args, kwargs))
        action = self._treatment(call) if self._treatment else None
        if action is not None and call.kind != "layer":  # what runs instead speaks for itself, in the graph
            call.kind = "replaced"
        self.running_call = call
        out = (action(func) if action else func)(*args, **kwargs)
        self.running_call = None
        self._close(call, args, kwargs, out, before, x)
        return out

    def _written_out(self, step: Step, func: Any, out: Tensor) -> None:
        """Record an activation that ends with this operation, where its values tell that it is one."""
        found = composed.name_of(step, out)
        if found is None or self.stage != "model":
            return
        name, start = found
        call = self._call(name, "activation", func, out, {})
        call.spelling += " (written out)"
        call.shape_out, call.node, call.start, call.step, step.call = (
            tuple(out.shape),
            out.grad_fn,
            start.node,
            step,
            call,
        )
        assert start.sample is not None
        self._measure(call, start.sample, out, step.axis, None)

    def _call(self, name: str, kind: str, func: Any, x: Any, arguments: Mapping[str, Any]) -> Call:
        path, module = self.modules.place
        spelling = func if isinstance(func, str) else names.spelling(func)
        call = Call(
            len(self.calls), name, kind, spelling, path, module, self.stage, call_site(self._until), arguments, grad=self._grad,
            owner=self.modules.module if self.stage == "model" else None,
        )  # fmt: skip
        x = x[0] if isinstance(x, list) and x else x
        if isinstance(x, Tensor):
            call.shape_in = tuple(x.shape)
        self.calls.append(call)
        return call

    def _close(
        self, call: Call, args: Any, kwargs: Mapping[str, Any], out: Any, before: Tensor | None, x: Any = None
    ) -> None:
        first = out if isinstance(out, Tensor) else next((t for t in arguments.tensors_in(out)), None)
        step = self._follow(call.name, args, kwargs, out, call)
        if first is None:
            return
        call.shape_out, call.step = tuple(first.shape), step
        if step is not None and call.kind in ("layer", "norm") and first.is_floating_point():
            self._safely(lambda: self._begins(step, first))
        if first is not x or call.inplace:  # what hands its input on has no node of its own
            call.node = first.grad_fn
        if before is not None and first.is_floating_point() and call.stage == "model":
            self._safely(lambda: self._measure(call, before, first, step.axis if step else None, x))

    # what is measured of a call

    def _safely(self, measured: Callable[[], T]) -> T | None:
        """What can be measured; what cannot (tensors of every kind come along) is noted, and the model goes on."""
        try:
            with torch.no_grad():
                return measured()
        except Exception as error:
            where = self.modules.place[0] or "the model"
            self.unseen.setdefault(where, f"could not be measured: {type(error).__name__}: {error}")
            return None

    def _hinge(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> hinges.Found | None:
        return hinges.of(name, args, kwargs, self.origin)

    def _before(self, x: Any) -> Tensor | None:
        """Of an activation's input, what is kept: an operation in place writes over it."""
        return measure.sample(x) if isinstance(x, Tensor) and x.is_floating_point() else None

    def _begins(self, step: Step, y: Tensor) -> None:
        """Of a layer's output, what is kept: an activation written out may begin there."""
        step.sample, step.shape, step.node = measure.sample(y, composed.SAMPLE), tuple(y.shape), y.grad_fn

    def _attention(self, call: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        call.rows = rows.of_attention(args, kwargs)

    def _measure(self, call: Call, before: Tensor, y: Tensor, axis: int | None, x: Any) -> None:
        """An activation's numbers, of its output ``y``."""
        call.numbers = measure.numbers(call.name, before, y, axis)
        if call.name == "softmax" and "dim" in call.arguments and not call.inplace:
            call.rows = rows.of(x, y, call.arguments["dim"])

    def _custom(self, cls: Any, run: Callable[[], Any], args: tuple[Any, ...]) -> Any:
        """A call of a torch.autograd.Function: its inside runs unrecorded, as one operation."""
        if self._busy or not self.modules.here or _transformed():
            return run()
        if cls.__name__ in _CHECKPOINTS:
            self.unseen.setdefault(
                self.modules.place[0] or "the model",
                "a reentrant checkpoint: no gradient is seen inside (use_reentrant=False shows it)",
            )
            return run()
        x = next((a for a in args if isinstance(a, Tensor) and a.is_floating_point()), None)
        self._grad = torch.is_grad_enabled()
        call = self._call(cls.__name__, "custom", f"{cls.__name__}.apply", x, {})
        self._busy = True
        try:
            before = self._safely(lambda: self._before(x))
            self.running_call = call
            out = run()
            self.running_call = None
            if before is not None and isinstance(out, Tensor) and out.shape == x.shape:  # type: ignore[union-attr]
                call.kind = "activation"
                call.name = recognised(before, measure.sample(out)) or cls.__name__
            self._close(call, args, {}, out, before)
        finally:
            self._busy = False
        return out

    def _follow(
        self, name: str, args: Any, kwargs: Mapping[str, Any], out: Any, call: Call | None = None
    ) -> Step | None:
        """Note where the outputs came from; where a gradient ends; where numbers stop being finite."""
        outputs = [out] if isinstance(out, Tensor) else arguments.tensors_in(out)
        if not outputs:
            return None
        inputs = [a for a in args if isinstance(a, Tensor)] + [v for v in kwargs.values() if isinstance(v, Tensor)]
        if not inputs and args and isinstance(args[0], (list, tuple)):  # torch.cat and the like
            inputs = arguments.tensors_in(args[0])
        parents = tuple(s for s in map(self.origin, inputs) if s is not None)
        step = Step(name, parents, call=call)
        if name.startswith("conv"):
            step.axis = 1
        elif name == "linear":
            step.axis = -1
        elif parents and inputs and outputs[0].shape == inputs[0].shape:
            step.axis = parents[0].axis
        if (
            name in names.COMPARISONS
            and len(args) > 1
            and isinstance(args[1], int | float)
            and isinstance(args[0], Tensor)
        ):
            step.operand = weakref.ref(args[0])
        if (lost := not outputs[0].requires_grad and any(t.requires_grad for t in inputs)) or self._finite:
            step.leaves_graph = lost
            if lost:
                step.site, step.grad_off = call_site(self._until), not torch.is_grad_enabled()
            if self._finite and self.nonfinite is None and _bad(outputs) and not _bad(inputs):
                step.site, step.call = (
                    call_site(self._until),
                    call or self._call(name, "operation", f"torch.{name}", inputs[:1], {}),
                )
                self.nonfinite = step
        for tensor in outputs:
            self._steps[id(tensor)] = (weakref.ref(tensor), step)
        return step


def _bad(tensors: list[Tensor]) -> bool:
    return any(t.is_floating_point() and t.numel() > 0 and not bool(torch.isfinite(t.detach()).all()) for t in tensors)


def _transformed() -> bool:
    """Whether vmap, grad or another transform of torch.func runs: its tensors have no numbers yet."""
    return torch._C._functorch.peek_interpreter_stack() is not None
