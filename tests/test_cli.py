"""The command line as a user meets it: in its own process, with exit codes, and without imports nobody asked for."""

from __future__ import annotations

import contextlib
import dataclasses
import io
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
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["list"],
        ["list", "--help"],
        ["list", "--monotonic"],
        ["show", "--help"],
        ["list", "--where", "lipschitz <= 1", "--sort", "mean"],
        ["nearest", "--help"],
        ["check", "--help"],
    ],
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
    told = json.loads(done.stdout)
    assert [entry["name"] for entry in told["activations"]] == registry.names()
    assert told["count"] == len(registry.names()) == sum(told["by_kind"].values()) == sum(told["by_family"].values())
    assert all(count == len(registry.names(kind=kind)) for kind, count in told["by_kind"].items())
    for entry in told["activations"]:
        source = registry.find(entry["name"]).source
        assert entry["source"] == (None if source is None else dataclasses.asdict(source))


def test_list_filters() -> None:
    odd = listed("--odd", "--bounded")
    assert {"tanh", "softsign", "hardtanh"} <= set(odd)
    assert "sigmoid" not in odd


def listed(*arguments: str) -> list[str]:
    """The names that ``nonlin list`` gives, in this process."""
    from nonlin.cli import main

    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["list", *arguments, "--format", "json"]) == 0
    return [entry["name"] for entry in json.loads(out.getvalue())["activations"]]


def test_list_filters_by_any_fact() -> None:
    shrinking = ["--family", "shrinkage"]
    assert listed(*shrinking, "--where", "lipschitz <= 1") == ["softshrink", "tanhshrink"]
    assert listed(*shrinking, "--where", "lipschitz <= 1", "--where", "smooth") == ["tanhshrink"]
    assert listed(*shrinking, "--where", "not smooth") == ["hardshrink", "softshrink"]
    assert listed(*shrinking, "--where", "dead_zones.count > 0", "--sort", "lipschitz") == ["softshrink", "hardshrink"]
    assert listed(*shrinking, "--sort", "lipschitz", "--descending")[0] == "hardshrink"
    learned = listed("--family", "rectified", "--learnable")
    assert "prelu" in learned
    assert "relu" not in learned
    assert all(2019 <= (registry.find(name).source.year or 0) <= 2020 for name in listed("--year", "2019..2020"))  # type: ignore[union-attr]
    assert all(len(registry.find(name).parameters) == 2 for name in listed("--parameters", "2"))
    assert listed("--unverified") == [
        a.name for a in registry.all_activations().values() if a.source is not None and not a.source.verified
    ]


def test_list_shows_columns(capsys: pytest.CaptureFixture[str]) -> None:
    from nonlin.cli import main

    assert main(["list", "--family", "shrinkage", "--columns", "name, range, lipschitz, year"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["name", "range", "lipschitz", "year"]
    assert second.split() == ["hardshrink", "(−∞,", "∞)", "∞", "1994"]


def test_list_offers_fields_that_exist() -> None:
    from nonlin.facts.fields import fields

    assert set(list_command.FIELDS) <= set(fields())


def test_list_with_facts_tells_whole_sheets(capsys: pytest.CaptureFixture[str]) -> None:
    from nonlin.cli import main

    assert main(["list", "--family", "shrinkage", "--facts", "--format", "json"]) == 0
    (first, *_) = json.loads(capsys.readouterr().out)["activations"]
    assert first["facts"]["dead_zones"]["value"] == [{"low": -0.5, "high": 0.5}]


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
    "unknown fact": (["list", "--where", "lipshitz <= 1"], "did you mean 'lipschitz'"),
    "unknown column": (["list", "--sort", "rnge"], "did you mean"),
    "no comparison": (["list", "--where", "lipschitz ~ 1"], "is not a comparison"),
    "a word as a number": (["list", "--where", "symmetry < 1"], "compare it by = or !="),
    "a number alone": (["list", "--where", "mean"], "compare it, such as 'mean <= 1'"),
    "a straight line": (["nearest", "2 * x"], "is a straight line"),
    "no value": (["nearest", "a * x", "--set", "a"], "expected NAME=VALUE"),
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
