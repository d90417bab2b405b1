"""The command line: ``nonlin guide | show | list | nearest | check | doctor | bench | cache``. Exit codes: 0 fine, 1 findings, 2 a mistake."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from nonlin import __version__
from nonlin.commands import bench, cache, check, doctor, guide, list, nearest, show
from nonlin.errors import NonlinError

COMMANDS = (guide, show, list, nearest, check, doctor, bench, cache)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; it imports neither torch nor sympy."""
    top = argparse.ArgumentParser(
        prog="nonlin",
        description="Activation functions for PyTorch: one declared formula each, everything else derived and measured.",
    )
    top.add_argument("--version", action="version", version=f"nonlin {__version__}")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except NonlinError as error:
        print(f"nonlin: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has gone: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("nonlin: interrupted; nothing was written", file=sys.stderr)
        return 130
