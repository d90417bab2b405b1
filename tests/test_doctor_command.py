"""``nonlin doctor``: exit codes, mistakes, the table in pyproject.toml, baselines, and what is written where."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nonlin.cli import main, parser
from nonlin.commands.doctor import LOSSES
from nonlin.doctor import config, given
from nonlin.doctor.finding import rules
from nonlin.doctor.report import Report
from tests.doctor_project import CALL, line_of, made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return made(tmp_path, monkeypatch)


def table(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.nonlin.doctor]\n{text}\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["fine"], 0), (["build"], 1), (["fine", "build"], 1), (["note"], 0), (["rectified"], 1), (["note", "--fail-on", "note"], 1),
        (["rectified", "--fail-on", "error"], 0), (["build", "--fail-on", "error"], 1), (["build", "--fail-on", "never"], 0),
        (["build", "--ignore", "L01"], 0), (["build", "--ignore", "S03", "--ignore", "L01:3"], 0), (["build", "--ignore", "L01:head.*"], 1),
        (["Evaluated", "--eval"], 1), (["Evaluated"], 2), (["build", "--input", "8,21"], 2),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("folder")
def test_exit_codes(arguments: list[str], code: int) -> None:
    named = [
        f"train.py:{a}" if a.isalpha() and not arguments[max(i - 1, 0)].startswith("--") else a
        for i, a in enumerate(arguments)
    ]
    own = CALL[2:] if "--input" in arguments else CALL
    assert main(["doctor", *named, *own]) == code


BAD = {
    "no name": (["train.py"], "such as train.py:breaks"),
    "misspelt": (["train.py:biuld"], "did you mean 'build'"),
    "no file": (["trian.py:build"], "did you mean 'train.py'"),
    "no module": (["trian:build"], "there is no module 'trian'"),
    "no batch": (["train.py:build"], "gives no batch: add its shape"),
    "no model": (["train.py:number"], "train.py:number is a int; expected a torch.nn.Module"),
    "returns none": (["train.py:absent"], "train.py:absent returned None; expected"),
    "empty": (["train.py:empty"], "returned a tuple of 0; expected"),
    "other model": (["train.py:other"], "a tuple whose model is a int"),
    "odd key": (["train.py:odd"], "did you mean 'batch'"),
    "needs arguments": (["train.py:Wide"], "missing a required argument: 'width'"),
    "raises": (["train.py:breaks"], f"raised ZeroDivisionError at train.py:{line_of('1 / 0')}: "),
    "leaves": (["train.py:leaves"], "left by sys.exit(4) at train.py:"),
    "forward raises": (["train.py:Evaluated", *CALL], f"(8, 20) float32: ValueError: in training mode at train.py:{line_of('raise ValueError')}"),
    "no shape": (["train.py:build", "--input", "8x20"], "--input '8x20': expected sizes such as 32,784"),
    "no target shape": (["train.py:pair", "--target", "int:8"], "--target 'int:8': expected sizes"),
    "no loss": (["train.py:pair", "--loss", "cros_entropy"], "did you mean 'cross_entropy'"),
    "no rule": (["train.py:four", "--ignore", "L99"], "there is no rule L99"),
    "no baseline": (["train.py:four", "--baseline", "gone.json"], "write one with --write-baseline gone.json"),
    "two pages": (["train.py:four", "train.py:five", "--format", "html"], "makes a page of one target, and there are 2"),
    "fix of data": (["train.py:four", "--fix", "--format", "json"], "has no place for them"),
    "no folder": (["train.py:four", "-o", "no/where.txt"], "there is no directory no"),
    "nothing": ([], "nothing to diagnose: name a TARGET"),
    "no rule to tell": (["--rules", "L99"], "there is no rule L99"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_mistakes_are_told(case: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = BAD[case]
    assert main(["doctor", *arguments]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert err.splitlines()[-1].startswith("nonlin: ")
    assert not out
    assert {path.name for path in folder.iterdir()} <= {"train.py", "pyproject.toml", "__pycache__"}


def test_a_file_that_is_no_python_says_the_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.py").write_text("x = 1\nfor\n")
    (folder / "wants.py").write_text("\nimport nothing_of_the_kind\n")
    for name, message in (
        ("bad.py:x", "SyntaxError at bad.py:2"),
        ("wants:x", "ModuleNotFoundError at wants.py:2: No module named"),
    ):
        assert main(["doctor", name]) == 2
        assert message in capsys.readouterr().err


def test_the_table_stands_in_and_the_command_line_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(folder, 'targets = ["train.py:build"]\ninput = ["8,20"]\nloss = "cross_entropy"')
    (folder / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(folder / "deep/er")  # the targets lie beside the table
    assert main(["doctor"]) == 1
    assert main(["doctor", "--loss", "mse"]) == 0
    assert main(["doctor", "--input", "8,21"]) == 2
    assert main(["doctor", "--fail-on", "never"]) == 0
    assert main(["doctor", "../../train.py:fine"]) == 0
    table(
        folder,
        'targets = "train.py:build"\ninput = "8,20"\ntarget = "8:10"\nloss = "cross_entropy"\nignore = ["L01"]\nfail-on = "note"',
    )
    assert main(["doctor"]) == 0
    assert main(["doctor", "--ignore", "S03"]) == 1
    table(folder, 'input = "8,21"\nloss = "mse"\ntarget = "7"')  # a target's own come before the table's
    assert main(["doctor", "../../train.py:four"]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('target_s = ["x"]', "has no key 'target_s' (did you mean 'targets'"), ("loss = 3", 'such as loss = "cross_entropy"'),
        ("ignore = [1]", 'such as ignore = ["S03"'), ('fail-on = "eror"', "did you mean 'error'"), ("loss =", "cannot read"),
        ('ignore = ["L99"]', "there is no rule L99"), ('input = "8x8"', "input of [tool.nonlin.doctor] '8x8': expected sizes"),
    ],
)  # fmt: skip
def test_a_table_is_checked(text: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(folder, text)
    assert main(["doctor", "train.py:four"]) == 2
    assert message in capsys.readouterr().err


def test_there_need_be_no_table(folder: Path) -> None:
    assert config.nearest(folder) == config.Config(folder / "pyproject.toml")
    (folder / "pyproject.toml").write_text("[tool]\nnonlin = 3\n")
    assert config.nearest(folder).targets == ()
    assert config.nearest(Path("/")) == config.Config()


def test_a_baseline_sets_aside_what_it_holds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(folder, 'baseline = "known.json"')
    assert main(["doctor", "train.py:four", "--write-baseline", "known.json"]) == 0  # none is read while there is none
    assert "wrote 1 finding to known.json" in capsys.readouterr().err
    assert main(["doctor", "train.py:four"]) == 0
    assert "set aside: L01" in capsys.readouterr().out
    assert main(["doctor", "train.py:far"]) == 1  # another finding is none of it
    assert main(["doctor", "train.py:again"]) == 1  # nor is the same in another model
    assert main(["doctor", "train.py:four", "--write-baseline", "known.json"]) == 0
    assert len(json.loads((folder / "known.json").read_text())["findings"]) == 1


def test_a_report_is_written_to_a_file_whole_or_not_at_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "train.py:four", "-o", "report.txt"]) == 1
    assert not capsys.readouterr().out
    text = (folder / "report.txt").read_text()
    assert text.startswith("nonlin doctor: 1 error\n")
    assert main(["doctor", "train.py:fine", "train.py:breaks", *CALL, "-o", "report.txt"]) == 2
    assert (folder / "report.txt").read_text() == text


@pytest.mark.usefixtures("folder")
def test_a_target_that_fails_leaves_the_others_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "train.py:four", "train.py:breaks", "train.py:far"]) == 2
    out, err = capsys.readouterr()
    assert (out.count("error L01"), out.count("error L08")) == (1, 1)
    assert "train.py:breaks: " in err
    assert main(["doctor", "train.py:four", "train.py:breaks", "--write-baseline", "known.json"]) == 2
    assert "nothing was written, since train.py:breaks" in capsys.readouterr().err
    assert not Path("known.json").exists()


@pytest.mark.usefixtures("folder")
def test_other_formats_hold_every_target(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def to_sarif(self: Report) -> dict[str, Any]:
        found = [f.rule for f in self.findings]
        results = [{"ruleId": rule, "ruleIndex": place} for place, rule in enumerate(found)]
        return {
            "version": "2.1.0",
            "runs": [{"tool": {"driver": {"rules": [{"id": r} for r in found]}}, "results": results}],
        }

    monkeypatch.setattr(Report, "to_dict", lambda self: {"summary": self.summary})
    monkeypatch.setattr(Report, "to_html", lambda self: "<!doctype html>")
    monkeypatch.setattr(Report, "to_github", lambda self: "\n".join(f.rule for f in self.findings))
    monkeypatch.setattr(Report, "to_sarif", to_sarif)
    targets = ["doctor", "train.py:four", "train.py:far", "train.py:five"]
    assert main([*targets, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["target"], one["summary"]) for one in told] == [(target, "1 error") for target in targets[1:]]
    assert main([*targets, "--format", "github"]) == 1
    assert capsys.readouterr().out == "L01\nL08\nL01\n"
    assert main([*targets, "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["tool"]["driver"]["rules"] == [{"id": "L01"}, {"id": "L08"}]
    assert [(r["ruleId"], r["ruleIndex"]) for r in run["results"]] == [("L01", 0), ("L08", 1), ("L01", 0)]
    assert main([*targets[:2], "--format", "html"]) == 1
    assert capsys.readouterr().out == "<!doctype html>"


def test_rules_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--rules"]) == 0
    out = capsys.readouterr().out
    assert [line[:3] for line in out.splitlines() if not line.startswith(" ")] == [rule.id for rule in rules()]
    assert main(["doctor", "--rules", "l08", "L01", "--format", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["id"], first["needs"], second["id"]) == ("L08", ["loss", "target", "graph"], "L01")
    assert " ".join(out.split()).count(second["text"]) == 1


def test_help_names_every_loss_and_imports_no_torch() -> None:
    assert set(LOSSES) == set(given.LOSSES)
    code = (
        "import sys\nfrom nonlin.cli import main\ntry:\n    main(['doctor', '--help'])\nexcept SystemExit:\n    pass\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "poisson_nll" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"


def test_the_hook_calls_the_command() -> None:
    text = (Path(__file__).parents[1] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (entry,) = [line.partition("entry: ")[2].split() for line in text.splitlines() if "entry: " in line]
    assert entry[0] == "nonlin"
    parsed = parser().parse_args([*entry[1:], "--fix"])
    assert (parsed.command, parsed.targets, parsed.fix) == ("doctor", [], True)
