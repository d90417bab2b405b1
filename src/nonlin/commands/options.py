"""Options that several commands share."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from nonlin.errors import NonlinError


def add_format(parser: argparse.ArgumentParser) -> None:
    """``--format text|json``."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="text for people, json for programs (default: text)"
    )


def add_define(parser: argparse.ArgumentParser) -> None:
    """``--define NAME=FORMULA``."""
    parser.add_argument(
        "--define",
        metavar="NAME=FORMULA",
        action="append",
        default=[],
        help="an activation of your own, such as 'tanhexp=x * tanh(exp(x))'; may be given several times",
    )


def define(definitions: list[str]) -> None:
    """Register what ``--define`` gave."""
    from nonlin import registry

    for text in definitions:
        name, equals, formula = text.partition("=")
        if not equals:
            raise NonlinError(f"--define {text!r}: expected NAME=FORMULA, such as 'tanhexp=x * tanh(exp(x))'")
        registry.define(name.strip(), formula.strip())


def print_json(value: Any) -> None:
    """Write ``value`` to standard output as JSON; infinities are strings, so that every reader takes it."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")
