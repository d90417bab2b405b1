"""The cache of compiled libraries: what is found again, by processes and threads at once, and what is said where nothing compiles."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nonlin.kernels import cache, compiler
from tests.compiled import ANSWER, DESCRIBED, Describe, library, load, manifest, needs, notices, stem
from tests.compiled import fresh as fresh

pytestmark = needs


def test_compiled_once_described_once() -> None:
    describe = Describe()
    for _ in range(3):
        found = cache.load(ANSWER, "answer", describe)
        assert found is not None
        assert (found[0].answer(), found[1]) == (42, DESCRIBED)
    assert describe.calls == 1
    assert sorted(os.listdir(cache.directory())) == [manifest().name, library().name]
    told = json.loads(manifest().read_text())
    assert told["sha256"] == hashlib.sha256(library().read_bytes()).hexdigest()
    assert told["size"] == library().stat().st_size
    modes = [path.stat().st_mode & 0o777 for path in (cache.directory(), library(), manifest())]
    assert modes == [0o700, 0o600, 0o600]


def test_the_name_follows_everything_it_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = compiler.compiler()
    assert chosen is not None
    names = [
        cache.entry_name(ANSWER, "answer", chosen),
        cache.entry_name(ANSWER + " ", "answer", chosen),
        cache.entry_name(ANSWER, "answer", replace(chosen, identity="another")),
        cache.entry_name(ANSWER, "answer", replace(chosen, flags=(*chosen.flags, "-g"))),
    ]
    with monkeypatch.context() as patched:
        patched.setattr(compiler, "cpu", lambda: {"machine": "another"})
        names.append(cache.entry_name(ANSWER, "answer", chosen))
    monkeypatch.setattr(cache, "__version__", "another")
    names.append(cache.entry_name(ANSWER, "answer", chosen))
    assert len(set(names)) == len(names)
    assert all(cache.PATTERN.fullmatch(f"{name}.so") for name in names)


def test_any_label_gives_a_name_within_the_directory() -> None:
    chosen = compiler.compiler()
    assert chosen is not None
    for label in ("../../up", "a/b", "ω.x", "x" * 300, ""):
        name = cache.entry_name(ANSWER, label, chosen)
        assert cache.PATTERN.fullmatch(f"x{name}.json"), name
        assert len(name) < 120


def test_no_compiler_gives_one_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(compiler, "find_spec", lambda name: None)
    compiler.forget()
    seen: list[int | None] = []
    told = notices(lambda: seen.extend([load(), load()]))
    assert seen == [None, None]
    assert len(told) == 1
    assert "pip install nonlin[compiler]" in told[0]
    assert "own bounds of error" in told[0]


def test_turned_off_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NONLIN_COMPILE", "0")
    compiler.forget()
    assert notices(lambda: load()) == []
    assert load() is None


def test_a_compiler_that_fails_gives_one_notice_with_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "false")
    compiler.forget()
    seen: list[int | None] = []
    told = notices(lambda: seen.extend([load(), load(source=ANSWER + "\n")]))
    assert seen == [None, None]
    assert len(told) == 1
    log = stem().with_suffix(".log")
    assert str(log) in told[0]
    assert ANSWER in log.read_text()


def test_a_stuck_compiler_is_tried_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\necho >> {calls}\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr(compiler, "TIMEOUT", 0.5)
    compiler.forget()
    assert len(notices(lambda: [load(), load(source=ANSWER + "\n")])) == 1
    assert calls.read_text().count("\n") == 1


def test_a_description_that_fails_is_not_kept() -> None:
    def broken(loaded: ctypes.CDLL) -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        load(broken)
    assert not manifest().exists()
    assert load() == 42


def test_eight_processes_on_an_empty_cache() -> None:
    code = (
        "import sys; from nonlin.kernels import cache\n"
        "sys.stdin.readline()\n"
        f"for i in range(3):\n"
        f"    loaded, told = cache.load({ANSWER!r} + f'int more(void) {{{{ return {{i}}; }}}}', 'answer', lambda l: {{'more': l.more()}})\n"
        "    assert (loaded.answer(), loaded.more(), told) == (42, i, {'more': i})\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    eight = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    for process in eight:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in eight:
        _, error = process.communicate(timeout=120)
        assert (process.returncode, error) == (0, "")
    names = os.listdir(cache.configured())
    assert len(names) == 6
    for path in cache.configured().glob("*.so"):
        assert cache._read(path.with_suffix("")) is not None, "the library and its manifest are of two processes"


def test_threads_compile_once() -> None:
    describe = Describe()
    seen: list[int | None] = []
    threads = [threading.Thread(target=lambda: seen.append(load(describe))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [42] * 8
    assert describe.calls == 1


def test_a_fork_while_another_thread_loads() -> None:
    code = (
        "import os, threading, time; from nonlin.kernels import cache\n"
        "def slow(loaded):\n    started.set(); time.sleep(1); return {}\n"
        "started = threading.Event()\n"
        f"thread = threading.Thread(target=lambda: cache.load({ANSWER!r}, 'answer', slow)); thread.start(); started.wait()\n"
        "child = os.fork()\n"
        "if not child:\n"
        f"    os._exit(cache.load({ANSWER!r}, 'answer', lambda l: {{}})[0].answer())\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])); thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "42\n"


def test_a_warm_start_is_quick() -> None:
    source = ANSWER + "const char large[100000] = {1, 2, 3};\n"
    load(source=source)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        load(source=source)
        times.append(time.perf_counter() - start)
    assert min(times) < 2e-3
