"""A diagnosis leaves the model, the batch, the optimiser and the random states exactly as they were, whatever happens in it."""

from __future__ import annotations

import copy
import gc
import random
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import nonlin
from nonlin.doctor.diagnose import DiagnosisError, diagnose
from nonlin.doctor.untouched import Untouched


class Busy(nn.Module):
    """A model that changes whatever a forward pass can change."""

    seen: Tensor
    mean: Tensor

    def __init__(self, raises: bool = False) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
        self.drop, self.head = nn.Dropout(0.5), nn.Linear(8, 10)
        self.register_buffer("seen", torch.zeros(()))
        self.register_buffer("mean", torch.zeros(8))
        self.history: list[float] = [1.0]
        self.counts = {"calls": 3}
        self.calls, self.raises = 7, raises
        self.norm.eval()  # one part frozen on purpose

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.counts["calls"] += 1
        self.history.append(float(torch.rand(())) + random.random() + float(np.random.rand()))
        self.seen += 1
        x = self.norm(self.conv(x)).relu_()
        self.mean = 0.9 * self.mean + 0.1 * x.mean((0, 2, 3)).detach()
        self.last = x
        self.head.weight.data.mul_(1.001)  # no version tells of that
        if self.raises:
            raise ValueError("on purpose")
        out: Tensor = self.head(self.drop(x.mean((2, 3))))
        return out


def state(model: nn.Module) -> dict[str, Any]:
    """Everything that could tell a difference, copied."""
    found: dict[str, Any] = {f"value {k}": v.clone() for k, v in model.state_dict().items()}
    found |= {f"grad {k}": None if p.grad is None else p.grad.clone() for k, p in model.named_parameters()}
    found |= {f"identity {k}": id(p) for k, p in model.named_parameters()} | {
        f"buffer {k}": id(b) for k, b in model.named_buffers()
    }
    found |= {f"asks {k}": p.requires_grad for k, p in model.named_parameters()}
    for name, part in model.named_modules():
        found[f"mode {name}"] = part.training
        hooks = (part._forward_hooks, part._forward_pre_hooks, part._backward_hooks, part._backward_pre_hooks)
        found[f"hooks {name}"] = [list(h) for h in hooks]
        found[f"attributes {name}"] = sorted(part.__dict__)
    found["own"] = copy.deepcopy(
        (getattr(model, "history", None), getattr(model, "counts", None), getattr(model, "calls", None))
    )
    numpy = np.random.get_state(legacy=False)
    found |= {"torch": torch.get_rng_state(), "python": random.getstate(), "numpy": str(numpy)}
    found["global hooks"] = (
        len(torch.nn.modules.module._global_forward_hooks),
        len(torch.nn.modules.module._global_forward_pre_hooks),
    )
    found["modes"] = torch._C._len_torch_function_stack()
    return found


def same(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """The names of what differs, bit by bit."""
    assert a.keys() == b.keys()
    return [
        k
        for k in a
        if not (torch.equal(a[k], b[k]) if isinstance(a[k], Tensor) and isinstance(b[k], Tensor) else a[k] == b[k])
    ]


def given(model: nn.Module) -> tuple[Tensor, Tensor]:
    for p in model.parameters():
        p.grad = torch.randn_like(p)
    model.get_parameter("head.bias").grad = None
    return torch.randn(4, 3, 8, 8), torch.randint(0, 10, (4,))


@pytest.mark.parametrize("training", [True, False])
def test_a_busy_model(training: bool) -> None:
    model = Busy().train(training)
    model.norm.eval()
    x, y = given(model)
    kept, before = x.clone(), state(model)
    diagnose(model, x, y, loss="cross_entropy", optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    assert same(before, state(model)) == []
    assert torch.equal(x, kept)
    assert not hasattr(model, "last")


@pytest.mark.parametrize(
    "loss",
    ["cross_entropy", lambda out, y: out, lambda out, y: 1 / 0],
    ids=["model raises", "no scalar", "loss raises"],
)
def test_where_it_fails(loss: Any) -> None:
    model = Busy(raises=loss == "cross_entropy")
    x, y = given(model)
    before = state(model)
    with pytest.raises(nonlin.NonlinError):
        diagnose(model, x, y, loss=loss)
    assert same(before, state(model)) == []


def deep_sigmoid() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(*[layer for _ in range(10) for layer in (nn.Linear(16, 16), nn.Sigmoid())], nn.Linear(16, 4))


def test_steps_on_a_copy_touch_neither_model_nor_optimiser() -> None:
    model = deep_sigmoid()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    x, y = torch.randn(64, 16), torch.randint(0, 4, (64,))
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
    before, moments = state(model), copy.deepcopy(optimizer.state_dict())
    report = diagnose(model, x, y, loss="cross_entropy", optimizer=optimizer)
    assert "D02" in {f.rule for f in report.findings}  # so the steps were tried
    assert same(before, state(model)) == []
    after = optimizer.state_dict()
    assert all(
        torch.equal(moments["state"][i][k], after["state"][i][k])
        for i in moments["state"]
        for k in ("step", "exp_avg", "exp_avg_sq")
    )


def test_experiments_touch_nothing() -> None:
    """The coupling test and the search for an in-place culprit run the model several times."""

    class Batchwise(nn.Sequential):
        def __init__(self) -> None:
            super().__init__(nn.Flatten(), nn.Linear(192, 10), nn.BatchNorm1d(10), nn.Softmax(dim=0))

    class Overwriting(Busy):
        def forward(self, x: Tensor) -> Tensor:
            y = torch.sigmoid(super().forward(x))
            y.relu_()
            return y

    for kind, rule in ((Batchwise, "L12"), (Overwriting, "S05")):
        model: nn.Module = kind()
        x, y = torch.randn(4, 3, 8, 8), torch.randint(0, 10, (4,))
        before = state(model)
        report = diagnose(model, x, y, loss="cross_entropy")
        assert rule in {f.rule for f in report.findings}
        assert same(before, state(model)) == []


def test_an_in_place_first_operation_does_not_reach_the_batch() -> None:
    x = torch.randn(8, 4)
    kept = x.clone()
    diagnose(nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 3)), x, torch.randint(0, 3, (8,)), loss="cross_entropy")
    assert torch.equal(x, kept)


@pytest.mark.parametrize("write", [
    lambda w: w.data.mul_(1.5), lambda w: w.detach().numpy().__imul__(1.5), lambda w: w.detach().mul_(1.5),
    lambda w: setattr(w, "data", w.data * 1.5),
    lambda w: torch.from_numpy(w.detach().numpy()).mul_(1.5),
], ids=["data", "numpy", "detach", "set", "from_numpy"])  # fmt: skip
def test_writes_that_no_version_counts_are_undone(write: Callable[[Any], Any]) -> None:
    class Clipped(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                write(self.weight)
            return super().forward(x)

    model, x, y = Clipped(20, 5), torch.randn(8, 20), torch.randint(0, 5, (8,))
    before = state(model)
    diagnose(model, x, y, loss="cross_entropy")
    assert same(before, state(model)) == []


def test_a_write_in_a_backward_function_is_undone() -> None:
    class Writes(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
            ctx.weight = weight
            return x.clone()

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
            ctx.weight.data.mul_(2.0)
            return grad, None

    class Model(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = Writes.apply(super().forward(x), self.weight.detach())  # type: ignore[no-untyped-call]
            return out

    model, x, y = Model(20, 5), torch.randn(8, 20), torch.randint(0, 5, (8,))
    before = state(model)
    diagnose(model, x, y, loss="cross_entropy")
    assert same(before, state(model)) == []


def test_a_loss_that_is_a_module_is_left_alone() -> None:
    class Centre(nn.Module):
        mean: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.centres = nn.Parameter(torch.randn(3, 3))
            self.register_buffer("mean", torch.zeros(()))

        def forward(self, out: Tensor, y: Tensor) -> Tensor:
            value = (out - self.centres[y]).square().mean()
            self.mean.copy_(value.detach())
            return value

    loss, model = Centre(), nn.Linear(4, 3)
    x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
    before = state(loss)
    diagnose(model, x, y, loss=loss)
    assert same(before, state(loss)) == []


@pytest.mark.parametrize("harm", [
    lambda m: m.conv.weight.data.add_(1e-6), lambda m: m.train(not m.training), lambda m: m.history.append(0.0), lambda m: torch.rand(1),
    lambda m: setattr(m.conv.weight, "grad", None), lambda m: m.conv.requires_grad_(False), lambda m: m.register_forward_hook(print),
    lambda m: setattr(m, "fresh", 1), lambda m: random.random(), lambda m: np.random.rand(),
], ids=["data", "mode", "list", "rng", "grad", "requires_grad", "hook", "attribute", "python rng", "numpy rng"])  # fmt: skip
def test_each_kind_of_harm_is_undone_and_would_be_seen(harm: Callable[[Any], Any]) -> None:
    """The judge of these tests sees each harm, and :class:`Untouched` undoes it."""
    model = Busy()
    given(model)
    before = state(model)
    with Untouched(model):
        harm(model)
        assert any(True for _ in model.parameters())
        changed = state(model) if before.keys() == state(model).keys() else None
        assert changed is None or same(before, changed) != []
    assert same(before, state(model)) == []


def test_a_backward_pass_that_is_still_to_come_comes() -> None:
    """A diagnosis between forward and backward: what batch norm saved is as it was, and known to be."""
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    x, y = torch.randn(16, 4), torch.randint(0, 3, (16,))
    nn.functional.cross_entropy(model(x), y).backward()
    expected = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    model.zero_grad()
    model[1].reset_running_stats()  # type: ignore[operator]
    loss = nn.functional.cross_entropy(model(x), y)
    diagnose(model, x, y, loss="cross_entropy")
    loss.backward()
    assert all(torch.equal(p.grad, e) for p, e in zip(model.parameters(), expected, strict=True) if p.grad is not None)


def test_a_report_keeps_no_graph_alive() -> None:
    """Activations are large: what a report holds of them are samples."""
    kept: list[weakref.ref[Tensor]] = []

    class Kept(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = torch.sigmoid(x)
            kept.append(weakref.ref(y))
            return y.softmax(-1)

    gc.collect()
    gc.disable()  # without the collector's help
    try:
        model = nn.Sequential(nn.Linear(192, 10), Kept())
        report = diagnose(model, torch.randn(4, 192), torch.randint(0, 10, (4,)), loss="cross_entropy")
        assert [f.rule for f in report.findings] == ["L01", "S02"]
        assert all(ref() is None for ref in kept)
    finally:
        gc.enable()


def test_diagnosis_error_names_the_place() -> None:
    with pytest.raises(DiagnosisError, match=r"\(Busy\), given \(4, 3, 8, 8\) float32: ValueError: on purpose"):
        diagnose(Busy(raises=True), torch.randn(4, 3, 8, 8))
