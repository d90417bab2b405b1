"""Dynamics, and numbers that are not finite: where each rule begins and ends; and what sets a finding aside."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.finding import rules
from tests.doctor_nets import ROWS, Net, classes, found, x


def test_n01_for_a_gradient() -> None:
    """A distance of 0 is finite, its derivative is not."""
    report = diagnose(Net(lambda z: ((z - z.detach()) ** 2).sum(1).sqrt() + z.sum(1)), x(), torch.randn(64), loss="mse")
    (finding,) = [f for f in report.findings if f.rule == "N01"]
    assert "the derivative of sqrt is the first that is not finite" in finding.message


@pytest.mark.parametrize(("dead", "rows", "expected"), [
    (64, ROWS, "error"), (60, ROWS, "warning"), (40, ROWS, None), (64, 900, None), (60, 900, None),
])  # fmt: skip
def test_d03(dead: int, rows: int, expected: str | None) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10))
    with torch.no_grad():
        model[0].bias[:dead] = -100  # type: ignore[operator]
    report = diagnose(model, x(rows), classes(rows), loss="cross_entropy")
    assert found(report).get("D03") == expected
    if expected:
        finding = next(f for f in report.findings if f.rule == "D03")
        assert (finding.numbers["dead"], finding.numbers["units"], finding.numbers["positions"]) == (dead, 64, rows)
    assert f"was seen on: {rows}" in str(report)


def test_what_the_loss_does_not_use_is_not_judged() -> None:
    class Spare(nn.Module):
        """A dead branch and a softmax that nothing comes of."""

        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.layer, self.spare = nn.Linear(20, 10), nn.Linear(20, 64)

        def forward(self, x: Tensor) -> Tensor:
            dead = torch.relu(self.spare(x) - 100)
            self.kept = F.log_softmax(dead.softmax(-1), -1)
            out: Tensor = self.layer(x)
            return out

    report = diagnose(Spare(), x(ROWS), classes(ROWS), loss="cross_entropy")
    assert report.findings == []
    assert [a.used for a in report.activations] == [False, False, False]


def test_d03_counts_positions_of_images() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    with torch.no_grad():
        model[0].bias[:] = -100  # type: ignore[operator]
    report = diagnose(model, torch.randn(8, 3, 16, 16), classes(8), loss="cross_entropy")
    assert next(f for f in report.findings if f.rule == "D03").numbers["positions"] == 8 * 14 * 14


@pytest.mark.parametrize(
    ("scale", "act", "expected"),
    [(100, nn.Tanh(), "warning"), (100, nn.Sigmoid(), "warning"), (1, nn.Tanh(), None), (100, nn.ReLU(), None)],
)
def test_d04(scale: float, act: nn.Module, expected: str | None) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(20, 64), act, nn.Linear(64, 10))
    assert found(diagnose(model, scale * x(), classes(), loss="cross_entropy")).get("D04") == expected


def test_d04_exempts_gates() -> None:
    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(20, 64), nn.Linear(20, 64), nn.Linear(64, 10)

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.c(self.a(x) * torch.sigmoid(100 * self.b(x)))
            return out

    assert found(diagnose(Gated(), x(), classes(), loss="cross_entropy")) == {}


@pytest.mark.parametrize(
    ("fused", "scale", "expected"), [(f, s, e) for f in (True, False) for s, e in ((0.125, None), (20.0, "warning"))]
)
def test_d05(fused: bool, scale: float, expected: str | None) -> None:
    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.q, self.k, self.v, self.head = (
                nn.Linear(64, 64),
                nn.Linear(64, 64),
                nn.Linear(64, 64),
                nn.Linear(64, 10),
            )

        def forward(self, x: Tensor) -> Tensor:
            q, k, v = self.q(x), self.k(x), self.v(x)
            if fused:
                mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)
            else:
                hidden = torch.ones(24, 24, dtype=torch.bool).triu(1)
                mixed = (scale * q @ k.transpose(1, 2)).masked_fill(hidden, -torch.inf).softmax(-1) @ v
            out: Tensor = self.head(mixed.mean(1))
            return out

    torch.manual_seed(0)
    assert (
        found(diagnose(Attention(), torch.randn(16, 24, 64), classes(16), loss="cross_entropy")).get("D05") == expected
    )


def deep(gain: float, norm: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    model = nn.Sequential()
    for _ in range(8):
        layer = nn.Linear(20 if not len(model) else 64, 64, bias=False)
        nn.init.normal_(layer.weight, 0, gain / layer.in_features**0.5)
        model.extend([layer, *([nn.LayerNorm(64)] if norm else []), nn.ReLU()])
    return model.append(nn.Linear(64, 10))


@pytest.mark.parametrize(("gain", "norm", "expected"), [
    (math.sqrt(2), False, None), (0.3, False, "warning"), (10.0, False, "warning"), (0.3, True, None),
])  # fmt: skip
def test_d06(gain: float, norm: bool, expected: str | None) -> None:
    assert found(diagnose(deep(gain, norm), x(), classes(), loss="cross_entropy")).get("D06") == expected


def test_d01_with_an_optimiser_that_does_not_want_it() -> None:
    """An encoder that is detached is reported where it is to be trained, not where the optimiser has the head alone."""

    class Probe(nn.Module):
        def __init__(self, how: Callable[[Tensor], Tensor]) -> None:
            super().__init__()
            self.encoder, self.head, self.how = nn.Linear(20, 64), nn.Linear(64, 10), how

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.head(self.how(torch.relu(self.encoder(x))))
            return out

    cut = Probe(Tensor.detach)
    assert found(diagnose(cut, x(), classes(), loss="cross_entropy")) == {"D01": "note"}  # a teacher, a target network
    every = torch.optim.Adam(cut.parameters())
    report = diagnose(cut, x(), classes(), loss="cross_entropy", optimizer=every)
    assert found(report) == {"D01": "warning"}
    assert "by detach at " in report.findings[0].message
    own = torch.optim.Adam(cut.head.parameters())
    assert found(diagnose(cut, x(), classes(), loss="cross_entropy", optimizer=own)) == {}
    assert found(diagnose(Probe(torch.round), x(), classes(), loss="cross_entropy"))["D01"] == "error"
    straight_through = Probe(lambda h: h + (torch.round(h) - h).detach())
    assert found(diagnose(straight_through, x(), classes(), loss="cross_entropy")) == {}


def test_d02_sees_through_an_activation_written_out() -> None:
    class Sigmoid(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = 1 / (1 + torch.exp(-x))
            return y

    torch.manual_seed(0)
    model = nn.Sequential(*[m for _ in range(10) for m in (nn.Linear(20, 20), Sigmoid())], nn.Linear(20, 10))
    report = diagnose(model, x(), classes(), loss="cross_entropy")
    assert found(report)["D02"] == "error"
    assert {a.name for a in report.activations} == {"sigmoid"}


def test_a_comment_at_the_call_and_a_pattern_set_a_finding_aside() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(20, 10)

        def forward(self, x: Tensor) -> Tensor:
            p: Tensor = self.layer(x).softmax(-1)  # nonlin: ignore[L01]
            return p

    assert diagnose(Own(), x(), classes(), loss="cross_entropy").findings == []
    named = nn.Sequential(nn.Linear(20, 10), nn.Softmax(1))
    for pattern, left in (("L01", 0), ("L01:1", 0), ("L01:0", 1), ("L04", 1)):
        report = diagnose(named, x(), classes(), loss="cross_entropy", ignore=[pattern])
        assert len(report.findings) == left
        assert len(report.ignored) == 1 - left


@pytest.mark.parametrize("rule", rules(), ids=lambda r: r.id)
def test_every_rule_says_when_it_speaks(rule: Any) -> None:
    assert len(rule.text) > 80
    assert rule.severity in ("error", "warning", "note")
