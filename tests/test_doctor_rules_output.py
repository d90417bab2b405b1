"""Output and loss: where each rule begins and ends, the smallest case that it speaks of beside one that it must not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.fixes import patches
from tests.doctor_nets import Net, classes, found, of, x


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


def test_l13() -> None:
    y = torch.zeros(64, 10)
    assert of(lambda z: torch.sigmoid(z + 12), y, "mse") == {"L13": "warning"}
    assert of(lambda z: torch.sigmoid(z + 12), y + 1, "mse") == {}
    assert of(lambda z: torch.sigmoid(z + 8), y, "bce") == {}  # the loss undoes the sigmoid's flat end
    assert "L13" in of(lambda z: torch.sigmoid(z + 200), y, "bce")


def test_l01_for_a_distribution_given_probabilities_as_logits() -> None:
    """torch.distributions normalises logits by their logsumexp."""

    def loss(p: Tensor, y: Tensor) -> Tensor:
        value: Tensor = -torch.distributions.Categorical(logits=p).log_prob(y).mean()
        return value

    report = diagnose(Net(lambda z: z.softmax(-1)), x(), classes(), loss=loss)
    assert found(report) == {"L01": "error"}
    assert report.findings[0].numbers["classes"] == 10
    assert of(lambda z: z, loss=loss) == {}
    probabilities = lambda p, y: -torch.distributions.Categorical(probs=p).log_prob(y).mean()  # noqa: E731
    assert of(lambda z: z.softmax(-1), loss=probabilities) == {}
