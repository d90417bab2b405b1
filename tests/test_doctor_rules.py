"""Where each rule begins and ends: the smallest case that it speaks of, beside one that it must not."""

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
from nonlin.doctor.fixes import patches
from nonlin.doctor.report import Report

ROWS = 1200


class Net(nn.Module):
    """A layer, and whatever is done to its output."""

    def __init__(self, head: Callable[[Tensor], Any], width: int = 10) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.head = nn.Linear(20, width), head

    def forward(self, x: Tensor) -> Any:
        return self.head(self.layer(x))


def x(rows: int = 64) -> Tensor:
    return torch.randn(rows, 20, generator=torch.Generator().manual_seed(1))


def classes(rows: int = 64, count: int = 10) -> Tensor:
    return torch.randint(0, count, (rows,), generator=torch.Generator().manual_seed(2))


def found(report: Report) -> dict[str, str]:
    return {f.rule: f.severity for f in report.findings}


def of(
    head: Callable[[Tensor], Any], target: Any = None, loss: Any = "cross_entropy", width: int = 10
) -> dict[str, str]:
    return found(diagnose(Net(head, width), x(), classes() if target is None else target, loss=loss))


@pytest.mark.parametrize("head", [
    lambda z: z.softmax(-1), lambda z: F.softmax(z.double(), 1).float(), lambda z: z.softmax(-1).view(8, 8, 10).flatten(0, 1),
    lambda z: F.dropout(z.softmax(-1), 0.1),
    lambda z: torch.cat([z[:32].softmax(-1), z[32:].softmax(-1)]), lambda z: z.softmax(-1)[:, range(10)],
    lambda z: F.softmin(z, -1), lambda z: z.softmax(-1) + torch.zeros(10),
    lambda z: F.gumbel_softmax(z, dim=-1), lambda z: z.softmax(-1)[..., None].repeat(1, 1, 2).mean(-1),
])  # fmt: skip
@pytest.mark.parametrize("loss", [
    "cross_entropy", nn.CrossEntropyLoss(label_smoothing=0.1), lambda p, y: F.cross_entropy(p, F.one_hot(y, 10).float()),
    lambda p, y: F.nll_loss(F.log_softmax(p, -1), y),
], ids=["plain", "smoothed", "soft targets", "by hand"])  # fmt: skip
def test_l01(head: Callable[[Tensor], Any], loss: Any) -> None:
    assert of(head, loss=loss)["L01"] == "error"


@pytest.mark.parametrize(
    "head",
    [lambda z: z, lambda z: 10 * z.softmax(-1), lambda z: torch.log(z.softmax(-1) + 1e-9), lambda z: z + z.softmax(-1)],
)
def test_l01_stays_silent(head: Callable[[Tensor], Any]) -> None:
    assert of(head) == {}


def test_l02() -> None:
    assert of(lambda z: z.log_softmax(-1)) == {"L02": "note"}
    assert of(lambda z: z.log_softmax(-1), loss="nll") == {}


@pytest.mark.parametrize(("head", "rule"), [
    (lambda z: z, "L03"), (lambda z: z.softmax(-1), "L03"), (lambda z: z.log_softmax(-1) + 0.01, "L03"),
    (lambda z: z.log_softmax(-1).bfloat16().float(), ""),
    (lambda z: (z.softmax(-1) + 1e-6).log(), ""), (lambda z: z.log_softmax(-1) + math.log(0.5), "L03"),
    (lambda z: torch.logaddexp(z.log_softmax(-1), z.flip(1).log_softmax(-1)) - math.log(2), ""),
])  # fmt: skip
def test_l03(head: Callable[[Tensor], Any], rule: str) -> None:
    assert set(of(head, loss="nll")) == ({rule} if rule else set())


@pytest.mark.parametrize(("head", "severity"), [
    (torch.sigmoid, "error"), (torch.tanh, "error"), (lambda z: F.hardtanh(z, -2, 2), "warning"), (lambda z: F.hardtanh(z, -10, 10), None),
    (lambda z: 30 * torch.tanh(z / 30), None), (lambda z: F.relu6(z), "L05"), (F.silu, None),
])  # fmt: skip
def test_l04(head: Callable[[Tensor], Any], severity: str | None) -> None:
    seen = of(head)
    assert seen == ({"L05": "warning"} if severity == "L05" else {"L04": severity} if severity else {})


def test_l04_tells_the_floor() -> None:
    (finding,) = diagnose(Net(torch.sigmoid), x(), classes(), loss="cross_entropy").findings
    least = F.cross_entropy(torch.eye(10), torch.arange(10)).item()  # the best that logits in [0, 1] can do
    assert finding.numbers["floor"] == pytest.approx(least, rel=1e-6)
    assert finding.picture is not None
    assert 0 <= finding.picture.values.min() <= finding.picture.values.max() <= 1


@pytest.mark.parametrize(("head", "loss", "expected"), [
    (F.relu, "cross_entropy", {"L05": "warning"}), (lambda z: z.clamp(min=0), "cross_entropy", {"L05": "warning"}),
    (lambda z: F.avg_pool1d(F.relu(z), 2), "cross_entropy", {"L05": "warning"}), (F.leaky_relu, "cross_entropy", {}), (F.gelu, "cross_entropy", {}),
])  # fmt: skip
def test_l05(head: Callable[[Tensor], Any], loss: str, expected: dict[str, str]) -> None:
    assert of(head, classes(count=5), loss) == expected


def test_l05_and_l06_with_binary_targets() -> None:
    y = classes(count=2).float()[:, None].expand(64, 10)
    assert of(F.relu, y, "bce_with_logits") == {"L05": "error"}
    assert of(torch.sigmoid, y, "bce_with_logits") == {"L06": "error"}
    assert of(lambda z: z, y, "bce_with_logits") == {}
    assert of(torch.sigmoid, y, "bce") == {}


def test_l07() -> None:
    y = classes(count=2).float()[:, None].expand(64, 10)
    assert set(of(lambda z: z, y, "bce")) == {"L07"}  # torch raises
    assert set(of(lambda z: z / 100 + 0.5, y, "bce")) == set()  # in range, by arithmetic that is not judged
    assert set(of(F.tanh, y, "bce")) == {"L07"}
    assert of(lambda z: z.clamp(1e-3, 1 - 1e-3), y, "bce") == {}
    assert of(lambda z: torch.sigmoid(z).clamp(1e-3, 1 - 1e-3), y, "bce") == {}


@pytest.mark.parametrize(("head", "low", "high", "rule"), [
    (torch.sigmoid, 0.0, 1.0, ""), (torch.sigmoid, 0.0, 5.0, "L08"), (torch.tanh, -1.0, 1.0, ""), (torch.tanh, -3.0, 3.0, "L08"),
    (F.relu, 0.0, 9.0, ""),
    (F.relu, -1.0, 1.0, "L08"), (F.softplus, -1.0, 1.0, "L08"),
    (lambda z: 10 * torch.sigmoid(z), 0.0, 9.0, ""), (lambda z: z, -9.0, 9.0, ""),
])  # fmt: skip
@pytest.mark.parametrize(
    "loss",
    ["mse", "smooth_l1", lambda p, y: ((p - y) ** 2).mean(), lambda p, y: F.l1_loss(y, p)],
    ids=["mse", "huber", "by hand", "turned"],
)
def test_l08(head: Callable[[Tensor], Any], low: float, high: float, rule: str, loss: Any) -> None:
    y = low + (high - low) * torch.rand(64, 10, generator=torch.Generator().manual_seed(3))
    assert set(of(head, y, loss)) == ({rule} if rule else set())


def test_l08_for_labels_of_minus_one() -> None:
    y = 2.0 * classes(count=2)[:, None].expand(64, 10) - 1
    assert "L08" in of(lambda z: z, y, "bce_with_logits")


def test_l09() -> None:
    seen = of(lambda z: F.relu(z - 100), torch.rand(64, 10), "mse")
    assert seen["L09"] == "error"
    assert "L09" not in of(lambda z: F.relu(z - 100), torch.zeros(64, 10), "mse")


def test_l10() -> None:
    y = (torch.rand(64, 10, generator=torch.Generator().manual_seed(0)) < 0.4).float()
    one = F.one_hot(classes(), 10).float()
    assert "L10" in of(lambda z: z.softmax(-1), y, "bce")
    assert "L10" in of(lambda z: z, y, "cross_entropy")
    assert "L10" not in of(lambda z: z.softmax(-1), one, "mse")
    assert of(lambda z: z, one, "cross_entropy") == {}


def test_l11() -> None:
    assert "L11" in of(lambda z: z.softmax(-1), torch.rand(64, 1), "mse", width=1)
    assert "L11" in of(lambda z: z, torch.zeros(64).long(), "cross_entropy", width=1)
    one_key = lambda z: ((z[:, :, None] @ z[:, None, :1]).softmax(-1) * z[:, :, None]).squeeze(-1)  # noqa: E731
    assert "L11" not in of(one_key)


def test_l12() -> None:
    wide = torch.rand(64, 10)
    assert of(lambda z: z.softmax(0), wide, "mse")["L12"] == "error"
    assert "L12" not in of(lambda z: z.softmax(1), wide, "mse")
    assert "L12" not in of(lambda z: (z @ z.T).softmax(0) @ z, wide, "mse")  # similarities between samples are meant


def test_l12_where_targets_tell_the_axis() -> None:
    """One-hot targets of an image: a softmax over another axis is the fault, not several labels."""
    y = F.one_hot(torch.randint(0, 4, (6, 5, 5)), 4).movedim(-1, 1).float()

    class Image(nn.Module):
        def __init__(self, dim: int) -> None:
            super().__init__()
            self.conv, self.dim = nn.Conv2d(3, 4, 1), dim

        def forward(self, x: Tensor) -> Tensor:
            return torch.softmax(self.conv(x), self.dim)

    for dim, expected in ((1, set()), (-1, {"L12"}), (0, {"L12"})):
        assert set(found(diagnose(Image(dim), torch.randn(6, 3, 5, 5), y, loss="mse"))) == expected


def test_l08_leaves_out_what_a_mask_leaves_out() -> None:
    y = torch.randint(0, 2, (64, 10)).float()
    y[torch.rand(64, 10) < 0.3] = -1

    def masked(p: Tensor, t: Tensor) -> Tensor:
        kept = (t >= 0).float()
        return (F.binary_cross_entropy_with_logits(p, t, reduction="none") * kept).sum() / kept.sum()

    assert of(lambda z: z, y, masked) == {}
    assert "L08" in of(lambda z: z, y, "bce_with_logits")  # the mean takes them all


def test_a_clamp_that_guards_is_looked_through() -> None:
    y = classes(count=2).float()[:, None].expand(64, 10)
    report = diagnose(Net(lambda z: z.sigmoid().clamp(1e-6, 1 - 1e-6)), x(), y, loss="bce_with_logits")
    assert found(report) == {"L06": "error"}
    assert "sigmoid" in report.findings[0].fix
    assert of(lambda z: z.softmax(-1).clamp(min=1e-7)) == {"L01": "error"}


@pytest.mark.parametrize("special", [torch.special.softmax, torch.softmax])
def test_a_softmax_is_named_and_can_be_taken_away(special: Callable[..., Tensor]) -> None:
    report = diagnose(Net(lambda z: special(z, -1)), x(), classes(), loss="cross_entropy")
    assert found(report) == {"L01": "error"}
    assert report.activations[0].name == "softmax"
    assert all(p.gone for p in patches(report))


def test_l03_for_a_log_softmax_over_another_axis() -> None:
    wrong = of(lambda z: z.view(4, 16, 10).log_softmax(1).flatten(0, 1), loss="nll")
    assert wrong == {"L03": "error"}
    assert of(lambda z: z.view(4, 16, 10).log_softmax(2).flatten(0, 1), loss="nll") == {}


def test_n01_for_a_gradient() -> None:
    """A distance of 0 is finite, its derivative is not."""
    report = diagnose(Net(lambda z: ((z - z.detach()) ** 2).sum(1).sqrt() + z.sum(1)), x(), torch.randn(64), loss="mse")
    (finding,) = [f for f in report.findings if f.rule == "N01"]
    assert "the derivative of sqrt is the first that is not finite" in finding.message


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


def test_l13() -> None:
    y = torch.zeros(64, 10)
    assert of(lambda z: torch.sigmoid(z + 12), y, "mse") == {"L13": "warning"}
    assert of(lambda z: torch.sigmoid(z + 12), y + 1, "mse") == {}
    assert of(lambda z: torch.sigmoid(z + 8), y, "bce") == {}  # the loss undoes the sigmoid's flat end
    assert "L13" in of(lambda z: torch.sigmoid(z + 200), y, "bce")


def layers(*modules: nn.Module) -> dict[str, str]:
    torch.manual_seed(0)
    return found(diagnose(nn.Sequential(*modules), x(), classes(), loss="cross_entropy"))


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
