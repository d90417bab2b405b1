"""What ``nonlin doctor`` is given: every kind of target, where it is imported from, and what is drawn for it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from nonlin.cli import main
from nonlin.commands.doctor import LOSSES
from nonlin.doctor import draw, given
from nonlin.doctor.finding import rules
from nonlin.doctor.report import Report
from nonlin.doctor.step import Part, Step
from nonlin.doctor.target import opened
from nonlin.errors import ArgumentError
from tests.doctor_project import CALL, SOURCE, line_of, made

KINDS: dict[str, tuple[str, ...]] = {
    "build": CALL, "pair": ("--loss", "cross_entropy"), "four": (), "five": (), "mapping": (), "Net": CALL, "net": CALL, "held": (),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return made(tmp_path, monkeypatch)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_target(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, argv, modules = list(sys.path), sys.argv, set(sys.modules)
    assert main(["doctor", f"train.py:{kind}", *KINDS[kind]]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("nonlin doctor: 1 error\n\nerror L01 ")
    assert "noise" not in out
    assert "noise of an import" in err
    assert (sys.path, sys.argv) == (path, argv)
    assert not {"train", "target_train"} & (set(sys.modules) - modules)


@pytest.mark.parametrize("named", ["kit.models:build", "kit/models.py:build"])
def test_a_module_of_a_package(named: str, folder: Path) -> None:
    (folder / "kit").mkdir()
    (folder / "kit/__init__.py").write_text("")
    (folder / "kit/parts.py").write_text(SOURCE)
    (folder / "kit/models.py").write_text("from .parts import build\n")
    assert main(["doctor", named, *CALL]) == 1
    assert not [name for name in sys.modules if name.partition(".")[0] == "kit"]


def test_folders_may_have_modules_of_the_same_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, kind in (("one", "build"), ("two", "fine")):
        (folder / name).mkdir()
        (folder / name / "parts.py").write_text(SOURCE)
        (folder / name / "json.py").write_text(f"from parts import {kind} as make\n")  # as a module of Python is called
    assert main(["doctor", "one/json.py:make", "two/json.py:make", *CALL]) == 1
    out, err = capsys.readouterr()
    assert [line for line in err.splitlines() if "[" in line] == ["[1/2] one/json.py:make", "[2/2] two/json.py:make"]
    assert out.startswith("one/json.py:make\nnonlin doctor: 1 error\n")
    assert "\n\ntwo/json.py:make\nnonlin doctor: nothing found\n" in out
    assert sys.modules["json"] is json


def stepped(
    target: str, *, seed: int = 0, loss: str | None = None, input: tuple[str, ...] = (), shape: str | None = None
) -> Report:
    """The report of one target of train.py."""
    step = Step(Part(input, shape, loss, "--{}"), Part((), None, None, "{}"), seed=seed)
    step.sow()
    with opened(f"train.py:{target}", Path.cwd()) as made:
        return step.report(made)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("kind", "written"), [("four", "def four"), ("Net", "class Net"), ("held", "held = ")])
def test_a_finding_without_a_line_falls_back_on_the_targets_own(kind: str, written: str) -> None:
    site: Any = vars(stepped(kind, input=("8,20",), loss="cross_entropy"))["fallback"]
    assert str(site) == f"train.py:{line_of(written)}"


@pytest.mark.usefixtures("folder")
def test_inputs_are_drawn_as_they_are_written() -> None:
    reports = [stepped("Two", input=("int:50:6", "6,4"), seed=seed) for seed in (0, 0, 1)]
    (tokens, x), again, other = (report.subject.batch for report in reports if report.subject is not None)
    assert (tokens.dtype, x.dtype) == (torch.int64, torch.float32)
    assert (tuple(tokens.shape), tuple(x.shape)) == ((6,), (6, 4))
    assert 0 <= int(tokens.min()) <= int(tokens.max()) < 50
    assert torch.equal(again[1], x)
    assert not torch.equal(other[1], x)
    wide = draw.Drawn((3,)).tensor(torch.nn.Linear(2, 2).double(), torch.Generator())
    assert wide.dtype == torch.float64


@pytest.mark.usefixtures("folder")
def test_a_seed_decides_the_weights(capsys: pytest.CaptureFixture[str]) -> None:
    losses = []
    for seed in ("0", "0", "7"):
        main(["doctor", "train.py:build", *CALL, "--seed", seed])
        losses.append(capsys.readouterr().out.partition(", loss ")[2])
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize("text", ["", "8,", "0,8", "8,-1", "int:8", "int:0:8", "int:5:8:5", "8:", "8,8:0", "float:8"])
def test_no_other_shape_is_read(text: str) -> None:
    with pytest.raises(ArgumentError, match="expected sizes"):
        draw.drawn(text, "--input")


OUTPUTS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = dict.fromkeys(LOSSES, ((6, 10, 4), (6, 10, 4))) | {
    "cross_entropy": ((6, 10, 4), (6, 4)), "nll": ((6, 10), (6,)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:reduction. 'mean':UserWarning")  # torch's own, of kl_div
@pytest.mark.parametrize("loss", LOSSES)
def test_targets_are_drawn_as_a_loss_wants_them(loss: str) -> None:
    output, shape = OUTPUTS[loss]
    model = torch.nn.BatchNorm1d(output[1])
    target = draw.target(model, torch.randn(output), loss, torch.Generator())
    assert target is not None
    assert tuple(target.shape) == shape
    assert int(model.num_batches_tracked or 0) == 0  # left as it was
    value = given.LOSSES[loss](torch.randn(output).softmax(1), target)
    assert torch.isfinite(value)
    low, high = {
        "cross_entropy": (0, 9),
        "nll": (0, 9),
        "bce": (0, 1),
        "bce_with_logits": (0, 1),
        "kl_div": (0, 1),
    }.get(loss, (-9, 9))
    assert low <= float(target.min()) < float(target.max()) <= high


def test_no_target_is_drawn_for_a_loss_of_ones_own() -> None:
    assert draw.target(torch.nn.Identity(), torch.ones(3, 2), lambda out, _: out.sum(), torch.Generator()) is None


RANDOM = "not checked: L08, L09, L10, L13: targets were drawn at random; return real ones with the model"


@pytest.mark.parametrize(
    ("arguments", "drawn"),
    [
        (("build", *CALL), True), (("pair", "--loss", "cross_entropy"), True), (("build", *CALL, "--target", "int:10:8"), True),
        (("build", *CALL, "--target", "8:10"), True), (("sigmoid", "--input", "8,20", "--loss", "mse", "--target", "8,10"), True),
        (("four",), False), (("far",), False), (("four", "--input", "4,20"), True),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("folder")
def test_drawn_targets_are_told_and_not_judged(
    arguments: tuple[str, ...], drawn: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", f"train.py:{arguments[0]}", *arguments[1:]])
    out = capsys.readouterr().out
    assert (RANDOM in out.splitlines()) == drawn
    assert f"{len(rules()) - 4 * drawn} rules checked" in out
    assert ("error L08" in out) == (arguments == ("far",))
