"""What a benchmark ran on: processor, threads, versions and the C compiler; no host name, no user, no path."""

from __future__ import annotations

import os
import platform
import subprocess

import torch

from nonlin import __version__
from nonlin.guide.experiments.machine import processor
from nonlin.kernels.compiler import compiler


def machine() -> dict[str, str | int]:
    """By name, in the order in which it is told."""
    return {
        "cpu": processor(),
        "cores": _cores(),
        "threads": torch.get_num_threads(),
        "system": platform.system(),
        "nonlin": __version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "compiler": _compiler(),
    }


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _compiler() -> str:
    """The first line of ``--version``, which names no path."""
    found = compiler()
    if found is None:
        return "none"
    try:
        done = subprocess.run(
            [*found.command, "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.partition("\n")[0].strip() or "unknown"
