"""Calls without Python in between: a C++ module, compiled once a machine, that runs the kernels and records their backward.

Its classes take the addresses of compiled kernels and are called like the Python functions that they stand in for: on
ordinary CPU tensors they run the kernel, record a C++ step where a gradient will be asked for and take large results from
a pool of memory; everything else they hand to those functions. It needs a C++ compiler and the headers of torch and
Python; where one is missing, or ``NONLIN_NATIVE=0`` turns it off, the Python functions serve, with the same results.

The first compilation on a machine takes half a minute. It runs in the background, and calls change over when it is done;
:func:`ready` waits for it.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib.machinery
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from nonlin.errors import NonlinError
from nonlin.kernels import cache, compiler
from nonlin.kernels.compiler import Compiler
from nonlin.kernels.cpp_compiler import cpp_compiler

LABEL = "native"
POOL_BYTES = 1 << 29  # memory kept that no tensor uses, unless NONLIN_POOL says otherwise
POOL_SHARE = 16  # at most this part of the machine's memory

_lock = threading.RLock()
_module: ModuleType | None = None
_started: threading.Thread | None = None
_problem: str | None = None  # why compiling failed
_waiting: list[Callable[[ModuleType], None]] = []


def when_ready(install: Callable[[ModuleType], None]) -> None:
    """Call ``install`` with the module: now where it is loaded or found compiled, else once it is."""
    with _lock:
        _start()
        if _module is not None:
            install(_module)
        elif _started is not None and _started.is_alive():
            _waiting.append(install)
        elif _problem is not None:
            cache.tell("native", f"calls go through Python, slower and with the same results: {_problem}")


def ready(timeout: float | None = None) -> bool:
    """Wait until the module is compiled and loaded; False where it cannot be, or ``timeout`` seconds have passed."""
    with _lock:
        _start()
        thread = _started
    if thread is not None:
        thread.join(timeout)
    return _module is not None


def problem() -> str | None:
    """Why compiling failed, naming the log; None where it did not."""
    return _problem


def told() -> str:
    """Who calls the kernels, in words: C++, or Python and why."""
    if ready():
        return "from C++"
    if os.environ.get("NONLIN_NATIVE") == "0":
        return "from Python: NONLIN_NATIVE=0"
    return f"from Python: {_problem or 'there is no C++ compiler, or there are no headers of Python, or this is not Linux'}"


@contextmanager
def paused() -> Iterator[None]:
    """Every call goes through Python meanwhile, in all threads: to measure or to test that way."""
    if _module is not None:
        _module.pause(True)
    try:
        yield
    finally:
        if _module is not None:
            _module.pause(False)


def empty_cache() -> None:
    """Give back the memory that is kept for results of activations and that no tensor uses.

    Results of 256 KiB and more on the CPU take their memory from a pool, as torch's do on a GPU: a block that a tensor has
    left is handed out again with its pages mapped, which saves the page faults that otherwise cost more than most
    activations. At most 512 MiB, or a sixteenth of the machine's memory where that is less, are kept unused;
    the environment variable ``NONLIN_POOL`` names another limit in MiB, 0 to keep nothing.

    Example:
        >>> import nonlin
        >>> nonlin.empty_cache()
    """
    if _module is not None:
        _module.clear_pool()


def _start() -> None:
    """Load the compiled module, or begin to compile it; once a process."""
    global _started, _problem
    if _module is not None or _started is not None or _problem is not None or os.environ.get("NONLIN_NATIVE") == "0":
        return
    chosen = cpp_compiler()
    if chosen is None:
        return
    source = _source()
    found = cache.find(source, LABEL, chosen)
    if found is not None:
        _attempt(lambda: found)
        return
    log = cache.log_of(source, LABEL, chosen)
    if log.exists():  # half a minute for nothing, in every process
        _problem = f"compiling the module failed before; {log} says why. `nonlin cache --clear` lets it be tried again"
        return
    _started = threading.Thread(target=_build, args=(source, chosen), name="nonlin-native", daemon=True)
    _started.start()


def _source() -> str:
    """One translation unit: the module with its headers put in where it includes them."""
    folder = files("nonlin.kernels") / "cpp"
    done: set[str] = set()

    def text(name: str) -> str:
        lines = []
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            if line.startswith('#include "'):
                included = line.split('"')[1]
                if included not in done:
                    done.add(included)
                    lines.append(text(included))
            elif line != "#pragma once":
                lines.append(line)
        return "\n".join(lines)

    return text("module.cpp") + "\n"


def _build(source: str, chosen: Compiler) -> None:
    def compiled() -> Path:
        with _alone(cache.lock_file(source, LABEL, chosen)):
            return cache.find(source, LABEL, chosen) or cache.build(source, LABEL, chosen)

    _attempt(compiled)


def _attempt(module_path: Callable[[], Path]) -> None:
    """Load the module; where that fails, calls stay with Python, and :func:`problem` tells why."""
    global _problem
    try:
        _load(module_path())
    except compiler.StoppedError:
        pass
    except (NonlinError, OSError, ImportError) as error:
        _problem = str(error)


def _end() -> None:
    """A process that ends leaves neither a compiler behind nor its files."""
    if _started is not None and _started.is_alive():
        compiler.stop()
        _started.join(timeout=5)


atexit.register(_end)


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()  # another thread may have held it, and that thread is not here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Processes that start together wait for the first one's compilation, or its end."""
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # a child forked meanwhile holds the file too


def _load(path: Path) -> None:
    global _module
    module = _import(path)
    module.set_pool_limit(_pool_limit())
    with _lock:
        _module = module
        for install in _waiting:
            install(module)
        _waiting.clear()


def _import(path: Path) -> ModuleType:
    loader = importlib.machinery.ExtensionFileLoader("nonlin._native", str(path))
    spec = importlib.util.spec_from_file_location("nonlin._native", str(path), loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def _pool_limit() -> int:
    given = os.environ.get("NONLIN_POOL", "")
    if given.isdigit():
        return min(int(given) << 20, sys.maxsize)
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return POOL_BYTES
    return min(POOL_BYTES, memory // POOL_SHARE)


def address(entry: Any) -> int:
    """Where a C function of a loaded library begins."""
    found = ctypes.cast(entry, ctypes.c_void_p).value
    assert found is not None
    return found
