"""The C compiler of this machine: which one, with which flags, and one source compiled to one library.

The order is ``$CC``, then ``cc``, ``gcc`` and ``clang`` on the PATH, then the ``ziglang`` wheel (``pip install
nonlin[compiler]``). ``NONLIN_COMPILE=0`` turns compiling off: every call then takes the composite, without a notice.
Both variables are read once a process.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nonlin.errors import NonlinError
from nonlin.kernels import private

TIMEOUT = 120.0  # seconds; a kernel takes well under one

# -ffp-contract=off and no -ffast-math: the vector body and the scalar tail of a loop must round alike.
# -fno-tree-pre and -fno-thread-jumps: gcc 12 otherwise repeats arithmetic in every branch of a choice that becomes a blend
# (hardswish at 1,048,576 float32 elements, 2 threads, AMD EPYC: 81 us instead of 131)
_FLAGS = (
    "-O3", "-std=gnu11", "-shared", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd",
    "-fno-tree-pre", "-fno-thread-jumps",
)  # fmt: skip
_X86 = {"x86_64", "amd64", "i386", "i686", "x86"}
# the lines of /proc/cpuinfo that decide what -march=native means, on x86 and on ARM
_CPU_LINES = {
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags",
    "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "Features",
}  # fmt: skip
_CPUINFO = Path("/proc/cpuinfo")
_NOT_STARTED, _TOO_SLOW = "could not be started", "was stopped after"


class CompileError(NonlinError):
    """The compiler failed; ``log`` is the file with its command, its output and the source."""

    def __init__(self, message: str, log: Path, *, stuck: bool = False) -> None:
        super().__init__(message)
        self.log = log
        self.stuck = stuck  # the compiler itself did not run to its end: another source would fare no better


class StoppedError(NonlinError):
    """The process ends before the compiler has: nothing failed, and the next process tries again."""


@dataclass(frozen=True)
class Compiler:
    """A compiler as it is called, and what tells it from every other."""

    command: tuple[str, ...]
    identity: str  # the command and, for each program in it, its real path, size and time: no process is started
    flags: tuple[str, ...]
    ending: str = ".c"  # of a source
    libraries: tuple[str, ...] = ()  # what follows the source
    timeout: float | None = None  # seconds; TIMEOUT where None


def compiler() -> Compiler | None:
    """The compiler of this process, looked for once; None where there is none to use."""
    found = _search()
    return found if isinstance(found, Compiler) else None


def why_none() -> str | None:
    """Why :func:`compiler` is None and what to do about it; None where compiling was turned off on purpose."""
    found = _search()
    return None if isinstance(found, Compiler) else found


def forget() -> None:
    """Look for the compiler and the CPU anew: for tests."""
    _search.cache_clear()
    cpu.cache_clear()


@cache
def _search() -> Compiler | str | None:
    if os.environ.get("NONLIN_COMPILE") == "0":
        return None
    features = cpu().get("flags")
    if _is_x86() and features is not None and "fma" not in features.split():
        return "this CPU has no fused multiply-add, without which compiled kernels would be slower than torch's own operations"
    command = _command()
    if command is None:
        return f"no C compiler was found ($CC, cc, gcc, clang, ziglang); {_how_to_install()}"
    return Compiler(command, identity(command), _flags(command))


def _command() -> tuple[str, ...] | None:
    found = first_program(split(os.environ.get("CC", "")), ["cc"], ["gcc"], ["clang"])
    if found is not None:
        return found
    wheel = find_spec("ziglang")
    if wheel is not None and wheel.origin is not None:
        program = shutil.which(str(Path(wheel.origin).parent / "zig"))
        if program is not None:
            return (program, "cc")
    return None


def first_program(*candidates: list[str]) -> tuple[str, ...] | None:
    """The first command whose program is on the PATH, by the program's full path."""
    for words in candidates:
        program = shutil.which(words[0]) if words else None
        if program is not None and not _is_placeholder(program):
            return (os.path.abspath(program), *words[1:])
    return None


def split(text: str) -> list[str]:
    """The words of a command such as ``$CC``."""
    try:
        return shlex.split(text, posix=os.name == "posix")
    except ValueError:  # an unbalanced quote: then it is no command, and the next candidate's turn
        return []


def _is_placeholder(program: str) -> bool:
    """Whether it is one of macOS' programs in /usr/bin that only ask to install the developer tools."""
    tools = ("/var/db/xcode_select_link", "/Library/Developer/CommandLineTools", "/Applications/Xcode.app")
    return sys.platform == "darwin" and program.startswith("/usr/bin/") and not any(map(os.path.exists, tools))


def _is_zig(command: tuple[str, ...]) -> bool:
    return any(Path(word).stem == "zig" or word == "ziglang" for word in command)


def identity(command: tuple[str, ...]) -> str:
    """What tells a command's programs from every other, without starting one."""
    parts = [shlex.join(command)]
    for word in command:
        program = shutil.which(word)
        if program is not None:
            real = os.path.realpath(program)
            status = os.stat(real)
            parts.append(f"{real} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(parts)


def _flags(command: tuple[str, ...]) -> tuple[str, ...]:
    zig, windows = _is_zig(command), os.name == "nt"
    # gcc and clang take -march=native on x86; elsewhere -mcpu=native is what both have always taken
    native = "-march=native" if _is_x86() and not zig else "-mcpu=native"
    wide = not zig and "avx512f" in cpu().get("flags", "").split()
    return (
        *_FLAGS,
        native,
        *(() if windows else ("-fPIC",)),  # every Windows library is; clang there refuses the word
        *(("-mprefer-vector-width=512",) if wide else ()),
    )


def _is_x86() -> bool:
    return platform.machine().lower() in _X86


def _how_to_install() -> str:
    own = {"darwin": "`xcode-select --install` or ", "linux": "`apt install gcc` or "}.get(sys.platform, "")
    return f"install one with {own}`pip install nonlin[compiler]`"


@cache
def cpu() -> Mapping[str, str]:
    """What a library compiled for this CPU depends on, by name."""
    found = {}
    with contextlib.suppress(OSError), _CPUINFO.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            name, colon, value = line.partition(":")
            if not colon:
                break  # the first core is enough, and reading all of them is slow on large machines
            if name.strip() in _CPU_LINES:
                found[name.strip()] = value.strip()
    return {"machine": platform.machine(), **(found or {"processor": platform.processor()})}


def compile_library(source: str, to: Path, chosen: Compiler | None = None) -> None:
    """Compile ``source`` to the library ``to``, whole or not at all; by the C compiler where none is given.

    Raises:
        CompileError: where there is no compiler or it fails; its output is then in ``to`` with the ending ``.log``.
        OSError: where ``to`` cannot be written.
    """
    log = to.with_suffix(".log")
    chosen = chosen or compiler()
    if chosen is None:
        reason = why_none() or "compiling is turned off by NONLIN_COMPILE=0"
        raise CompileError(f"cannot compile {to.name}: {reason}", log)
    with tempfile.TemporaryDirectory(prefix="nonlin-", ignore_cleanup_errors=True) as folder:
        # relative names: the same source gives the same bytes in every process, whichever of them renames last
        library, text = Path(folder, "kernel.so"), Path(folder, f"kernel{chosen.ending}")
        text.write_text(source, encoding="utf-8")
        command = [*chosen.command, *chosen.flags, text.name, "-o", library.name, *chosen.libraries]
        problem, output = _run(command, folder, chosen.timeout or TIMEOUT)
        if _ending:
            raise StoppedError(f"{to.name} was not finished")
        if problem is None and not library.exists():
            problem = "wrote no library"
        if problem is not None:
            told = f"{shlex.join(command)}\n{problem}\n\n{output}\n\n{source}"
            private.write(log, told.encode("utf-8", "replace"))
            raise CompileError(
                f"{chosen.command[0]} {problem}; all it said is in {log}",
                log,
                stuck=problem.startswith((_NOT_STARTED, _TOO_SLOW)),
            )
        private.write(to, library.read_bytes())
    log.unlink(missing_ok=True)


def _run(command: list[str], folder: str, timeout: float) -> tuple[str | None, str]:
    """What went wrong, or None, and the output."""
    environment = {**os.environ, "LC_ALL": "C", "TMPDIR": folder}
    group = os.name == "posix"  # a compiler starts programs of its own, which must end with it
    try:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, start_new_session=group,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        return _NOT_STARTED, str(error)
    _running[process] = os.getpid()
    try:
        output, _ = process.communicate(timeout=timeout)
        return f"ended with status {process.returncode}" if process.returncode else None, output.decode(
            "utf-8", "replace"
        )
    except subprocess.TimeoutExpired:
        return f"{_TOO_SLOW} {timeout:g} s", ""
    finally:
        _running.pop(process, None)
        if process.poll() is None:  # too slow, or interrupted
            _kill(process)
            process.communicate()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a compiler and the programs that it has started."""
    with contextlib.suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


_running: dict[subprocess.Popen[bytes], int] = {}  # compilers, with the process that started each
_ending = False


def stop() -> None:
    """End the compilers that this process has started: it ends itself."""
    global _ending
    _ending = True
    for process, owner in list(_running.items()):
        if owner == os.getpid():  # a forked child ends too, and its parent still waits
            _kill(process)
