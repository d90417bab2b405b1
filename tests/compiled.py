"""What the tests of the cache share: a cache of their own, one small library, and other processes that load it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nonlin.errors import PerformanceNotice
from nonlin.kernels import cache, compiler

ANSWER = "int answer(void) { return 42; }\n"

DESCRIBED = {"answer": 42, "interval": [float("-inf"), 1.5]}


needs = [
    pytest.mark.skipif(compiler.compiler() is None, reason="this machine has no C compiler"),
    pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's"),
]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A process that has loaded and said nothing, with a cache of its own."""
    monkeypatch.setenv("NONLIN_CACHE", str(tmp_path / "cache"))
    for variable in ("CC", "NONLIN_COMPILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cache, "_told", set())
    monkeypatch.setattr(cache, "_temporary", None)
    monkeypatch.setattr(cache, "_stuck", False)
    compiler.forget()
    yield
    compiler.forget()


class Describe:
    """Describes a library, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, loaded: ctypes.CDLL) -> dict[str, Any]:
        self.calls += 1
        return {"answer": loaded.answer(), "interval": (float("-inf"), 1.5)}


def load(describe: Callable[[ctypes.CDLL], dict[str, Any]] | None = None, source: str = ANSWER) -> int | None:
    """The answer of the loaded library."""
    found = cache.load(source, "answer", describe or Describe())
    return None if found is None else found[0].answer()


def stem() -> Path:
    chosen = compiler.compiler()
    assert chosen is not None
    return cache.configured() / cache.entry_name(ANSWER, "answer", chosen)


def library() -> Path:
    return stem().with_suffix(".so")


def manifest() -> Path:
    return stem().with_suffix(".json")


def elsewhere() -> str:
    """What a process of its own finds: this one would be given again what it has already opened under the name."""
    code = (
        "from nonlin.kernels import cache\n"
        f"calls = []; loaded, _ = cache.load({ANSWER!r}, 'answer', lambda library: calls.append(1) or {{}})\n"
        "print(loaded.answer(), 'described' if calls else 'read')"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout


def notices(run: Callable[[], object]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    assert all(warning.category is PerformanceNotice for warning in caught)
    assert all(warning.filename == __file__ for warning in caught), "a notice points at the caller's line"
    return [str(warning.message) for warning in caught]
