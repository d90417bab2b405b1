"""Findings that somebody has decided to live with: by rule and module, by a comment at the call, by a baseline."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from nonlin.doctor.finding import Finding, rules
from nonlin.errors import ArgumentError, suggestion
from nonlin.files import write_text

COMMENT: Final = re.compile(r"#\s*nonlin:\s*ignore(?:\[([A-Z0-9,\s]+)\])?")


def ignored(finding: Finding, patterns: Sequence[str]) -> bool:
    """Whether one of ``patterns`` or a ``# nonlin: ignore[L01]`` at one of its call sites names it."""
    for pattern in patterns:
        rule, _, path = pattern.partition(":")
        if rule == finding.rule and (not path or any(fnmatch.fnmatchcase(c.path, path) for c in finding.calls)):
            return True
    return any(_commented(call.site.text, finding.rule) for call in finding.calls if call.site is not None)


def _commented(line: str, rule: str) -> bool:
    found = COMMENT.search(line)
    return found is not None and (found[1] is None or rule in re.split(r"[,\s]+", found[1]))


def check(patterns: Iterable[str]) -> list[str]:
    """The patterns, each of a rule that there is."""
    known = [r.id for r in rules()]
    for pattern in patterns:
        if (rule := pattern.partition(":")[0]) not in known:
            raise ArgumentError(
                f"ignore {pattern!r}: there is no rule {rule}{suggestion(rule, known)}; the rules are {', '.join(known)}"
            )
    return list(patterns)


def read_baseline(path: Path) -> set[str]:
    """The fingerprints that a baseline file holds."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        return {str(line) for line in found["findings"]}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArgumentError(
            f"cannot read the baseline {path}: {error}; write one with --write-baseline {path}"
        ) from None


def write_baseline(path: Path, fingerprints: Iterable[str]) -> None:
    """Write fingerprints, sorted, so that versions compare."""
    write_text(path, json.dumps({"findings": sorted(set(fingerprints))}, indent=1) + "\n")
