"""What a diagnosis found, saw, did not see and could not check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nonlin.doctor.finding import SEVERITIES, Finding, Severity
from nonlin.doctor.sites import Site

if TYPE_CHECKING:
    from nonlin.doctor.case import Case
    from nonlin.doctor.diagnose import Given


@dataclass(frozen=True)
class Unchecked:
    """A rule that could not be judged, and what it lacks."""

    rule: str
    name: str
    why: str


@dataclass(frozen=True)
class Seen:
    """One activation that ran: what, how written, where, on how many positions, and whether the loss used it."""

    name: str
    spelling: str
    path: str
    module: str
    site: Site | None
    shape: tuple[int, ...]
    positions: int
    dead: int | None
    used: bool
    grad: bool


@dataclass
class Report:
    """The result of :func:`nonlin.diagnose`; print it, or ask for ``to_html()``, ``to_dict()``, ``to_sarif()``."""

    findings: list[Finding]
    unchecked: list[Unchecked]
    activations: list[Seen]
    unseen: dict[str, str]  # where -> why
    checked: int  # rules that were judged
    loss: float | None
    samples: int | None
    seconds: float
    wrapper: str | None = None
    subject: Given | None = field(default=None, repr=False)
    ignored: list[Finding] = field(default_factory=list)
    fallback: Site | None = field(default=None, repr=False)  # where findings without a line of source are shown

    @classmethod
    def of(cls, case: Case, findings: list[Finding], unchecked: list[Unchecked], seconds: float) -> Report:
        from nonlin.doctor.finding import rules

        seen = []
        for call in case.calls:
            if call.stage != "model" or call.kind not in ("activation", "attention"):
                continue
            n = call.numbers
            used = case.graph is not None and case.graph.of_call(call) is not None
            seen.append(
                Seen(
                    call.name if call.kind == "activation" else "softmax", call.spelling, call.path, call.module, call.site, call.shape_out,
                    n.positions if n else 0, n.dead if n else None, used, call.grad,
                )
            )  # fmt: skip
        unseen = dict(case.recorder.unseen)
        for call in case.calls:
            if call.kind == "fused":
                from nonlin.doctor.names import FUSED

                unseen.setdefault(
                    call.path or call.spelling,
                    f"{call.name} is one operation: the {FUSED[call.name]} inside are not seen one by one",
                )
        off = sum(not s.grad for s in seen)
        if off:
            unseen["torch.no_grad()"] = (
                f"{off} activations ran without gradients: their values are judged, their gradients are not"
            )
        loss = float(case.loss.detach()) if case.loss is not None else None
        return cls(findings, unchecked, seen, unseen, len(rules()) - len(unchecked), loss, case.samples, seconds)

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not any(f.severity in ("error", "warning") for f in self.findings)

    def count(self, severity: Severity) -> int:
        return sum(f.severity == severity for f in self.findings)

    @property
    def summary(self) -> str:
        """``1 error, 2 warnings``, or ``nothing found``."""
        parts = [f"{n} {s}{'s' if n > 1 else ''}" for s in SEVERITIES if (n := self.count(s))]
        return ", ".join(parts) or "nothing found"

    def without(self, ignore: Iterable[str]) -> Report:
        """The same report with some findings set aside: by rule, or ``RULE:pattern of a module's name``; and by comments at call sites."""
        from nonlin.doctor.ignore import ignored

        patterns = list(ignore)
        self.ignored += [f for f in self.findings if ignored(f, patterns)]
        self.findings = [f for f in self.findings if not ignored(f, patterns)]
        return self

    @property
    def written(self) -> Counter[tuple[str, str]]:
        """How often each (activation, spelling) was seen."""
        return Counter((s.name, s.spelling) for s in self.activations)

    def __str__(self) -> str:
        from nonlin.doctor.formats.text import text

        return text(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for programs."""
        from nonlin.doctor.formats.data import data

        return data(self)

    def to_html(self) -> str:
        """A page of its own, with a picture of each finding's distribution."""
        from nonlin.doctor.formats.html import page

        return page(self)

    def _repr_html_(self) -> str:
        from nonlin.doctor.formats.html import fragment

        return fragment(self)

    def to_sarif(self) -> dict[str, Any]:
        """SARIF 2.1.0, for code scanning."""
        from nonlin.doctor.formats.sarif import sarif

        return sarif(self)

    def to_github(self) -> str:
        """Annotations of GitHub Actions, one line a finding."""
        from nonlin.doctor.formats.github import github

        return github(self)
