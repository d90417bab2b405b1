"""Bad input: a clear error or finding that says what was given and where."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nonlin.doctor.diagnose import DiagnosisError, diagnose
from nonlin.errors import ArgumentError, NonlinError

LABELS = torch.randint(0, 10, (32,), generator=torch.Generator().manual_seed(0))


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10))


def rules(*given: Any, **named: Any) -> list[str]:
    return [f.rule for f in diagnose(*given, **named).findings]


def test_a_batch_of_the_wrong_shape_names_the_layer() -> None:
    with pytest.raises(
        DiagnosisError, match=r"raised in 0 \(Linear\), given \(32, 21\) float32: RuntimeError: mat1 and mat2"
    ):
        diagnose(net(), torch.randn(32, 21), LABELS, loss="cross_entropy")


def test_a_target_that_does_not_fit() -> None:
    with pytest.raises(DiagnosisError, match=r"the loss raised, given a target of \(31,\) int64"):
        diagnose(net(), torch.randn(32, 20), LABELS[:31], loss="cross_entropy")


def test_a_loss_that_is_no_scalar() -> None:
    with pytest.raises(ArgumentError, match=r"a tensor of shape \(32,\); expected a scalar tensor: add \.mean\(\)"):
        diagnose(net(), torch.randn(32, 20), LABELS, loss=nn.CrossEntropyLoss(reduction="none"))
    with pytest.raises(ArgumentError, match="the loss returned a float"):
        diagnose(net(), torch.randn(32, 20), LABELS, loss=lambda out, y: 1.0)


@pytest.mark.parametrize(("given", "message"), [
    (("model", None), "model is a str; expected a torch.nn.Module"),
    ((nn.Linear(2, 2), torch.ones(1, 2), None, "cross_entropi"), "did you mean 'cross_entropy'"),
    ((nn.Linear(2, 2), torch.ones(1, 2), None, 3), "loss is a int"),
    ((nn.Linear(2, 2), torch.ones(1, 2), None, None, "adam"), "optimizer is a str"),
])  # fmt: skip
def test_arguments_of_the_wrong_kind(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        diagnose(*given)


def test_an_unknown_rule_to_ignore() -> None:
    with pytest.raises(NonlinError, match="there is no rule L99"):
        diagnose(net(), torch.randn(32, 20), ignore=["L99"])


def test_nan_in_the_batch_in_a_parameter_in_the_target() -> None:
    x = torch.randn(32, 20)
    x[3, 4] = torch.nan
    report = diagnose(net(), x, LABELS, loss="cross_entropy")
    assert report.findings[0].rule == "N01"
    assert report.findings[0].places == ("the batch",)
    model = net()
    with torch.no_grad():
        model.get_parameter("2.weight")[0, 0] = torch.nan
    found = diagnose(model, torch.randn(32, 20), LABELS, loss="cross_entropy").findings
    assert ("N01", ("parameter 2.weight",)) in [(f.rule, f.places) for f in found]
    y = torch.randn(32, 10)
    y[0] = torch.nan
    assert "N01" in rules(net(), torch.randn(32, 20), y, loss="mse")


def test_the_operation_that_makes_the_first_nan_is_named() -> None:
    class Log(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            shifted = x - 100
            return torch.log(shifted)

    report = diagnose(nn.Sequential(nn.Linear(20, 10), Log()), torch.randn(32, 20), torch.randn(32, 10), loss="mse")
    (found,) = [f for f in report.findings if f.rule == "N01"]
    assert "torch.log is the first operation" in found.message
    assert found.calls[0].path == "1"
    assert found.calls[0].site is not None
    assert found.calls[0].site.text == "return torch.log(shifted)"


def test_infinity_that_is_meant_is_no_finding() -> None:
    """A mask of -inf under a softmax, and scores of -inf that nothing asks for."""

    class Masked(nn.Module):
        mask: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(20, 10)
            self.register_buffer("mask", torch.tensor([0.0] * 9 + [-torch.inf]))

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.layer(x) + self.mask
            return out

    assert rules(Masked(), torch.randn(32, 20), LABELS.clamp(max=8), loss="cross_entropy") == []


def test_without_target_or_loss_what_was_not_checked_is_listed() -> None:
    report = diagnose(net(), torch.randn(32, 20))
    why = {u.rule: u.why for u in report.unchecked}
    assert {"L03", "L08", "L09", "L10", "L13", "D01", "D02"} <= set(why)
    assert {"L01", "L04", "L05", "L06", "L07"} <= set(why)  # the loss may apply a softmax or a sigmoid
    assert "S01" not in why
    assert "pass loss=" in why["D02"]
    assert "not checked: " in str(report)
    assert report.ok


def test_a_loss_without_a_target() -> None:
    report = diagnose(net(), torch.randn(32, 20), loss=lambda out, y: out.square().mean())
    assert "L08" in {u.rule for u in report.unchecked}


def test_a_model_that_hands_back_its_own_loss() -> None:
    class Output(dict[str, Tensor]):
        """As transformers' outputs: a mapping with attributes."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(20, 10)

        def forward(self, x: Tensor, labels: Tensor) -> Output:
            p = self.layer(x).softmax(-1)
            return Output(loss=nn.functional.cross_entropy(p, labels), logits=p)

    assert rules(Model(), {"x": torch.randn(32, 20), "labels": LABELS}) == ["L01"]


def test_a_model_without_parameters_and_one_that_is_lazy() -> None:
    assert rules(nn.ReLU(), torch.randn(4, 4)) == []
    lazy = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.Linear(8, 10))
    with pytest.raises(ArgumentError, match="run the model on a batch first"):
        diagnose(lazy, torch.randn(32, 20), LABELS, loss="cross_entropy")


def test_inference_mode_and_no_grad_around_the_call_do_not_matter() -> None:
    model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(1))
    with torch.no_grad():
        assert rules(model, torch.randn(32, 20), LABELS, loss="cross_entropy") == ["L01"]


def test_the_message_of_a_failing_backward() -> None:
    class Broken(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Tensor:
            raise ValueError("no derivative here")

    class Model(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = Broken.apply(super().forward(x))  # type: ignore[no-untyped-call]
            return out

    with pytest.raises(DiagnosisError, match="the backward pass raised: ValueError: no derivative here"):
        diagnose(Model(20, 10), torch.randn(32, 20), LABELS, loss="cross_entropy")
