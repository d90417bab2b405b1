"""A monitor as a callback of Lightning: ``from nonlin.integrations.lightning import MonitorCallback``."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nonlin.errors import MissingExtraError
from nonlin.integrations import needed

if TYPE_CHECKING:
    from nonlin.doctor.monitor import Monitor

PACKAGES = ("lightning.pytorch", "pytorch_lightning")  # the same code under two names; a trainer comes from one of them


class _Hooks:
    """Log the figures of :class:`nonlin.Monitor` of the module that is trained, by ``log_dict``.

    A step is one of an optimizer, however many batches are accumulated for it. What ``training_step`` runs is watched, whether it calls
    the module itself or parts of it. Works with ``lightning`` and ``pytorch_lightning``::

        trainer = lightning.Trainer(callbacks=[MonitorCallback(every=200)])

    Args:
        every: how many optimizer steps lie between figures.

    Raises:
        MissingExtraError: at the import of the name, where neither package is installed.
    """

    def __init__(self, every: int = 200) -> None:
        super().__init__()
        self.every = every
        self.monitor: Monitor | None = None
        self._step, self._own = 0, None

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        from nonlin.doctor.monitor import Monitor

        self._off(pl_module)
        monitor = self.monitor = Monitor(pl_module, self.every).start()
        self._step = trainer.global_step
        training_step = pl_module.training_step

        # training_step is no call of the module, so that hooks on the module would miss what it runs
        def watched(*args: Any, **kwargs: Any) -> Any:
            with monitor.watch():
                return training_step(*args, **kwargs)

        self._own = vars(pl_module).get("training_step")  # a compiled one lies on the module itself
        pl_module.training_step = watched

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Gradients are still there: Lightning sets them to zero after the next forward pass."""
        if self.monitor is None or trainer.global_step == self._step:  # accumulating
            return
        self._step = trainer.global_step
        if figures := self.monitor.step():
            pl_module.log_dict(figures)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self._off(pl_module)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self._off(pl_module)

    def _off(self, pl_module: Any) -> None:
        if self.monitor is None:
            return
        self.monitor.close()
        self.monitor = None
        del pl_module.training_step
        if self._own is not None:
            pl_module.training_step = self._own


@lru_cache(maxsize=1)
def _made() -> type:
    """The class, which needs Lightning's own to inherit from."""
    loaded = [name for name in PACKAGES if sys.modules.get(name) is not None]
    try:
        package = needed((loaded or PACKAGES)[0], "nonlin.integrations.lightning", "lightning")
    except MissingExtraError:
        try:
            package = import_module(PACKAGES[1])
        except ModuleNotFoundError:
            package = None
        if package is None:
            raise
    return type("MonitorCallback", (_Hooks, package.Callback), {"__doc__": _Hooks.__doc__, "__module__": __name__})


def __getattr__(name: str) -> Any:
    if name == "MonitorCallback":
        return _made()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
