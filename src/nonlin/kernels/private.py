"""Files that are loaded as code: read only where nobody else could have written them, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def read(path: Path) -> bytes | None:
    """The bytes of ``path``, or None where it is missing, unreadable, or someone else owns it or may write to it."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            return file.read() if stat.S_ISREG(status.st_mode) and fault(status) is None else None
    except OSError:
        return None


def write(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` by renaming a temporary file beside it, so that no reader ever sees a part of it.

    Raises:
        OSError: where the disk is full or the directory is not writable; nothing is left behind.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def fault(status: os.stat_result) -> str | None:
    """Why others could change what has this status; None where only this user can."""
    if not hasattr(os, "geteuid"):  # Windows: a user's own folders are closed to others by their access lists
        return None
    if status.st_uid != os.geteuid():
        return f"it belongs to user {status.st_uid}, and this process runs as user {os.geteuid()}"
    if status.st_mode & 0o022:
        return f"others may write to it (mode {stat.S_IMODE(status.st_mode):o})"
    return None
