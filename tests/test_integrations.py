"""The monitor in the trainers of others: Lightning's against a stand-in, transformers' where it is installed."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import nonlin.integrations.lightning
import nonlin.integrations.transformers
from nonlin.errors import ArgumentError, MissingExtraError
from nonlin.integrations import needed, tensorboard
from nonlin.integrations.lightning import _made as lightning_made
from nonlin.integrations.transformers import _made as transformers_made

LIGHTNING: Any = nonlin.integrations.lightning
TRANSFORMERS: Any = nonlin.integrations.transformers


@pytest.fixture(autouse=True)
def _made_anew() -> Iterator[None]:
    yield
    lightning_made.cache_clear()
    transformers_made.cache_clear()


def test_nothing_is_imported_early() -> None:
    code = (
        "import nonlin.integrations.lightning, nonlin.integrations.transformers, nonlin.integrations.tensorboard, sys\n"
        "print({'lightning', 'pytorch_lightning', 'transformers', 'tensorboard', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("module", "package"),
    [("lightning", "lightning"), ("lightning", "pytorch_lightning"), ("transformers", "transformers")],
)
def test_missing(module: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in ("lightning", "pytorch_lightning", "transformers"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Without("lightning", "pytorch_lightning", "transformers"), *sys.meta_path])
    with pytest.raises(MissingExtraError, match=f"pip install {module}"):
        _ = importlib.import_module(f"nonlin.integrations.{module}").MonitorCallback
    with pytest.raises(MissingExtraError, match=f"needs {package}, .* pip install p"):
        needed(package, "a test", "p")


class Without:
    """A finder that finds some packages missing."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_an_error_inside_is_no_missing_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "broken_package.py").write_text("import no_such_thing", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_thing") as caught:
        needed("broken_package", "a test")
    assert not isinstance(caught.value, MissingExtraError)


@pytest.mark.parametrize("module", [LIGHTNING, TRANSFORMERS])
def test_no_other_name(module: Any) -> None:
    with pytest.raises(AttributeError, match="Monitr"):
        _ = module.Monitr


class Lit(nn.Module):
    """What the callback asks of a LightningModule; its training_step calls a part of it, as many do."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
        self.logged: list[dict[str, float]] = []

    def training_step(self, batch: Tensor, index: int) -> Tensor:
        return self.body(batch).sum()  # type: ignore[no-any-return]

    def log_dict(self, figures: dict[str, float]) -> None:
        self.logged.append(figures)


class Stood:
    """Stands in for lightning.pytorch.Callback."""

    def __init__(self) -> None:
        self.stood = True


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
def test_lightning(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches a step, the figures of the first step and every third; nothing is left on the module."""
    for name in ("lightning.pytorch", "pytorch_lightning"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    stood: Any = ModuleType(package)
    stood.Callback = Stood
    if "." in package:
        monkeypatch.setitem(sys.modules, "lightning", ModuleType("lightning"))
    monkeypatch.setitem(sys.modules, package, stood)
    callback = LIGHTNING.MonitorCallback(every=3)
    assert Stood in type(callback).__mro__
    assert callback.stood
    assert type(callback) is LIGHTNING.MonitorCallback

    module, trainer = Lit(), SimpleNamespace(global_step=0)
    callback.on_train_start(trainer, module)
    seen = []
    for batch in range(12):
        module.training_step(torch.randn(600, 4), batch).backward()
        trainer.global_step = (batch + 1) // 2
        callback.on_train_batch_end(trainer, module, None, None, batch)
        seen.append(len(module.logged))
    assert seen == [0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3]
    keys = {"body.1.ReLU/rms", "body.1.ReLU/dead", "body.0.weight/grad_rms", "body.0.weight/update", "nonfinite"}
    assert all(set(figures) == keys for figures in module.logged)
    callback.on_train_end(trainer, module)
    assert "training_step" not in vars(module)

    own = module.__dict__["training_step"] = module.training_step  # as a compiled one is put there
    callback.on_train_start(trainer, module)
    callback.on_exception(trainer, module, ValueError())
    assert vars(module)["training_step"] is own
    assert not module._forward_hooks


@pytest.fixture
def callbacks() -> Any:
    if find_spec("transformers") is None:
        pytest.skip("transformers is not installed: its callbacks cannot be made")
    return importlib.import_module("transformers.trainer_callback")


def test_transformers(callbacks: Any) -> None:
    """Figures reach the logs, the history, and the callbacks after this one; with ``log`` they go there at once."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    callback = TRANSFORMERS.MonitorCallback(every=2)
    assert isinstance(callback, callbacks.TrainerCallback)
    state, control, arguments = callbacks.TrainerState(), callbacks.TrainerControl(), None
    handler = callbacks.CallbackHandler([callback], model, None, None, None)

    def steps(count: int) -> None:
        for _ in range(count):
            model(torch.randn(1000, 4)).sum().backward()
            handler.on_optimizer_step(None, state, control)
            model.zero_grad()
            state.global_step += 1
            handler.on_step_end(arguments, state, control)

    handler.on_train_begin(None, state, control)
    for logged in (True, False):
        steps(2 if logged else 1)
        logs = {"loss": 1.0}
        state.log_history.append({**logs, "step": 2})
        handler.on_log(None, state, control, logs)
        assert ("1.ReLU/dead" in logs) is ("1.ReLU/dead" in state.log_history[-1]) is logged
        assert logs["loss"] == 1.0
    assert logs == {"loss": 1.0}, "step 3 has no figures, and those of step 2 were told"
    got: list[tuple[int, bool]] = []

    def log(figures: dict[str, float]) -> None:  # as the trainer's, which tells callbacks
        logs = {"0.weight/grad_rms": 0.0} if "0.weight/grad_rms" in figures else {}
        handler.on_log(None, state, control, logs)
        got.append((state.global_step, list(logs) == ["0.weight/grad_rms"]))

    callback.log = log
    steps(3)
    assert got == [(4, True), (6, True)]
    handler.on_train_begin(None, state, control)  # after an exception: the old one is closed
    assert len(model._forward_hooks) == 1
    handler.on_train_end(None, state, control)
    assert not model._forward_hooks


def test_old_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    old: Any = ModuleType("transformers")
    old.TrainerCallback = type("TrainerCallback", (), {})
    monkeypatch.setitem(sys.modules, "transformers", old)
    with pytest.raises(MissingExtraError, match="pip install --upgrade transformers"):
        _ = TRANSFORMERS.MonitorCallback


def test_tensorboard() -> None:
    written = []
    tensorboard.write(SimpleNamespace(add_scalar=lambda *scalar: written.append(scalar)), {"a/rms": 0.5, "b": 1.0}, 7)
    assert written == [("a/rms", 0.5, 7), ("b", 1.0, 7)]
    with pytest.raises(ArgumentError, match="writer is a str"):
        tensorboard.write("runs", {}, 1)
