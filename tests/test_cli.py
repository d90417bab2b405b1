"""The command line as a user meets it: in its own process, with exit codes, and without imports nobody asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nonlin import registry
from nonlin.commands import list as list_command
from nonlin.facts.filters import FILTERS


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nonlin", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["list"], ["list", "--help"], ["list", "--monotonic"], ["show", "--help"]]
)
def test_light_commands_import_neither_torch_nor_sympy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom nonlin.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "heavy = sorted({'torch', 'sympy', 'jinja2', 'numpy', 'sklearn', 'mpmath'} & set(sys.modules))\n"
        "print(heavy, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_list_names_every_activation() -> None:
    done = run("list", "--format", "json")
    assert done.returncode == 0
    assert [entry["name"] for entry in json.loads(done.stdout)] == registry.names()


def test_list_filters() -> None:
    odd = json.loads(run("list", "--odd", "--bounded", "--format", "json").stdout)
    assert {"tanh", "softsign", "hardtanh"} <= {entry["name"] for entry in odd}
    assert "sigmoid" not in {entry["name"] for entry in odd}


def test_list_offers_every_fact_that_filters() -> None:
    assert set(list_command.FACTS) == set(FILTERS)


@pytest.mark.parametrize("name", registry.names())
def test_show_every_activation(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    from nonlin.cli import main

    assert main(["show", name]) == 0
    text = capsys.readouterr().out
    activation = registry.find(name)
    assert activation.title in text
    assert activation.formula in text
    assert "Facts" in text
    assert main(["show", name, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == name
    assert told["facts"]["name"] == name


def test_show_with_arguments_uses_them(capsys: pytest.CaptureFixture[str]) -> None:
    from nonlin.cli import main

    assert main(["show", "leaky_relu(0.2)", "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)["facts"]
    assert facts["parameters"] == {"negative_slope": 0.2}
    assert facts["derivative_range"]["value"]["low"] == 0.2


def test_show_a_formula_of_ones_own() -> None:
    done = run("show", "wobble", "--define", "wobble=x + sin(x)")
    assert done.returncode == 0, done.stderr
    assert "f(x) = x + sin(x)" in done.stdout


BAD = {
    "unknown name": (["show", "geluu"], "did you mean 'gelu'"),
    "wrong parameter": (["show", "celu(-1)"], "expected a number in (0, inf)"),
    "unknown argument": (["show", "leaky_relu(slope=0.2)"], "it takes negative_slope"),
    "code for a formula": (["show", "f", "--define", "f=__import__('os').system('true')"], "not a known function"),
    "unknown symbol": (["show", "f", "--define", "f=x * tanf(x)"], "did you mean 'tanh'"),
    "no formula": (["show", "f", "--define", "f"], "expected NAME=FORMULA"),
    "gated in the guide": (["guide", "swiglu", "-o", "out.html"], "Ask for its gate, silu"),
    "named twice": (["guide", "relu", "ReLU", "-o", "out.html"], "more than once"),
    "no such directory": (["guide", "-o", "nowhere/out.html"], "there is no directory nowhere"),
    "one seed": (["guide", "--seeds", "1", "-o", "out.html"], "at least 2"),
    "unknown family": (["list", "--family", "rectifed"], "did you mean 'rectified'"),
    "unknown option": (["list", "--colour"], "unrecognized arguments"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_call_says_what_to_do_and_writes_nothing(case: str, tmp_path: Path) -> None:
    arguments, message = BAD[case]
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m nonlin list | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
