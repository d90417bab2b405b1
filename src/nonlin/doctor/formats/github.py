"""A report as annotations of GitHub Actions: commands that the runner reads off the output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nonlin.doctor.finding import Finding, Severity
from nonlin.doctor.formats import places

if TYPE_CHECKING:
    from nonlin.doctor.report import Report

_COMMANDS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "note": "notice"}


def github(report: Report) -> str:
    """One line a finding, ``::error file=...,line=...,title=...::message``; no line where nothing was found.

    A finding without a line of source is shown at ``report.fallback``, or at no file where there is none either.

    Example:
        >>> import torch, nonlin
        >>> from torch import nn
        >>> model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
        >>> report = nonlin.diagnose(model, torch.randn(8, 4), torch.randint(3, (8,)), loss="cross_entropy")
        >>> print(github(report)[:40])
        ::error title=L01 softmax before cross-e
    """
    return "\n".join(_line(finding, report) for finding in report.findings)


def _line(finding: Finding, report: Report) -> str:
    at = places.site(finding, report)
    properties = {} if at is None else {"file": places.file(at), "line": str(at.line)}
    properties["title"] = f"{finding.rule} {finding.name}"
    spelled = ",".join(f"{key}={attribute(value)}" for key, value in properties.items())
    text = f"{finding.message}\nfix: {finding.fix}"
    return f"::{_COMMANDS[finding.severity]} {spelled}::{message(text)}"


def message(text: str) -> str:
    """``text`` so that it stays one command's message.

    Example:
        >>> message("97 %\\n::error::no")
        '97 %25%0A::error::no'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def attribute(text: str) -> str:
    """``text`` so that it stays one property's value.

    Example:
        >>> attribute("a, b: c")
        'a%2C b%3A c'
    """
    return message(text).replace(":", "%3A").replace(",", "%2C")
