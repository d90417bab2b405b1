"""Structure: where each rule begins and ends, the smallest case that it speaks of beside one that it must not."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nonlin.doctor.diagnose import diagnose
from tests.doctor_nets import classes, found, layers, of, x


def test_s02_where_half_of_the_range_is_left() -> None:
    bce = classes(count=2).float()[:, None].expand(64, 10)
    assert of(lambda z: torch.sigmoid(F.relu(z)), bce, "bce") == {"S02": "warning"}
    assert of(lambda z: torch.sigmoid(F.leaky_relu(z)), bce, "bce") == {}


def test_s04_leaves_mixtures_alone() -> None:
    topics = nn.Linear(64, 10, bias=False)
    assert layers(nn.Linear(20, 64), nn.Softmax(1), topics) == {}
    assert layers(nn.Linear(20, 64), nn.Softmax(1), nn.Linear(64, 10).requires_grad_(False)) == {}
    assert layers(nn.Linear(20, 64), nn.Softmax(1), nn.Linear(64, 32, bias=False), nn.ReLU(), nn.Linear(32, 10)) == {
        "S04": "warning"
    }


@pytest.mark.parametrize(("hidden", "between", "expected"), [
    (64, nn.Identity(), "warning"), (64, nn.Dropout(), "warning"), (64, nn.Unflatten(1, (4, 16)), None),
    (10, nn.Identity(), "note"), (4, nn.Identity(), None),
    (64, nn.ReLU(), None), (64, nn.BatchNorm1d(64), None), (64, nn.LayerNorm(64), None),
])  # fmt: skip
def test_s01(hidden: int, between: nn.Module, expected: str | None) -> None:
    last = (
        nn.Sequential(nn.Linear(16, 10), nn.ReLU(), nn.Flatten(), nn.Linear(40, 10))
        if isinstance(between, nn.Unflatten)
        else nn.Linear(hidden, 10)
    )
    seen = layers(nn.Linear(20, hidden), between, last)
    assert seen.get("S01") == expected


def images(*modules: nn.Module, channels: int = 8) -> dict[str, str]:
    torch.manual_seed(0)
    model = nn.Sequential(*modules, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LazyLinear(10))
    batch = torch.randn(16, channels, 12, 12)
    model(batch)
    return found(diagnose(model, batch, classes(16), loss="cross_entropy"))


def test_s01_for_convolutions() -> None:
    assert images(nn.Conv2d(8, 32, 3), nn.Conv2d(32, 16, 1))["S01"] == "warning"
    # 23,040 weights where one 5x5 has 6,400
    assert images(nn.Conv2d(8, 64, 3), nn.Conv2d(64, 32, 3))["S01"] == "warning"
    assert images(nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3)) == {}  # two 3x3 save against one 5x5
    assert images(nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 32, 1)) == {}  # separable
    assert images(nn.Conv2d(8, 2, 1), nn.Conv2d(2, 32, 3)) == {}  # a bottleneck


def test_s02() -> None:
    bce = classes(count=2).float()[:, None].expand(64, 10)
    assert of(lambda z: torch.sigmoid(torch.tanh(z)), bce, "bce")["S02"] == "warning"
    assert "S02" not in of(lambda z: torch.sigmoid(z.clamp(-10, 10)), bce, "bce")
    assert "S02" not in of(lambda z: torch.sigmoid(10 * torch.tanh(z)), bce, "bce")


def test_s03() -> None:
    assert layers(nn.Linear(20, 64), nn.ReLU(), nn.ReLU(), nn.Linear(64, 10)) == {"S03": "note"}
    assert layers(nn.Linear(20, 64), nn.Sigmoid(), nn.ReLU(), nn.Linear(64, 10)) == {"S03": "note"}
    assert layers(nn.Linear(20, 64), nn.LeakyReLU(), nn.ReLU(), nn.Linear(64, 10)) == {}


def test_s04() -> None:
    assert layers(nn.Linear(20, 64), nn.Softmax(1), nn.Linear(64, 10)) == {"S04": "warning"}
    torch.manual_seed(0)
    mixture = nn.Parameter(torch.randn(64, 10))
    assert layers(nn.Linear(20, 64), Mixed(mixture)) == {}


class Mixed(nn.Module):
    """Weights of a learned memory, which is no layer."""

    def __init__(self, memory: nn.Parameter) -> None:
        super().__init__()
        self.memory = memory

    def forward(self, x: Tensor) -> Tensor:
        return x.softmax(-1) @ self.memory


def test_s06_for_dropout() -> None:
    deep = [nn.Linear(20, 64), nn.SELU(), nn.Dropout(0.1), nn.Linear(64, 10)]
    for module in (deep[0], deep[3]):
        nn.init.kaiming_normal_(module.weight, nonlinearity="linear")  # type: ignore[arg-type]
    assert layers(*deep) == {"S06": "warning"}
    assert layers(deep[0], deep[1], nn.AlphaDropout(0.1), deep[3]) == {}
    assert (
        found(diagnose(nn.Sequential(*deep).eval(), x(), classes(), loss="cross_entropy")) == {}
    )  # no dropout, nothing to say
