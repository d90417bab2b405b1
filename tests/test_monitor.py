"""The monitor: its figures are right, training is the same bits with it, and nothing of it stays behind."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import _SingleLevelFunction
from torch.nn.modules import module as torch_module
from torch.utils.checkpoint import checkpoint

import nonlin
from nonlin.doctor.monitor import Monitor, NotStartedError
from nonlin.errors import ArgumentError, BoundsError


def traces(model: nn.Module) -> list[int]:
    """Whatever a monitor may leave: hooks of the model and of all modules, function modes, the door of custom functions."""
    return [
        len(model._forward_hooks),
        len(model._forward_pre_hooks),
        len(torch_module._global_forward_hooks),
        len(torch_module._global_forward_pre_hooks),
        torch._C._len_torch_function_stack(),
        "apply" in vars(_SingleLevelFunction),
    ]


CLEAN = [0] * 6


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    yield
    assert traces(nn.Module()) == CLEAN


class Net(nn.Module):
    """Activations as modules, functions and formulas, one of them run twice on two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 1)
        self.act, self.drop = nn.ReLU(), nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.a(x))
        x = self.act(self.b(self.drop(x)))
        x = F.relu(x - 0.1)
        x = (x - 0.1).clamp(min=0)
        return self.c(torch.tanh(x))  # type: ignore[no-any-return]


def trained(monitored: bool, make: Callable[[], nn.Module] = Net) -> tuple[nn.Module, list[float], Tensor]:
    """(model, losses, random state) after six steps."""
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    monitor = Monitor(model, every=2).start() if monitored else None
    losses = []
    for _ in range(6):
        loss = model(torch.randn(64, 8)).square().mean()
        loss.backward()
        optimizer.step()
        if monitor is not None:
            monitor.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    if monitor is not None:
        monitor.close()
    return model, losses, torch.get_rng_state()


def test_the_same_bits() -> None:
    (plain, losses, state), (watched, also, rng) = trained(False), trained(True)
    assert losses == also
    assert torch.equal(state, rng)
    for p, q in zip(plain.parameters(), watched.parameters(), strict=True):
        assert torch.equal(p, q)


def test_figures() -> None:
    """Each figure against its definition, two forward passes of one step pooled."""
    rectified, saturated = nn.Linear(8, 32), nn.Linear(32, 16)
    model = nn.Sequential(rectified, nn.ReLU(), saturated, nn.Sigmoid(), nn.Linear(16, 1))
    with torch.no_grad():
        rectified.bias[:24] = -100
        rectified.bias[0] = 0.5  # fires in the second pass alone
        rectified.weight[0] = 0
        rectified.weight[0, 0] = 1
        saturated.weight.mul_(20)
    first, second = torch.randn(600, 8), torch.randn(600, 8)
    first[:, 0], second[:, 0] = -1, 1
    with Monitor(model) as monitor:
        for x in (first, second):
            model(x).mean().backward()
        found = monitor.step()
    with torch.no_grad():
        hidden = rectified(torch.cat([first, second])).relu()
        sigmoid = saturated(hidden).sigmoid()
    assert found["1.ReLU/dead"] == float((hidden.amax(0) <= 0).double().mean()) == 23 / 32
    flat = float((4 * sigmoid * (1 - sigmoid) < 0.01).double().mean())
    assert found["3.Sigmoid/flat"] == pytest.approx(flat, abs=0.03)
    assert found["3.Sigmoid/rms"] == pytest.approx(float(sigmoid.square().mean().sqrt()), rel=0.03)
    assert saturated.weight.grad is not None
    gradient = float(saturated.weight.grad.square().mean().sqrt())
    assert found["2.weight/grad_rms"] == pytest.approx(gradient)
    assert found["2.weight/update"] == pytest.approx(gradient / float(saturated.weight.detach().square().mean().sqrt()))
    assert found["nonfinite"] == 0
    assert "0.bias/grad_rms" not in found
    assert all(type(value) is float for value in found.values())


def test_steps() -> None:
    model = nn.Linear(2, 2)
    with Monitor(model, every=4) as monitor:
        on, carried = [], []
        for step in range(1, 10):
            carried.append(len(model._forward_hooks))
            if monitor.step():
                on.append(step)
    assert on == [1, 4, 8]
    assert carried == [step in on for step in range(1, 10)]


def test_without_gradients() -> None:
    """Evaluation between steps is not looked at, nor are parameters without a gradient."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    with Monitor(model) as monitor:
        with torch.no_grad():
            model(torch.randn(9, 4))
        assert monitor.step() == {"nonfinite": 0.0}


def test_dead_units_need_positions() -> None:
    """400 a step: units are judged at the third, and anew at the sixth."""
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
    with Monitor(model, every=1) as monitor:
        told = []
        for _ in range(6):
            model(torch.randn(400, 4))
            told.append("1.ReLU/dead" in monitor.step())
    assert told == [False, False, True] * 2


def test_nonfinite() -> None:
    first = nn.Linear(4, 4)
    model = nn.Sequential(first, nn.Softplus(), nn.Linear(4, 3))
    with torch.no_grad():
        first.bias[1] = torch.inf
    with Monitor(model) as monitor:
        model(torch.randn(10, 4)).sum().backward()
        bad = sum(int((~p.grad.isfinite()).sum()) for p in model.parameters() if p.grad is not None and p.ndim > 1)
        assert bad > 0
        assert monitor.step()["nonfinite"] == 10 + bad


def test_names() -> None:
    model = Net()
    with Monitor(model) as monitor:
        for _ in range(2):
            model(torch.randn(600, 8))
        names = {name for name in monitor.step() if name.endswith("/rms")}
    assert names == {f"{label}/rms" for label in ("act.ReLU", "act.ReLU-2", "relu", "relu-2", "tanh")}


def test_one_line_called_from_two() -> None:
    """A Sequential is called on lines outside of it, which say nothing of its activations."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    with Monitor(model) as monitor:
        model(torch.randn(2, 4))
        model(torch.randn(2, 4))
        assert set(monitor.step()) == {"1.ReLU/rms", "nonfinite"}


class Fails(nn.Module):
    def forward(self, x: Tensor, error: type[BaseException] = ValueError) -> Tensor:
        F.relu(x)
        raise error("on purpose")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_exceptions(error: type[BaseException]) -> None:
    model = Fails()
    with Monitor(model) as monitor:
        with pytest.raises(error):
            model(torch.ones(3), error)
        if error is ValueError:
            assert traces(model) == [1, 1, 0, 0, 0, 0]  # the next pass of this step is still to be watched
        assert monitor.step() == {"nonfinite": 0.0}
        assert traces(model) == CLEAN
    with pytest.raises(error), Monitor(model):
        model(torch.ones(3), error)
    assert traces(model) == CLEAN


def apply(function: Any, x: Tensor) -> Tensor:
    return function.apply(x)  # type: ignore[no-any-return]


class Rectify(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.relu()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0]


class Custom(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner, self.last = nn.Sequential(nn.Linear(4, 4), nn.Tanh()), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.last(apply(Rectify, self.inner(x)))
        return 1 / (1 + torch.exp(-x))


def test_one_in_another() -> None:
    """Two monitors of one model and one of a part of it see what one alone sees."""
    model = Custom()

    def passed() -> None:
        model(torch.randn(2000, 4)).sum().backward()

    with Monitor(model) as alone:
        passed()
        expected = alone.step()
    assert {"relu/rms", "relu/dead", "inner.1.Tanh/flat", "sigmoid/flat"} <= set(expected)
    assert len(expected) == 2 + 2 + 2 + 2 * 2 + 1
    with Monitor(model) as outer, Monitor(model, every=1) as inner, Monitor(model.inner) as part:
        passed()
        assert set(inner.step()) == set(outer.step()) == set(expected)
        assert {name for name in part.step() if "Tanh" in name} == {"1.Tanh/rms", "1.Tanh/flat"}
        passed()  # only the one of every step
        assert (set(inner.step()), outer.step()) == (set(expected), {})
    assert traces(model) == CLEAN


def test_start_and_close() -> None:
    monitor = Monitor(Net())
    with pytest.raises(NotStartedError, match="start"):
        monitor.step()
    assert monitor.start() is monitor.start()
    assert monitor.step()
    monitor.close()
    monitor.close()
    with pytest.raises(NotStartedError):
        monitor.step()
    with monitor:
        assert monitor.step(), "steps are counted from 1 again"


def test_arguments() -> None:
    assert vars(nonlin)["_PUBLIC"]["Monitor"] == Monitor.__module__
    made: Any = Monitor
    with pytest.raises(ArgumentError, match="model is a int"):
        made(3)
    with pytest.raises(ArgumentError, match="every is a float"):
        made(Net(), every=2.0)
    with pytest.raises(BoundsError, match="every=0"):
        made(Net(), every=0)


def test_copies_are_not_watched() -> None:
    model = Net()
    with Monitor(model) as monitor:
        twin, loaded = copy.deepcopy(model), pickle.loads(pickle.dumps(model))
        for other in (twin, loaded):
            other(torch.randn(5, 8))
        assert monitor.step() == {"nonfinite": 0.0}


def test_methods_of_a_model() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    with Monitor(model) as monitor:
        with monitor.watch():
            model(model[1](torch.ones(3, 4)))
            model[1](torch.ones(3, 4))
        with pytest.raises(ValueError, match="on purpose"), monitor.watch():  # what fails is left out
            Fails()(model[1](torch.full((3, 4), torch.inf)))
        try:
            raise ValueError
        except ValueError:
            with monitor.watch():
                model[1](torch.full((3, 4), torch.nan))
        assert monitor.step()["nonfinite"] == 12
        with monitor.watch():
            assert traces(model) == CLEAN
        assert monitor.step() == {}


def test_the_graph_is_let_go() -> None:
    class Kept:
        pass

    held: list[weakref.ref[Kept]] = []

    class Holds(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            ctx.kept = Kept()
            held.append(weakref.ref(ctx.kept))
            return x.clone()

        @staticmethod
        def backward(ctx: Any, *grads: Tensor) -> Tensor:
            return grads[0]

    class Model(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.tanh(apply(Holds, x))

    model = Model()
    gc.disable()
    try:
        with Monitor(model):
            model(torch.ones(3, requires_grad=True))
        assert held[0]() is None
    finally:
        gc.enable()


def test_checkpoint_vmap_fused() -> None:
    """Recomputing sees no monitor; what a transform or a fused operation hides is told."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block, self.lstm = nn.Sequential(nn.Linear(4, 4), nn.GELU()), nn.LSTM(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            x = checkpoint(self.block, x, use_reentrant=False)
            x = torch.vmap(lambda row: torch.maximum(row, torch.zeros(4)).relu())(x)
            return self.lstm(x)[0]  # type: ignore[no-any-return]

    model = Model()
    with Monitor(model) as monitor:
        model(torch.randn(5, 4)).sum().backward()
        assert "block.1.GELU/rms" in monitor.step()
    assert "torch.func" in monitor.unseen["the model"]
    assert "lstm is one operation" in monitor.unseen["lstm"]


def test_what_cannot_be_measured_stops_nothing() -> None:
    model = nn.Sequential(nn.ReLU())
    with Monitor(model) as monitor:
        model(torch.ones(3, 2, device="meta"))
        assert monitor.step() == {"nonfinite": 0.0}
    assert "could not be measured" in str(monitor.unseen)


def test_replicas() -> None:
    """As DataParallel runs them: copies in threads of their own, of which one at a time is watched, under the model's names."""
    model = Net()
    replicas = [model._replicate_for_data_parallel() for _ in range(3)]  # type: ignore[no-untyped-call]
    for replica in replicas:
        replica._modules = {name: copy.copy(child) for name, child in model._modules.items()}
    with Monitor(nn.DataParallel(model)) as monitor:
        threads = [threading.Thread(target=replica, args=(torch.randn(1000, 8),)) for replica in replicas]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        names = {name for name in monitor.step() if name.endswith("/dead")}
    assert names == {f"{label}/dead" for label in ("act.ReLU", "act.ReLU-2", "relu", "relu-2")}


def test_other_threads() -> None:
    """What another thread runs in the middle of a watched pass, as a replica does, changes no name and adds no figure."""
    inside, leave = threading.Event(), threading.Event()

    class Other(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            inside.set()
            leave.wait(10)
            return apply(Rectify, x.tanh())

    class Part(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            other = threading.Thread(target=Other(), args=(torch.ones(20),))
            other.start()
            inside.wait(10)
            x = x.relu()
            leave.set()
            other.join()
            return x

    with Monitor(nn.Sequential(Part())) as monitor:
        monitor._model(torch.ones(20, 2))
        assert set(monitor.step()) == {"0.relu/rms", "nonfinite"}


@pytest.mark.parametrize("way", ["wrapped", "inner", "in place", "part"])
def test_compiled(way: str) -> None:
    """A compiled model is seen too; it is compiled once, runs compiled on all other steps, and warns of nothing."""
    compiled, ran = 0, 0

    def backend(graph: Any, inputs: Any) -> Callable[..., Any]:
        nonlocal compiled
        compiled += 1

        def run(*args: Any) -> Any:
            nonlocal ran
            ran += 1
            return graph.forward(*args)

        return run

    model, plain = Net(), Net()
    with Monitor(plain) as monitor:
        plain(torch.randn(1000, 8)).sum().backward()
        expected = monitor.step()
    torch._dynamo.reset()
    given: Any = model
    called: Any = model
    if way in ("wrapped", "inner"):
        called = torch.compile(model, backend=backend)
        given = called if way == "wrapped" else model
    elif way == "in place":
        model.compile(backend=backend)
    else:
        model.a = torch.compile(model.a, backend=backend)  # type: ignore[assignment]
    with Monitor(given, every=4) as monitor:
        for step in range(1, 9):
            called(torch.randn(1000, 8)).sum().backward()
            found = monitor.step()
            assert set(found) == (set(expected) if step in (1, 4, 8) else set()), f"step {step}"
    assert (compiled, ran) == (1, 5)
    called(torch.randn(1000, 8))
    assert (compiled, ran) == (1, 6), "compiled code runs again"
