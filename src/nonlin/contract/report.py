"""What a run of the checks found."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["passed", "failed", "skipped"]
WIDTH, LONGEST = 110, 400  # columns of the text; characters of a message in it


@dataclass(frozen=True)
class Result:
    """One check of one case.

    Args:
        check: its name, ``"group.check"``.
        case: which way of calling: "default", "other" parameters, "training" ...
        status: "passed", "failed" or "skipped".
        message: what failed, or why it was skipped.
        seconds: how long it took.
    """

    check: str
    case: str
    status: Status
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """The result of :func:`nonlin.check`. ``str(report)`` is a text for people; ``to_dict()`` is for programs."""

    activation: str
    results: tuple[Result, ...]

    @property
    def ok(self) -> bool:
        """True where nothing failed and something was checked."""
        return not self.failed and bool(self.passed)

    @property
    def passed(self) -> tuple[Result, ...]:
        return self._with("passed")

    @property
    def failed(self) -> tuple[Result, ...]:
        return self._with("failed")

    @property
    def skipped(self) -> tuple[Result, ...]:
        return self._with("skipped")

    def _with(self, status: Status) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.status == status)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as JSON takes it."""
        counts = {"passed": len(self.passed), "failed": len(self.failed), "skipped": len(self.skipped)}
        return {"activation": self.activation, "ok": self.ok, **counts, "results": [asdict(r) for r in self.results]}

    def summary(self) -> str:
        """One line."""
        counts = f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"
        return f"{self.activation}: {counts}"

    def __str__(self) -> str:
        return "\n".join([self.summary(), *_failures(self.failed), *_reasons(self.skipped)])


def _failures(results: Iterable[Result]) -> Iterator[str]:
    """One entry a check and message, with the cases that share it."""
    cases: dict[tuple[str, str], list[str]] = {}
    for r in results:
        cases.setdefault((r.check, r.message), []).append(r.case)
    for (check, message), which in cases.items():
        told = " ".join(message.split())
        told = told if len(told) <= LONGEST else told[:LONGEST] + " ..."
        of = "" if which == ["default"] else f" ({', '.join(which)})"
        yield from _wrapped(f"failed {check}{of}: {told}")


def _reasons(results: Iterable[Result]) -> Iterator[str]:
    """One entry a reason, with the checks that share it."""
    checks: dict[str, dict[str, None]] = {}
    for r in results:
        checks.setdefault(r.message, {})[r.check] = None
    for reason, which in checks.items():
        yield from _wrapped(f"skipped {', '.join(which)}: {reason}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
