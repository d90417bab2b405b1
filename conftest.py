"""Settings of every test and docstring example: one thread, seeded, and a registry that forgets what was defined."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "tests" / "golden"


TORCHS_OWN_WARNINGS = (
    # torch.jit.trace still works and is still used to deploy
    "ignore:`torch.jit.trace(_method)?` is deprecated:DeprecationWarning",
    # Dynamo itself does, at every autograd function that it traces
    "ignore:<class 'torch.autograd.function.Function'> should not be instantiated:DeprecationWarning",
    # forward-mode AD compiles torch's own decompositions with the deprecated torch.jit.script at its first use
    "ignore:`torch.jit.script` is deprecated:DeprecationWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    for line in TORCHS_OWN_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--overwrite", action="store_true", help="write the golden files anew instead of comparing with them"
    )


@pytest.fixture(autouse=True, scope="session")
def _native() -> None:
    """Calls do not change over from Python to the compiled module in the middle of a test."""
    from nonlin.kernels import native

    native.ready()


@pytest.fixture(autouse=True)
def _deterministic() -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _examples_are_composite(request: pytest.FixtureRequest) -> Iterator[None]:
    """The formulas' examples take no kernel, which takes seconds to compile; the kernels have tests of their own."""
    room, _, name = request.node.name.rpartition(".")
    if room not in ("nonlin.functional", "nonlin.modules"):
        yield
        return
    from nonlin import registry
    from tests.paths import composite_only

    with contextlib.nullcontext() if registry.find(name).rule else composite_only():
        yield


@pytest.fixture(autouse=True)
def fresh_registry() -> Iterator[None]:
    """Whatever the test defines is gone afterwards."""
    from nonlin.builders import classes, functions
    from nonlin.catalogue import declarations
    from nonlin.registry import index

    known = dict(index.keys())
    yield
    index.defined.clear()
    index.by_key.clear()
    index.by_key.update(known)
    functions._products.clear()
    built: list[dict[Any, Any]] = [functions._built, classes._built]
    for table in built:
        for key in [key for key in table if key.name not in declarations()]:
            del table[key]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Any:
    """``golden(name, text)``: compare with ``tests/golden/<name>``, or write it under ``--overwrite``."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--overwrite"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; run `python -m pytest {request.node.nodeid} --overwrite` to write it"
        recorded = path.read_text(encoding="utf-8").splitlines()
        gone = [line for line in recorded if line not in text.splitlines()]
        new = [line for line in text.splitlines() if line not in recorded]
        assert text.splitlines() == recorded, (
            f"{name} differs. Gone: {gone or 'nothing'}. New: {new or 'nothing'}. If that is meant, say so in CHANGELOG.md and run "
            f"`python -m pytest {request.node.nodeid} --overwrite`"
        )

    return compare


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many cases each check had: one line a test function, or a check of a parametrised one."""
    counts: Counter[str] = Counter()
    samples = 0
    for report in terminalreporter.stats.get("passed", []):
        if report.when != "call" or not report.nodeid.startswith("tests/"):
            continue
        path, _, rest = report.nodeid.partition("::")
        function, _, parameters = rest.partition("[")
        label = parameters.partition("-")[0] if function.startswith("test_each_") else function
        samples += dict(report.user_properties).get("samples", 0)
        counts[f"{path.removeprefix('tests/')}  {label}"] += 1
    many = {label: count for label, count in counts.items() if count >= 10}
    if many and terminalreporter.config.getoption("verbose") >= 0:
        terminalreporter.section("cases")
        for label, count in sorted(many.items()):
            terminalreporter.write_line(f"{count:6d}  {label}")
        if samples:
            terminalreporter.write_line(f"{samples:6d}  samples of torch's OpInfo and ModuleInfo")
