"""A few figures of a training run's activations and gradients, every so many steps."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any

import torch
from torch import nn

from nonlin.doctor import given, gradients, ranks, stance
from nonlin.doctor.tally import Sums, add, figures, finished
from nonlin.doctor.watch import Labels, Watch
from nonlin.errors import ArgumentError, BoundsError, NonlinError


class NotStartedError(NonlinError, RuntimeError):
    """A monitor was asked for figures before it was started, or after it was closed."""


class Monitor:
    """Watch the activations and gradients of a model while it trains, on the first step and on every ``every``-th.

    On those steps the model's forward passes that record gradients are watched, however activations are written; on the others
    nothing of the monitor is on the model. Results, random states and gradients are the same bits with and without it. Figures
    are numbers under names such as ``features.3.ReLU/dead``:

    - ``dead``, of rectifiers: the share of units that were silent at every position. Told once each unit was seen on at least 1,000
      (samples, pixels, tokens; of all processes); where one step has fewer, watched steps are added up until there are as many.
    - ``flat``, of sigmoids and tanhs: the share of outputs where the slope is under 1 % of the steepest. Gates are meant to be so.
    - ``rms``, of every activation: the root mean square of its outputs, of 1,024 of them at most.
    - ``fc.weight/grad_rms``, of every trained parameter with two axes or more: the root mean square of its ``.grad`` as it stands.
    - ``fc.weight/update``: the same divided by that of the weight; the learning rate is not in it.
    - ``nonfinite``: how many outputs of activations and elements of gradients are infinite or NaN.

    A function that is called on several lines of one module has a name for each: ``relu``, ``relu-2``. With DistributedDataParallel
    and the like figures are those of all processes together, from one collective a watched step: root mean squares and shares are
    pooled, a unit is dead where it is silent in every process, ``nonfinite`` is the sum. All processes must then have a monitor and
    take the same steps, and get the same figures.

    Compiled code runs eagerly in watched steps, since nothing can be seen in it otherwise; it is not compiled anew. It rounds, and
    draws random numbers, as eager code does in those steps. What could not be seen is told in :attr:`unseen`.

    Args:
        model: the model, in DistributedDataParallel, DataParallel or ``torch.compile`` or not.
        every: how many steps lie between figures.
        reduce: False lets every process of a distributed run have figures of its own, as it must where not all have a monitor.

    Raises:
        ArgumentError: where ``model`` is no module.
        BoundsError: where ``every`` is no whole number over 0.

    Example:
        >>> import torch, nonlin
        >>> from torch import nn
        >>> model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> with nonlin.Monitor(model, every=50) as monitor:
        ...     for step in range(60):
        ...         loss = model(torch.randn(1000, 8)).square().mean()
        ...         loss.backward()
        ...         optimizer.step()
        ...         if found := monitor.step():
        ...             print(step + 1, *found)
        ...         optimizer.zero_grad()
        1 1.ReLU/rms nonfinite 1.ReLU/dead 0.weight/grad_rms 0.weight/update 2.weight/grad_rms 2.weight/update
        50 1.ReLU/rms nonfinite 1.ReLU/dead 0.weight/grad_rms 0.weight/update 2.weight/grad_rms 2.weight/update
    """

    def __init__(self, model: nn.Module, every: int = 200, *, reduce: bool = True) -> None:
        given.check_model(model)
        if not isinstance(every, int) or isinstance(every, bool):
            raise ArgumentError(f"every is a {type(every).__name__}; expected a whole number of steps, such as 200")
        if every < 1:
            raise BoundsError(f"every={every}: expected a number of steps of at least 1, such as 200")
        self.unseen: dict[str, str] = {}  # where -> why
        self._model, self._every, self._reduce = _innermost(model), every, reduce
        self._steps: int | None = None  # None: not started
        self._sums: Sums = {}
        self._labels: Labels = {}
        self._ranks: ranks.Ranks | None = None
        self._handles: list[torch.utils.hooks.RemovableHandle] = []  # there while a step is watched
        self._eager = False
        # the pass that is watched now
        self._lock = threading.Lock()  # one at a time: replicas of DataParallel run together
        self._opener: object = None
        self._depth = 0  # a model may call itself
        self._watch: Watch | None = None
        self._undo = ExitStack()

    def start(self) -> Monitor:
        """Begin with step 1, as entering the context does; nothing happens where it has begun.

        Returns:
            The monitor itself.
        """
        if self._steps is None:
            self._steps = 0
            self._sums.clear()
            self._look_ahead()
        return self

    def close(self) -> None:
        """Take everything off the model, as leaving the context does; may be called again."""
        self._disarm()
        self._steps = None

    def __enter__(self) -> Monitor:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def step(self) -> dict[str, float]:
        """End a training step: to be called after ``optimizer.step()`` and before ``optimizer.zero_grad()``.

        Returns:
            The figures on the first step and every ``every``-th; an empty dict on the others.

        Raises:
            NotStartedError: where the monitor was not started, or is closed.
        """
        if self._steps is None:
            raise NotStartedError("the monitor is not started: write `with Monitor(model) as monitor:` or call start()")
        self._steps += 1
        if not self._due(self._steps):
            if self._due(self._steps + 1):
                self._look_ahead()
            return {}
        self._disarm()
        with torch.no_grad():
            self._add_gradients()
        total = self._total()
        self._sums = {
            key: values for key, values in self._sums.items() if key in total and not finished(key, total[key])
        }
        self._look_ahead()
        return figures(total)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch what runs inside, for a training step that does not call the model itself but parts or methods of it.

        On steps without figures it does nothing.

        Example:
            >>> import torch, nonlin
            >>> model = torch.nn.ModuleDict({"encoder": torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh())})
            >>> with nonlin.Monitor(model) as monitor:
            ...     with monitor.watch():
            ...         loss = model["encoder"](torch.randn(32, 4)).sum()
            ...     loss.backward()
            ...     print(*monitor.step())
            encoder.1.Tanh/rms nonfinite encoder.1.Tanh/flat encoder.0.weight/grad_rms encoder.0.weight/update
        """
        opener = object()
        if self._handles:
            self._open(opener, self._model)
        try:
            yield
        except BaseException:
            self._shut(opener, failed=True)
            raise
        self._shut(opener, failed=False)

    def _due(self, step: int) -> bool:
        return step == 1 or step % self._every == 0

    def _look_ahead(self) -> None:
        """Make ready for the next step where that one is to be watched: no other has a hook to run, or for a compiler to meet."""
        assert self._steps is not None
        if not self._due(self._steps + 1) or self._handles:
            return
        # the last to come in is the first to go out, so that one monitor lies inside another
        self._handles = [
            self._model.register_forward_pre_hook(_Hook(self._before_forward)),
            self._model.register_forward_hook(_Hook(self._after_forward), prepend=True, always_call=True),
        ]
        self._eager = stance.eager_begins()

    def _disarm(self) -> None:
        if self._watch is not None:  # KeyboardInterrupt passes hooks by
            self._shut(self._opener, failed=True, wholly=True)
        for handle in self._handles:
            handle.remove()
        self._handles = []
        if self._eager:
            stance.eager_ends()
            self._eager = False

    def _before_forward(self, module: nn.Module, args: Any) -> None:
        if module is self._model or getattr(module, "_is_replica", False):
            self._open(module, module)

    def _after_forward(self, module: nn.Module, args: Any, output: Any) -> None:
        self._shut(module, failed=output is None and sys.exc_info()[0] is not None)

    def _open(self, opener: object, model: nn.Module) -> None:
        if torch.compiler.is_compiling() or not torch.is_grad_enabled() or _captured():
            return
        if self._opener is opener:
            self._depth += 1
            return
        if not self._lock.acquire(blocking=False):  # watched already
            return
        self._opener, self._depth, self._watch = opener, 1, Watch(model, self._labels)
        if self._eager:  # torch warns that global hooks run twice around a compiled part: they are made for that
            self._undo.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", r"Using `torch\.compile\(module\)` when there are global hooks")
        self._undo.enter_context(self._watch.running())

    def _shut(self, opener: object, failed: bool, wholly: bool = False) -> None:
        if self._watch is None or self._opener is not opener:
            return
        self._depth -= 1
        if self._depth and not wholly:
            return
        watch, self._watch, self._opener = self._watch, None, None
        try:
            self._undo.close()
            watch.note_fused()
            self.unseen = {**watch.unseen, **self.unseen}
            if not failed:
                for key, values in watch.sums.items():
                    add(self._sums, key, values)
            watch.release()
        finally:
            self._lock.release()

    def _add_gradients(self) -> None:
        held = [
            (name.replace("_orig_mod.", ""), _local(p.detach()), _local(p.grad.detach()))
            for name, p in self._model.named_parameters()
            if p.requires_grad and p.ndim > 1 and p.grad is not None
        ]
        weights, grads = [w for _, w, _ in held], [g for _, _, g in held]
        sizes = zip(held, gradients.rms(grads), gradients.rms(weights), strict=True)
        add(self._sums, "nonfinite", (0.0,))  # there on every watched step
        for (name, _, grad), size, weight in sizes:
            count = grad.numel()
            add(self._sums, f"{name}/grad_rms", (count * size**2, count))
            add(self._sums, f"{name}/update", (count * size**2, count * weight**2))
            if not size < float("inf"):
                dense = grad.coalesce().values() if grad.is_sparse else grad
                add(self._sums, "nonfinite", (float((~dense.isfinite()).sum()),))

    def _total(self) -> Sums:
        """The sums, of all processes where there are several."""
        if not self._reduce or not ranks.several():
            return self._sums
        if self._ranks is None:
            device = next((p.device for p in self._model.parameters()), torch.device("cpu"))
            self._ranks = ranks.Ranks(device)
        return self._ranks.added(self._sums)


class _Hook:
    """What the model carries while a step is watched; in a copy of the model, and in a pickled one, it does nothing."""

    def __init__(self, run: Callable[..., None] | None = None) -> None:
        self._run = run

    def __call__(self, *args: Any) -> None:
        if self._run is not None:
            self._run(*args)

    def __reduce__(self) -> tuple[type[_Hook], tuple[()]]:
        return _Hook, ()


def _innermost(model: nn.Module) -> nn.Module:
    """The model inside wrappers for several devices and of ``torch.compile``, in whichever order."""
    while True:
        inner = given.unwrapped(getattr(model, "_orig_mod", model))[0]
        if inner is model:
            return model
        model = inner


def _local(tensor: torch.Tensor) -> torch.Tensor:
    """This process's part of a tensor that is spread over several."""
    local = getattr(tensor, "to_local", None)
    return local() if local is not None else tensor


def _captured() -> bool:
    """Whether operations are written down instead of run: then nothing may be read."""
    return torch._C._get_tracing_state() is not None or (
        torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()
    )
