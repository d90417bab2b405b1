"""Where in the user's code a call was made: the innermost frame outside torch and nonlin."""

from __future__ import annotations

import linecache
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

import torch

_LIBRARIES = tuple(
    str(Path(package).parent) + os.sep for package in (torch.__file__, str(Path(__file__).parents[1] / "x"))
)


@dataclass(frozen=True)
class Site:
    """One line of source."""

    file: str
    line: int
    function: str

    @property
    def text(self) -> str:
        """The line itself, stripped; empty where the source is not at hand."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}"


def shown(file: str) -> str:
    """A file's name as people want to read it: relative to where they are, if it lies below."""
    relative = os.path.relpath(file) if os.path.isabs(file) else file
    return file if relative.startswith("..") else relative


def call_site(until: CodeType) -> Site | None:
    """The innermost frame of the caller that lies in neither torch nor nonlin, below the frame that runs ``until``."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code is not until:
        file = frame.f_code.co_filename
        if not file.startswith(_LIBRARIES) and not file.startswith("<"):
            return Site(file, frame.f_lineno, getattr(frame.f_code, "co_qualname", frame.f_code.co_name))
        frame = frame.f_back  # type: ignore[assignment]
    return None
