"""A monitor as a callback of transformers' Trainer: ``from nonlin.integrations.transformers import MonitorCallback``."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nonlin.errors import MissingExtraError
from nonlin.integrations import needed

if TYPE_CHECKING:
    from nonlin.doctor.monitor import Monitor


class _Events:
    """Log the figures of :class:`nonlin.Monitor` of the model that is trained.

    A step is one of the optimizer, however many batches are accumulated for it. Figures go into the next ``logs`` of the trainer and
    into its ``state.log_history``. Callbacks after this one read them there, progress bars among them; reporters such as TensorBoard's
    and W&B's run before any callback of the user's, and get them by ``trainer.log``::

        callback = MonitorCallback(every=200)
        trainer = Trainer(model, arguments, train_dataset=data, callbacks=[callback])
        callback.log = trainer.log

    Args:
        every: how many optimizer steps lie between figures.
        log: called with the figures at the end of their step, instead.

    Raises:
        MissingExtraError: at the import of the name, where transformers is not installed, or one too old to tell when
            the optimizer has stepped.
    """

    def __init__(self, every: int = 200, log: Callable[[dict[str, float]], object] | None = None) -> None:
        self.every, self.log = every, log
        self.monitor: Monitor | None = None
        self._pending: dict[str, float] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        from nonlin.doctor.monitor import Monitor

        self._off()
        self.monitor = Monitor(model, self.every).start()

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The optimizer has stepped, and gradients are there; at ``on_step_end`` they are not any more."""
        if self.monitor is not None and (figures := self.monitor.step()):
            self._pending = figures

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """By now the state counts the step."""
        if self.log is not None and self._pending:
            figures, self._pending = self._pending, {}  # none are left for on_log, which this leads to
            self.log(figures)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        if not self._pending:
            return
        if logs is not None:
            logs.update(self._pending)
        if state.log_history:
            state.log_history[-1].update(self._pending)  # a copy of the logs, made before any callback
        self._pending = {}

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._off()

    def _off(self) -> None:
        if self.monitor is not None:
            self.monitor.close()
        self.monitor, self._pending = None, {}


@lru_cache(maxsize=1)
def _made() -> type:
    """The class, which needs transformers' own to inherit from."""
    base = needed("transformers", "nonlin.integrations.transformers").TrainerCallback
    if not hasattr(base, "on_optimizer_step"):
        raise MissingExtraError(
            "nonlin.integrations.transformers needs a transformers whose callbacks have on_optimizer_step; "
            "install one with: pip install --upgrade transformers"
        )
    return type("MonitorCallback", (_Events, base), {"__doc__": _Events.__doc__, "__module__": __name__})


def __getattr__(name: str) -> Any:
    if name == "MonitorCallback":
        return _made()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
