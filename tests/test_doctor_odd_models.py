"""Models that do what few do: the diagnosis comes through, and says what it could not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.report import Report
from nonlin.errors import ArgumentError


class Net(nn.Module):
    """A layer, whatever is done to its output, and a head."""

    def __init__(self, middle: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.head, self.middle = nn.Linear(20, 16), nn.Linear(16, 5), middle

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(self.middle(self.layer(x)))
        return out


def of(middle: Callable[[Tensor], Tensor], batch: Tensor | None = None) -> Report:
    x = torch.randn(32, 20) if batch is None else batch
    return diagnose(Net(middle), x, torch.randint(0, 5, (len(x),)), loss="cross_entropy")


@pytest.mark.parametrize("middle", [
    lambda z: torch.func.vmap(torch.relu)(z),
    lambda z: torch.func.grad(lambda a: torch.relu(a).square().sum())(z),
    lambda z: torch.view_as_real(torch.fft.fft(z)).relu().sum(-1),
    lambda z: z.to_sparse().to_dense().relu(),
    lambda z: torch.stack([row.relu() for row in z.unbind()]),
    lambda z: torch.relu(z.long()).to(z.dtype) + z,
    lambda z: z.relu().squeeze(0),
    lambda z: torch.nested.nested_tensor([z]).to_padded_tensor(0.0)[0].relu() + z,
    lambda z: F.relu(input=z),
    lambda z: z.double().relu().float(),
    lambda z: torch.softmax(z, dim=-1, dtype=torch.float64).float() * z,
    lambda z: z.relu().T.T.contiguous(),
    lambda z: F.rrelu(z, training=True),
    lambda z: z * z.sigmoid(),
], ids=lambda f: "case")  # fmt: skip
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors", "ignore:Sparse")
def test_an_odd_operation(middle: Callable[[Tensor], Tensor]) -> None:
    report = of(middle)
    assert report.ok, str(report)
    assert report.activations or report.unseen


def test_what_runs_in_a_transform_is_said_to_be_unseen() -> None:
    assert any("torch.func" in why for why in of(lambda z: torch.func.vmap(torch.relu)(z)).unseen.values())


@pytest.mark.parametrize("rows", [1, 2])
def test_tiny_batches(rows: int) -> None:
    assert of(torch.relu, torch.randn(rows, 20)).ok


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"the batch is empty, \(0, 20\) float32"):
        of(torch.relu, torch.randn(0, 20))


def test_autocast_and_16_bits() -> None:
    model = Net(torch.relu)
    x, y = torch.randn(32, 20), torch.randint(0, 5, (32,))
    with torch.autocast("cpu", torch.bfloat16):
        assert diagnose(model, x, y, loss="cross_entropy").ok
    for dtype in (torch.bfloat16, torch.float64):
        found = diagnose(
            Net(lambda z: z.softmax(-1)).to(dtype),
            x.to(dtype),
            y,
            loss=lambda out, t: F.cross_entropy(out.softmax(-1), t),
        )
        assert "L01" in {f.rule for f in found.findings}


def test_a_module_that_is_used_twice_and_one_that_is_shared() -> None:
    act = nn.Tanh()
    layer = nn.Linear(20, 20)
    report = diagnose(
        nn.Sequential(layer, act, layer, act, nn.Linear(20, 5)),
        torch.randn(32, 20),
        torch.randint(0, 5, (32,)),
        loss="cross_entropy",
    )
    assert report.ok
    assert [a.name for a in report.activations] == ["tanh", "tanh"]


def test_several_inputs_and_outputs_and_a_loss_of_ones_own() -> None:
    class Pair(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(20, 8), nn.Linear(10, 8)

        def forward(self, x: Tensor, *, other: Tensor) -> dict[str, Any]:
            return {"mean": self.a(x), "scale": F.softplus(self.b(other)), "name": "pair"}

    def loss(out: dict[str, Tensor], y: dict[str, Tensor]) -> Tensor:
        return F.gaussian_nll_loss(out["mean"], y["value"], out["scale"])

    report = diagnose(
        Pair(), {"x": torch.randn(32, 20), "other": torch.randn(32, 10)}, {"value": torch.randn(32, 8)}, loss=loss
    )
    assert report.ok
    assert [a.name for a in report.activations] == ["softplus"]


def test_a_tensor_subclass_comes_through() -> None:
    class Own(Tensor):
        pass

    x = torch.randn(32, 20).as_subclass(Own)
    assert diagnose(Net(torch.relu), x, torch.randint(0, 5, (32,)), loss="cross_entropy").ok


def test_a_diagnosis_inside_a_mode_and_of_two_models_in_turn() -> None:
    """One recorder leaves nothing behind for the next."""
    for _ in range(2):
        assert [f.rule for f in of(lambda z: z.softmax(-1)).findings] == ["S04"]
        assert of(torch.relu).ok
    assert torch._C._len_torch_function_stack() == 0
