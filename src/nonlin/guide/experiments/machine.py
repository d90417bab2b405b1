"""What the measurements ran on, in one line: no host name, no user, no path."""

from __future__ import annotations

import platform
from pathlib import Path

import torch


def processor() -> str:
    """The processor's model where the system tells it, else its architecture."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine() or "unknown processor"


def machine() -> str:
    """Processor, threads and versions."""
    threads = torch.get_num_threads()
    return (
        f"{processor()}, {threads} thread{'' if threads == 1 else 's'}, "
        f"torch {torch.__version__}, Python {platform.python_version()}"
    )
