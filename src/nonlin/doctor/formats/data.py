"""A report as JSON's types: everything that it holds, for programs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from nonlin import __version__
from nonlin.doctor.calls import Call
from nonlin.doctor.finding import Finding, Picture
from nonlin.doctor.formats import places
from nonlin.doctor.formats.bins import finite, histogram
from nonlin.doctor.sites import Site

if TYPE_CHECKING:
    from nonlin.doctor.report import Report, Seen

VERSION: Final = 1  # of these keys and what they mean; a key more does not change it


def data(report: Report) -> dict[str, Any]:
    """The report in dicts, lists, strings and finite numbers; an infinity is ``"inf"`` or ``"-inf"``, a NaN ``"nan"``.

    Args:
        report: of :func:`nonlin.diagnose`.

    Returns:
        What ``json.dumps(..., allow_nan=False)`` takes. ``version`` counts the changes of the keys' meaning, ``nonlin`` is the package's.

    Example:
        >>> from nonlin.doctor.report import Report
        >>> found = data(Report([], [], [], {}, 26, float("inf"), 32, 0.5))
        >>> found["version"], found["ok"], found["summary"], found["loss"]
        (1, True, 'nothing found', 'inf')
    """
    return {
        "version": VERSION,
        "nonlin": __version__,
        "ok": report.ok,
        "summary": report.summary,
        "findings": [_finding(f) for f in report.findings],
        "ignored": [_finding(f) for f in report.ignored],
        "activations": [_seen(s) for s in report.activations],
        "unseen": [{"where": where, "why": why} for where, why in report.unseen.items()],
        "unchecked": [{"rule": u.rule, "name": u.name, "why": u.why} for u in report.unchecked],
        "checked": report.checked,
        "loss": safe(report.loss),
        "samples": report.samples,
        "seconds": safe(report.seconds),
        "wrapper": report.wrapper,
    }


def safe(value: Any) -> Any:
    """A number that every reader of JSON takes; what is no float stays."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "fix": finding.fix,
        "sites": [_call(call) for call in finding.calls],
        "places": list(finding.places),
        "numbers": {name: safe(value) for name, value in finding.numbers.items()},
        "picture": _picture(finding.picture) if finding.picture is not None else None,
        "fingerprint": finding.fingerprint,
    }


def _call(call: Call) -> dict[str, Any]:
    return {**_site(call.site), "path": call.path, "module": call.module, "spelling": call.spelling}


def _site(site: Site | None) -> dict[str, Any]:
    if site is None:
        return {"file": None, "line": None, "function": None}
    return {"file": places.file(site), "line": site.line, "function": site.function}


def _seen(seen: Seen) -> dict[str, Any]:
    return {
        "name": seen.name,
        "spelling": seen.spelling,
        "path": seen.path,
        "module": seen.module,
        **_site(seen.site),
        "shape": list(seen.shape),
        "positions": seen.positions,
        "dead": seen.dead,
        "used": seen.used,
        "grad": seen.grad,
    }


def _picture(picture: Picture) -> dict[str, Any]:
    """Values of places in order are few and kept; a distribution is its histogram."""
    drawn = finite(picture)
    told = {
        "kind": "steps" if picture.steps else "histogram",
        "title": picture.title,
        "label": picture.label,
        "logarithmic": picture.logarithmic,
        "marks": [{"at": safe(at), "name": name} for at, name in picture.marks.items()],
        "finite": len(drawn),
        "not_finite": picture.values.numel() - len(drawn),
    }
    if picture.steps:
        return {**told, "values": _safe_all(picture.values.detach().double().flatten().tolist())}
    bins = histogram(picture)
    return {**told, "bins": {"edges": _safe_all(bins.edges), "counts": list(bins.counts)}}


def _safe_all(values: Iterable[float]) -> list[Any]:
    return [safe(value) for value in values]
