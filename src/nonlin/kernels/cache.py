"""Compiled libraries kept between processes: where, under which name, and when one found there is trusted.

An entry is ``NAME.so`` with its manifest ``NAME.json``; NAME ends in a digest of everything the library depends on. The
directory is ``$NONLIN_CACHE``, or ``nonlin`` in the user's cache directory. What others could have written is never
loaded, and what is missing or broken is compiled anew. Any number of processes may share the directory without a lock:
each writes a file whole, and the last one wins with the same contents.
"""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import json
import os
import re
import stat
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from nonlin import __version__
from nonlin.errors import PerformanceNotice
from nonlin.kernels import compiler, private

Describe = Callable[[ctypes.CDLL], dict[str, Any]]

# the names that this module gives its files, and the temporary ones that a killed process left
PATTERN = re.compile(
    r"(?P<entry>[\w-]+-[0-9a-f]{32})\.(so|json|log|lock)|\.[\w-]+-[0-9a-f]{32}\.(so|json|log)\.\w+\.tmp", re.ASCII
)

_lock = threading.RLock()
_told: set[str] = set()  # the reasons that this process has given a notice of
_temporary: Path | None = None  # where libraries go that the directory cannot take
_stuck = False  # the compiler did not run to its end; it is not tried again


def configured() -> Path:
    """The directory as the environment names it, whether or not it exists."""
    chosen = os.environ.get("NONLIN_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    try:
        home = Path.home()
    except RuntimeError:  # a process without a user entry; who owns the directory is checked before its use
        return Path(tempfile.gettempdir(), f"nonlin-{os.geteuid() if hasattr(os, 'geteuid') else 'cache'}")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "nonlin"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "nonlin"
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(xdg) if os.path.isabs(xdg) else home / ".cache") / "nonlin"


def directory() -> Path:
    """The directory in use, created with mode 0700; a temporary one, with one notice, where that is not to be trusted."""
    path = configured()
    problem = fault(path, create=True)
    if problem is None:
        return path
    tell(
        "directory",
        f"the cache directory {path} is not used: {problem}. Compiled kernels are kept for this process alone, and each process "
        f"compiles them again, with the same results; {advice(path)}",
    )
    return _fallback()


def fault(path: Path, *, create: bool = False) -> str | None:
    """Why ``path`` is no directory to load code from; None where it is, or where it could be created."""
    try:
        if create:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not path.exists():
            return None
        status = path.stat()
        return private.fault(status) if stat.S_ISDIR(status.st_mode) else "it is not a directory"
    except OSError as error:
        return f"it cannot be used ({error.strerror})"


def advice(path: Path) -> str:
    """What to do about a :func:`fault`."""
    own = f"run `chmod 700 {path}` or " if path.is_dir() else ""
    return f"{own}set NONLIN_CACHE to a directory of your own"


def load(source: str, label: str, describe: Describe) -> tuple[ctypes.CDLL, dict[str, Any]] | None:
    """The library of the C ``source`` and its description, from the directory or compiled now.

    Args:
        source: one C translation unit.
        label: what the entry's name starts with, for people who look into the directory.
        describe: run once after compiling; what it returns is kept as JSON and read at the next start.

    Returns:
        None, with one notice a process, where there is no compiler or it fails.
    """
    with _lock:
        chosen = compiler.compiler()
        if chosen is None:
            reason = compiler.why_none()
            if reason is not None:
                same = "Activations run on torch's own operations, slower and within their own bounds of error"
                tell("compiler", f"{reason}. {same}")
            return None
        name = entry_name(source, label, chosen)
        try:
            folders = [directory(), *([_temporary] if _temporary is not None else [])]
        except OSError as error:  # not even a temporary one
            _tell_nowhere(error)
            return None
        for folder in dict.fromkeys(folders):
            found = _read(folder / name)
            if found is not None:
                return found
        return None if _stuck else _build(source, folders[-1] / name, label, describe, chosen)


def find(source: str, label: str, chosen: compiler.Compiler) -> Path | None:
    """The library of ``source`` where the directory has it, whole and from this user alone."""
    stem = directory() / entry_name(source, label, chosen)
    return None if _vouched(stem) is None else stem.with_suffix(".so")


def lock_file(source: str, label: str, chosen: compiler.Compiler) -> Path:
    """The file that the process locks which compiles ``source``."""
    return directory() / f"{entry_name(source, label, chosen)}.lock"


def log_of(source: str, label: str, chosen: compiler.Compiler) -> Path:
    """The file with what the compiler said when it failed on ``source``."""
    return directory() / f"{entry_name(source, label, chosen)}.log"


def build(source: str, label: str, chosen: compiler.Compiler) -> Path:
    """The library of ``source``, compiled now. Other threads may load kernels meanwhile.

    Raises:
        CompileError: where the compiler fails. OSError: where the directory cannot be written.
    """
    stem = directory() / entry_name(source, label, chosen)
    compiler.compile_library(source, stem.with_suffix(".so"), chosen)
    _keep(stem, label, {}, chosen)
    return stem.with_suffix(".so")


def entry_name(source: str, label: str, chosen: compiler.Compiler) -> str:
    """``label`` and 32 hexadecimal digits of everything that the library and its description depend on."""
    depends = [__version__, source, chosen.identity, chosen.flags, sorted(compiler.cpu().items())]
    digest = hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:32]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', label)[:80]}-{digest}"


def files(path: Path) -> Iterator[tuple[Path, str | None]]:
    """The files in ``path`` that this module wrote, each with its entry's name; None for what a killed process left."""
    if not path.is_dir():
        return
    for file in sorted(path.iterdir()):
        named = PATTERN.fullmatch(file.name)
        if named is not None and file.is_file() and not file.is_symlink():
            yield file, named["entry"]


def _read(stem: Path) -> tuple[ctypes.CDLL, dict[str, Any]] | None:
    """The entry at ``stem``, or None where any part of it is missing, broken, or open to others."""
    described = _vouched(stem)
    try:
        return None if described is None else (ctypes.CDLL(str(stem.with_suffix(".so"))), described)
    except OSError:  # the linker refused it
        return None


def _vouched(stem: Path) -> dict[str, Any] | None:
    """The description of the entry at ``stem`` where its library is the one that the manifest was written for."""
    told, library = private.read(stem.with_suffix(".json")), private.read(stem.with_suffix(".so"))
    if told is None or library is None:
        return None
    try:
        manifest = json.loads(told)
        described = manifest["description"]
        vouched = manifest["size"] == len(library) and manifest["sha256"] == _digest(library)
        return described if vouched and isinstance(described, dict) else None
    except (ValueError, KeyError, TypeError):
        return None


def _build(
    source: str, stem: Path, label: str, describe: Describe, chosen: compiler.Compiler
) -> tuple[ctypes.CDLL, dict[str, Any]] | None:
    global _stuck
    try:
        try:
            loaded = _compile(source, stem)
        except OSError as error:  # a full or read-only disk, or one that no code may be loaded from
            _tell_disk(stem.parent, error)
            stem = _fallback() / stem.name
            loaded = _compile(source, stem)
    except compiler.CompileError as error:
        _stuck = error.stuck
        same = "It runs on torch's own operations, slower and within their own bounds of error"
        tell("failed", f"compiling {label} failed: {error}. {same}")
        return None
    except OSError as error:
        _tell_nowhere(error)
        return None
    # through JSON at once: the first process sees what the next ones will
    described: dict[str, Any] = json.loads(json.dumps(describe(loaded)))
    try:
        _keep(stem, label, described, chosen)
    except OSError as error:
        _tell_disk(stem.parent, error)
    return loaded, described


def _keep(stem: Path, label: str, described: dict[str, Any], chosen: compiler.Compiler) -> None:
    """Write the manifest of the library at ``stem``."""
    library = private.read(stem.with_suffix(".so"))
    if library is None:
        return
    manifest = {
        "label": label,
        "sha256": _digest(library),
        "size": len(library),
        "description": described,
        "compiler": chosen.command,
        "flags": chosen.flags,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    private.write(stem.with_suffix(".json"), json.dumps(manifest, indent=1).encode())


def _compile(source: str, stem: Path) -> ctypes.CDLL:
    compiler.compile_library(source, stem.with_suffix(".so"))
    return ctypes.CDLL(str(stem.with_suffix(".so")))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _fallback() -> Path:
    """A directory of this process alone, emptied at its end; logs stay."""
    global _temporary
    if _temporary is None:
        _temporary = Path(tempfile.mkdtemp(prefix="nonlin-"))  # mode 0700
        atexit.register(_remove, _temporary, os.getpid())
    return _temporary


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child ends before its parent, which still uses it
        try:
            for file, _ in files(path):
                if file.suffix != ".log":
                    file.unlink()
            path.rmdir()
        except OSError:  # a log is left for its reader, or Windows holds what is loaded
            pass


def _tell_disk(path: Path, error: OSError) -> None:
    tell(
        "disk",
        f"the cache directory {path} cannot keep compiled kernels ({error}). Each process compiles them again, with the same "
        "results; make room there or set NONLIN_CACHE to another directory",
    )


def _tell_nowhere(error: OSError) -> None:
    tell(
        "nowhere",
        f"compiled kernels can be kept nowhere ({error}). Activations run on torch's own operations, slower and with the "
        "same results; set NONLIN_CACHE to a directory that can be written",
    )


def tell(reason: str, text: str) -> None:
    """One notice a process for each reason."""
    if reason not in _told:
        _told.add(reason)
        level, frame = 1, sys._getframe()
        while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("nonlin", "torch"):
            level, frame = level + 1, frame.f_back
        warnings.warn(text, PerformanceNotice, stacklevel=level)  # at the line that called an activation


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()  # another thread may have held it, and that thread is not here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
