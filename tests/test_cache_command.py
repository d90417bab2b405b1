"""Where the cache is, and ``nonlin cache``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nonlin.cli import main
from nonlin.kernels import cache
from tests.compiled import ANSWER, library, load, needs, stem
from tests.compiled import fresh as fresh

pytestmark = needs


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "HOME/.cache/nonlin"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/nonlin"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "HOME/.cache/nonlin"),
        ("darwin", {}, "HOME/Library/Caches/nonlin"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/nonlin"),
        ("linux", {"NONLIN_CACHE": "~/mine"}, "HOME/mine"),
        ("linux", {"NONLIN_CACHE": ""}, "HOME/.cache/nonlin"),
    ],
)
def test_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, variables: dict[str, str], expected: str
) -> None:
    for variable in ("NONLIN_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert str(cache.configured()) == expected.replace("HOME", str(tmp_path))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    path = cache.configured()

    def told(*arguments: str) -> str:
        assert main(["cache", *arguments]) == 0
        return capsys.readouterr().out

    assert told("--path") == f"{path}\n"
    assert not path.exists(), "asking creates nothing"
    assert json.loads(told("--format", "json")) == {"directory": str(path), "entries": 0, "bytes": 0, "fault": None}
    load()
    load(source=ANSWER + "\n")
    size = sum(file.stat().st_size for file in path.iterdir())
    assert told() == f"directory  {path}\nentries    2\nsize       {size / 1000:.1f} kB\n"
    (path / f".{library().name}.x1_y2.tmp").write_text("left by a killed process")
    stem().with_suffix(".log").write_text("of a failure")
    mine = ["notes.txt", "answer.so", f"{stem().name}.so.bak"]
    for name in mine:
        (path / name).write_text("not of this library")
    (path / f"link-{'0' * 32}.so").symlink_to(path / "notes.txt")
    assert told("--clear").startswith("removed 2 entries, ")
    assert sorted(os.listdir(path)) == sorted([*mine, f"link-{'0' * 32}.so"])
    assert json.loads(told("--clear", "--format", "json"))["entries"] == 0
    path.chmod(0o777)
    assert f"chmod 700 {path}" in told()
    assert "others may write" in json.loads(told("--format", "json"))["fault"]


def test_the_command_does_not_import_torch() -> None:
    code = (
        "import sys; from nonlin.cli import main\n"
        "for options in ([], ['--path'], ['--clear'], ['--format', 'json']): assert main(['cache', *options]) == 0\n"
        "print(sorted({'torch', 'sympy', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_command_refuses_two_actions() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nonlin", "cache", "--path", "--clear"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "not allowed with" in done.stderr


def test_building_ahead_says_what_is_there_and_refuses_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "--build", "relu", "leaky_relu(0.2)"]) == 0
    assert "built      4 libraries of kernels, called from " in capsys.readouterr().out
    assert main(["cache", "--build", "relou"]) == 2
    assert "did you mean 'relu'" in capsys.readouterr().err
