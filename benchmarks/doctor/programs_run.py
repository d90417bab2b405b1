"""Programs as cases: load a folder of them, diagnose each, and compare with what a perfect doctor reports."""

from __future__ import annotations

import importlib.util
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import torch

import nonlin
from nonlin.doctor.finding import by_id

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """One program: what was expected of it and what was found."""

    name: str
    expected: frozenset[str]
    allowed: frozenset[str]
    found: frozenset[str]  # errors and warnings, and notes of rules that are notes by nature
    error: str | None
    seconds: float

    @property
    def missed(self) -> frozenset[str]:
        return self.expected - self.found

    @property
    def false(self) -> frozenset[str]:
        """Findings that are neither expected nor true of it besides."""
        return self.found - self.expected - self.allowed


def load(path: Path) -> ModuleType:
    """The module of one program's file."""
    spec = importlib.util.spec_from_file_location(f"program_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def programs(folder: Path) -> list[Path]:
    """Every program of a folder, in order."""
    return sorted(p for p in folder.rglob("*.py") if p.name != "__init__.py")


def outcome(path: Path) -> Outcome:
    """Diagnose one program."""
    module = load(path)
    error, found = None, frozenset[str]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = module.build()
        started = time.perf_counter()
        try:
            report = nonlin.diagnose(**given)
            found = frozenset(
                f.rule for f in report.findings if f.severity != "note" or by_id(f.rule).severity == "note"
            )
        except nonlin.NonlinError as raised:
            error = str(raised)
        except Exception:  # a crash is an outcome to be shown
            error = traceback.format_exc()
    return Outcome(
        f"{path.parent.name}/{path.stem}", frozenset(module.EXPECTED), frozenset(module.ALLOWED), found, error, time.perf_counter() - started
    )  # fmt: skip


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Every program's, one after the other, on one thread."""
    torch.set_num_threads(1)
    for path in programs(folder):
        yield outcome(path)
