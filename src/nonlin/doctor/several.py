"""Reports of several targets as one text, for each format of the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from nonlin.doctor.finding import SEVERITIES
from nonlin.doctor.report import Report
from nonlin.errors import ArgumentError

ONE_PAGE: Final = "--format html makes a page of one target, and there are {}; name one"
Named = Mapping[str, Report]  # by target, in their order


def check(format: str, count: int) -> None:
    """Raise before any work where so many reports cannot be written in a format."""
    if format == "html" and count > 1:
        raise ArgumentError(ONE_PAGE.format(count))


def written(reports: Named, format: str) -> str:
    """All reports in one format, ready to be printed.

    Args:
        reports: by target.
        format: text, json (a list with one object a target), html (of one report), github, sarif (one run for all).
    """
    if format == "json":
        return _json([{"target": target, **report.to_dict()} for target, report in reports.items()])
    if format == "html":
        return next(iter(reports.values())).to_html()
    if format == "github":
        return "".join(f"{text}\n" for report in reports.values() if (text := report.to_github().rstrip("\n")))
    if format == "sarif":
        return _json(_one_run([report.to_sarif() for report in reports.values()]))
    return "\n".join(as_text(target, report, len(reports)) for target, report in reports.items())


def as_text(target: str, report: Report, count: int) -> str:
    """One report, under its target's name where there are several."""
    return f"{target}\n{report}\n" if count > 1 else f"{report}\n"


def fails(report: Report, level: str) -> bool:
    """Whether there is a finding of this severity or a worse one; never for ``never``."""
    if level == "never":
        return False
    worst = SEVERITIES[: [*SEVERITIES].index(level) + 1]  # type: ignore[arg-type]  # a choice of the parser
    return any(finding.severity in worst for finding in report.findings)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _one_run(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """The first document with the results of all: code scanning takes one run of a tool in a file."""
    whole = documents[0]
    run = whole["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for document in documents[1:]:
        (other,) = document["runs"]
        known = {rule["id"] for rule in rules}
        rules += [rule for rule in other["tool"]["driver"]["rules"] if rule["id"] not in known]
        run["results"] += other["results"]
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    for result in run["results"]:
        if "ruleIndex" in result:
            result["ruleIndex"] = places[result["ruleId"]]
    return whole
