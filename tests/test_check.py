"""``nonlin.check`` as a user calls it: what it takes, what it reports, what it refuses."""

from __future__ import annotations

import json

import pytest
import torch
from torch import Tensor, nn

import nonlin
from nonlin.cli import main
from nonlin.contract.run import cases_of, check
from nonlin.errors import ArgumentError, BoundsError


class Swish(nn.Module):
    """As one writes it: right in the middle, NaN at -inf."""

    def __init__(self, beta: float = 1.5) -> None:
        super().__init__()
        self.beta = nn.Parameter(torch.tensor(beta))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.beta * x)


class PerChannel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x * self.scale)


def test_a_module_of_ones_own_is_judged_by_its_formula() -> None:
    module = Swish()
    report = check(module, formula="x * sigmoid(beta * x)", checks=("limits", "learning", "pickling"))
    assert {r.check for r in report.failed} == {"limits.at_infinity", "limits.finite_inputs"}
    assert not report.ok
    assert "its limit is 0" in str(report)
    assert module.training, "the module itself is left as it was"
    assert float(module.beta.detach()) == 1.5


def test_without_a_formula_the_reason_tells_how_to_give_one() -> None:
    report = check(Swish(), checks=("values", "autograd.gradcheck"))
    assert report.ok
    assert {r.check for r in report.passed} == {"autograd.gradcheck"}
    assert all('formula="x * sigmoid(x)"' in r.message for r in report.skipped)


def test_a_wrong_formula_fails() -> None:
    assert check(Swish(1.0), formula="x * tanh(x)", checks=("values.float32",)).failed


def test_the_shape_that_a_module_takes() -> None:
    with pytest.raises(ArgumentError, match=r"takes no float32 input of shape \(2, 4, 3, 6\).*shape=\(2, 16, 3, 4\)"):
        check(PerChannel())
    report = check(PerChannel(), shape=(2, 4, 6), checks=("autograd", "learning", "transforms.func_vmap"))
    assert not report.failed, str(report)


@pytest.mark.parametrize(
    ("given", "name", "count"),
    [
        ("elu", "elu", 2),
        ("elu(0.5)", "elu", 1),
        (nonlin.ELU, "elu", 2),
        (nonlin.ELU(0.5), "ELU(alpha=0.5)", 1),
        (nonlin.find("elu"), "elu", 2),
        (nn.ELU(0.5), "ELU(alpha=0.5)", 1),
        (nn.functional.silu, "silu", 1),
        ("crelu", "crelu", 2),
        (None, "identity", 1),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_takes_what_get_takes(given: object, name: str, count: int) -> None:
    cases = list(cases_of(given))
    assert (cases[0].name, len(cases)) == (name, count)


def test_torchs_modules_are_judged_by_the_catalogues_formula() -> None:
    assert not check(nn.ELU(0.5), checks=("values.float32",)).failed
    (failed,) = check(nn.GELU(), checks=("values.float32",)).failed
    assert "ULP" in failed.message
    assert not check(nn.GLU(), checks=("values.of_rows", "dtypes.autocast")).failed


def test_a_report_is_plain_data() -> None:
    found = json.loads(json.dumps(check("relu", checks=("limits", "devices.cuda")).to_dict()))
    assert found["activation"] == "relu"
    assert found["passed"] + found["failed"] + found["skipped"] == len(found["results"])
    assert {r["status"] for r in found["results"]} == {"passed", "skipped"}


def test_what_there_is_none_of_is_refused() -> None:
    with pytest.raises(
        BoundsError, match=r"no check called 'valeus' \(did you mean 'values'\?\); the groups are values, "
    ):
        check("relu", checks=("valeus",))
    with pytest.raises(ArgumentError, match=r"checks='values' is a string"):
        check("relu", checks="values")
    with pytest.raises(nonlin.UnknownNameError, match="did you mean"):
        check("relo")
    with pytest.raises(nonlin.FormulaError):
        check(Swish(), formula="x * y")


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "relu", "--checks", "limits.nan_gives_nan,learning"]) == 0
    assert "relu: 1 passed, 0 failed, 1 skipped" in capsys.readouterr().out
    assert main(["check", "broken", "--define", "broken=x", "--checks", "learning", "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found["ok"] is False, "nothing that ran is nothing that holds"
    for mistake in (["check"], ["check", "relo"], ["check", "relu", "--checks", "nothing"]):
        assert main(mistake) == 2
        assert capsys.readouterr().err.startswith("nonlin: ")
