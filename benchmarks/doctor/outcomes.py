"""One case: what a perfect doctor reports, and what ours did."""

from __future__ import annotations

import importlib.util
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import nonlin
from benchmarks.doctor.families import FAMILIES, STEPS_BEFORE
from benchmarks.doctor.family import Family
from benchmarks.doctor.mutations import MUTATIONS
from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.finding import by_id

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """``found`` are the errors and warnings, and the notes of rules that are notes by nature."""

    name: str
    expected: frozenset[str]
    allowed: frozenset[str]
    found: frozenset[str]
    error: str
    seconds: float

    @property
    def missed(self) -> frozenset[str]:
        return self.expected - self.found

    @property
    def false(self) -> frozenset[str]:
        """Findings that are neither expected nor true of it besides."""
        return self.found - self.expected - self.allowed

    def to_dict(self) -> dict[str, Any]:
        lists = {key: sorted(getattr(self, key)) for key in ("expected", "allowed", "found", "missed", "false")}
        return {"name": self.name, **lists, "error": self.error, "seconds": round(self.seconds, 3)}


def outcome(
    name: str, expected: Collection[str], allowed: Collection[str], given: Callable[[], Mapping[str, Any]]
) -> Outcome:
    """Diagnose what ``given`` builds. An error that the doctor raises is an outcome; so is a crash."""
    error, found, started = "", frozenset[str](), time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a program may be old-fashioned
        try:
            arguments = given()
            started = time.perf_counter()
            report = diagnose(**arguments)
            found = frozenset(
                f.rule for f in report.findings if f.severity != "note" or by_id(f.rule).severity == "note"
            )
        except nonlin.NonlinError as raised:
            error = f"{type(raised).__name__}: {raised}"[:300]
        except Exception:  # a crash is an outcome to be shown
            error = traceback.format_exc()[-600:]
    return Outcome(name, frozenset(expected), frozenset(allowed), found, error, time.perf_counter() - started)


def load(path: Path) -> ModuleType:
    """The module of one program's file."""
    spec = importlib.util.spec_from_file_location(f"program_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def program(path: Path) -> Outcome:
    """One program's outcome."""
    module = load(path)
    return outcome(f"{path.parent.name}/{path.stem}", module.EXPECTED, module.ALLOWED, module.build)


def programs(folder: str) -> Iterator[Outcome]:
    """Every program of ``programs`` or ``aside``, in order."""
    for path in sorted(p for p in (HERE / folder).rglob("*.py") if p.name != "__init__.py"):
        yield program(path)


def families() -> Iterator[Outcome]:
    """Every family as it is built, and after some steps of Adam."""
    for family in FAMILIES:
        for steps in (0, STEPS_BEFORE):
            name = f"{family.name}, {'at init' if not steps else f'after {steps} steps'}"
            yield outcome(name, family.expected, family.allowed, lambda f=family, n=steps: trained(f, n))  # type: ignore[misc]


def trained(family: Family, steps: int) -> Mapping[str, Any]:
    import torch

    model, batch = family.build()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()
    optimizer.zero_grad()
    return {"model": model, "batch": batch}


def mutations(every: int) -> Iterator[Outcome]:
    """Every fault put into every ``every``-th family that has a place for it."""
    for family in FAMILIES[::every]:
        for mutation in MUTATIONS:
            model, batch = family.build()
            if mutation.applies(model, batch):
                changed, given = mutation(model, batch)
                allowed = {*mutation.allowed, *family.expected, *family.allowed}
                yield outcome(
                    f"{mutation.name}: {family.name}", {mutation.rule}, allowed, lambda m=changed, b=given: {"model": m, "batch": b}  # type: ignore[misc]
                )  # fmt: skip
