"""Writing files so that nothing is ever half-written: a temporary file beside the target, then a rename."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from nonlin.errors import NonlinError


class OutputError(NonlinError, OSError):
    """A path that cannot be written."""


def check_writable(path: Path) -> None:
    """Raise at once where ``path`` could not be written after long work."""
    if path.is_dir():
        raise OutputError(f"{path} is a directory; give the path of a file, such as {path / 'guide.html'}")
    parent = path.parent
    if not parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no directory {parent}; create it or give another path")
    if not os.access(parent, os.W_OK):
        raise OutputError(f"cannot write {path}: the directory {parent} is not writable; give another path")


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in UTF-8, whole or not at all.

    Raises:
        OutputError: where the directory is missing or not writable.
    """
    check_writable(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
