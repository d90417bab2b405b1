"""Finding the C compiler and compiling one source: which one is chosen, what identifies it, and how it fails."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nonlin.kernels import compiler

ANSWER = "int answer(void) { return 42; }\n"

needs_compiler = pytest.mark.skipif(compiler.compiler() is None, reason="this machine has no C compiler")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for variable in ("CC", "NONLIN_COMPILE"):
        monkeypatch.delenv(variable, raising=False)
    compiler.forget()
    yield
    compiler.forget()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any compiler."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(compiler, "find_spec", lambda name: None)


def program(folder: Path, name: str, text: str = "exit 0") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def cpuinfo(monkeypatch: pytest.MonkeyPatch, folder: Path, flags: str, model: str = "7") -> None:
    path = folder / "cpuinfo"
    path.write_text(
        f"vendor_id\t: A\nmodel\t: {model}\ncpu MHz\t: {time.perf_counter()}\nflags\t: {flags}\n\nflags\t: other\n"
    )
    monkeypatch.setattr(compiler, "_CPUINFO", path)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    compiler.forget()


def test_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bare: None) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = []
    for name in ("clang", "gcc", "cc", "mine"):
        program(tmp_path, name)
        if name == "mine":
            monkeypatch.setenv("CC", "mine --option 'a b'")
        compiler.forget()
        chosen = compiler.compiler()
        assert chosen is not None
        found.append(chosen.command)
    assert found == [
        *((str(tmp_path / n),) for n in ("clang", "gcc", "cc")),
        (str(tmp_path / "mine"), "--option", "a b"),
    ]


@pytest.mark.parametrize("cc", ["no-such-compiler", "'unbalanced", " "])
def test_a_cc_that_is_no_program_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bare: None, cc: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", cc)
    program(tmp_path, "gcc")
    chosen = compiler.compiler()
    assert chosen is not None
    assert chosen.command == (str(tmp_path / "gcc"),)


def test_none_says_how_to_install(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiler.compiler() is None
    assert "pip install nonlin[compiler]" in (compiler.why_none() or "")
    for platform, advice in (("linux", "apt install gcc"), ("darwin", "xcode-select --install")):
        monkeypatch.setattr(sys, "platform", platform)
        compiler.forget()
        assert advice in (compiler.why_none() or "")


def test_turned_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NONLIN_COMPILE", "0")
    compiler.forget()
    assert compiler.compiler() is None
    assert compiler.why_none() is None
    with pytest.raises(compiler.CompileError, match="NONLIN_COMPILE=0"):
        compiler.compile_library(ANSWER, tmp_path / "answer.so")


@needs_compiler
def test_the_choice_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    assert compiler.compiler() is not None


def test_the_identity_follows_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bare: None) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", "wrapper gcc")
    wrapper, gcc = program(tmp_path, "wrapper"), program(tmp_path, "gcc-12")
    (tmp_path / "gcc").symlink_to(gcc)
    seen = set()

    def look() -> None:
        compiler.forget()
        chosen = compiler.compiler()
        assert chosen is not None
        seen.add(chosen.identity)

    look()
    look()
    assert len(seen) == 1
    os.utime(gcc, ns=(1, 1))  # behind a wrapper and a link
    look()
    program(tmp_path, "wrapper", "exit 1 # longer")
    os.utime(wrapper, ns=(1, 1))
    look()
    monkeypatch.setenv("CC", "wrapper gcc -m32")
    look()
    assert len(seen) == 4


def test_flags_by_cpu_and_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bare: None) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "gcc")
    wide = "-mprefer-vector-width=512"

    def flags() -> tuple[str, ...]:
        compiler.forget()
        chosen = compiler.compiler()
        assert chosen is not None
        return chosen.flags

    cpuinfo(monkeypatch, tmp_path, "sse2 fma avx2")
    assert "-march=native" in flags()
    assert wide not in flags()
    cpuinfo(monkeypatch, tmp_path, "sse2 fma avx2 avx512f")
    assert wide in flags()
    assert not {"-ffast-math", "-Ofast"} & set(flags())
    program(tmp_path, "zig")
    monkeypatch.setenv("CC", "zig cc")
    assert "-mcpu=native" in flags()
    assert not {wide, "-march=native"} & set(flags())
    monkeypatch.delenv("CC")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert "-mcpu=native" in flags()


def test_no_fused_multiply_add_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bare: None) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "gcc")
    cpuinfo(monkeypatch, tmp_path, "sse2 avx")
    assert compiler.compiler() is None
    assert "fused multiply-add" in (compiler.why_none() or "")


def test_the_cpu_is_its_first_core_without_its_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cpuinfo(monkeypatch, tmp_path, "fma")
    first = dict(compiler.cpu())
    assert first == {"machine": "x86_64", "vendor_id": "A", "model": "7", "flags": "fma"}
    cpuinfo(monkeypatch, tmp_path, "fma")
    assert compiler.cpu() == first
    cpuinfo(monkeypatch, tmp_path, "fma", model="8")
    assert compiler.cpu() != first
    monkeypatch.setattr(compiler, "_CPUINFO", tmp_path / "missing")
    compiler.forget()
    assert set(compiler.cpu()) == {"machine", "processor"}


@needs_compiler
def test_compile(tmp_path: Path) -> None:
    path, log = tmp_path / "answer.so", tmp_path / "answer.log"
    log.write_text("of an earlier failure")
    compiler.compile_library(ANSWER, path)
    assert ctypes.CDLL(str(path)).answer() == 42
    assert os.listdir(tmp_path) == ["answer.so"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@needs_compiler
@pytest.mark.skipif(sys.platform != "linux", reason="other linkers put the time or a random number into a library")
def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.so", "b.so"):
        compiler.compile_library(ANSWER, tmp_path / name)
    assert (tmp_path / "a.so").read_bytes() == (tmp_path / "b.so").read_bytes()


@needs_compiler
def test_a_mistake_in_the_source_is_in_the_log(tmp_path: Path) -> None:
    with pytest.raises(compiler.CompileError, match="all it said is in") as caught:
        compiler.compile_library("int answer(void) { return forty_two; }", tmp_path / "answer.so")
    assert caught.value.log == tmp_path / "answer.log"
    assert str(caught.value.log) in str(caught.value)
    assert not caught.value.stuck
    told = caught.value.log.read_text()
    assert "kernel.c:1" in told
    assert told.count("forty_two") >= 2  # in the compiler's message, and in the source behind it
    assert os.listdir(tmp_path) == ["answer.log"]


FAILURES = {
    "status": ("echo broken >&2; exit 3", "ended with status 3", False),
    "nothing written": ("exit 0", "wrote no library", False),
    "too slow": ("sleep 60 & sleep 60", "was stopped", True),
}


@pytest.mark.skipif(os.name != "posix", reason="shell scripts stand for compilers")
@pytest.mark.parametrize("case", FAILURES)
def test_a_compiler_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, case: str) -> None:
    script, message, stuck = FAILURES[case]
    monkeypatch.setenv("CC", str(program(tmp_path, "failing", script)))
    monkeypatch.setattr(compiler, "TIMEOUT", 0.3)
    start = time.perf_counter()
    with pytest.raises(compiler.CompileError, match=message) as caught:
        compiler.compile_library(ANSWER, tmp_path / "answer.so")
    assert time.perf_counter() - start < 20  # its children end with it
    assert caught.value.stuck == stuck
    assert caught.value.log.exists()
    assert not (tmp_path / "answer.so").exists()


@pytest.mark.skipif(os.name != "posix", reason="shell scripts stand for compilers")
def test_a_compiler_that_cannot_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = program(tmp_path, "failing")
    path.write_text("#!/no/such/shell\n")
    monkeypatch.setenv("CC", str(path))
    with pytest.raises(compiler.CompileError, match="could not be started") as caught:
        compiler.compile_library(ANSWER, tmp_path / "answer.so")
    assert caught.value.stuck


@pytest.mark.skipif(importlib.util.find_spec("ziglang") is None, reason="ziglang is not installed (nonlin[compiler])")
def test_the_wheel_compiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    chosen = compiler.compiler()
    assert chosen is not None
    assert chosen.command[1:] == ("cc",)
    compiler.compile_library(ANSWER, tmp_path / "answer.so")
    assert ctypes.CDLL(str(tmp_path / "answer.so")).answer() == 42
