"""A report as SARIF 2.1.0, which code scanning reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from nonlin import __version__
from nonlin.doctor.calls import Call
from nonlin.doctor.finding import Finding, Rule, rules
from nonlin.doctor.formats import places
from nonlin.doctor.sites import Site

if TYPE_CHECKING:
    from nonlin.doctor.report import Report

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(report: Report) -> dict[str, Any]:
    """One run with every rule there is and a result for each finding.

    A finding is one result at its first call; its other calls are related locations, since SARIF keeps several locations for what must be
    changed at each of them. A finding without a line of source is shown at ``report.fallback``, or named by its module alone. What was
    set aside is left out: code scanning opens suppressed results again.

    Example:
        >>> from nonlin.doctor.report import Report
        >>> log = sarif(Report([], [], [], {}, 26, None, 32, 0.5))
        >>> log["version"], log["runs"][0]["results"]
        ('2.1.0', [])
    """
    known = rules()
    index = {rule.id: i for i, rule in enumerate(known)}
    driver = {"name": "nonlin doctor", "semanticVersion": __version__, "rules": [_rule(rule) for rule in known]}
    missing = [
        {
            "level": "note",
            "message": {"text": f"{u.rule} was not checked: {u.why}"},
            "associatedRule": {"id": u.rule, "index": index[u.rule]},
        }
        for u in report.unchecked
    ]
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolConfigurationNotifications": missing}],
        "results": [_result(finding, index[finding.rule], report) for finding in report.findings],
        "columnKind": "unicodeCodePoints",
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(word[0].upper() + word[1:] for word in re.findall(r"[^\W_]+", rule.name)),
        "shortDescription": {"text": rule.name},
        "fullDescription": {"text": rule.text},
        "help": {"text": rule.text},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, index: int, report: Report) -> dict[str, Any]:
    """SARIF's levels are spelled as our severities are."""
    first = next((call for call in finding.calls if call.site is not None), next(iter(finding.calls), None))
    others = list(dict.fromkeys(call for call in finding.calls if call is not first))
    location = _location(places.site(finding, report), first, finding.places)
    result = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": f"{finding.message}\nfix: {finding.fix}"},
        "locations": [location] if location else [],
        "partialFingerprints": {"nonlinDoctor/v1": finding.fingerprint},
    }
    related = [found for call in others if (found := _location(call.site, call, ()))]
    for number, found in enumerate(related, 1):
        found["id"] = number
    return {**result, "relatedLocations": related} if related else result


def _location(site: Site | None, call: Call | None, named: tuple[str, ...]) -> dict[str, Any]:
    """Where in the files, and which module or parameter."""
    location: dict[str, Any] = {}
    if site is not None:
        artifact = {"uri": places.uri(site)}
        if not artifact["uri"].startswith("file:"):
            artifact["uriBaseId"] = "%SRCROOT%"
        region: dict[str, Any] = {"startLine": max(1, site.line)}
        if site.text:
            region["snippet"] = {"text": site.text}
        location["physicalLocation"] = {"artifactLocation": artifact, "region": region}
    names = [(places.module(call), "module")] if call is not None else [(name, "member") for name in named]
    if names:
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": kind} for name, kind in names]
    if call is not None:
        location["message"] = {"text": call.where}
    return location
