"""A report as a page of its own, and as a fragment for notebooks."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup

from nonlin import __version__
from nonlin.doctor.finding import Finding, by_id
from nonlin.doctor.formats import places
from nonlin.doctor.formats.bins import finite, histogram, short, told
from nonlin.doctor.formats.svg import draw
from nonlin.guide.safe import digest

if TYPE_CHECKING:
    from nonlin.doctor.finding import Picture
    from nonlin.doctor.report import Report

_ROOM: Final = Path(__file__).parent
_ENVIRONMENT: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_ROOM / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
SHOWN: Final = 6  # places of a finding that are seen at once
OPEN: Final = 3  # findings that are open in a notebook


def page(report: Report) -> str:
    """A whole page that loads nothing and runs nothing: every finding with where, why, the fix, and its picture with its numbers.

    Args:
        report: of :func:`nonlin.diagnose`.

    Returns:
        HTML text. Whatever comes from the model or its source is escaped.

    Example:
        >>> from nonlin.doctor.report import Report
        >>> html = page(Report([], [], [], {}, 26, None, 32, 0.5))
        >>> html[:15], "nothing found" in html, "<script" in html
        ('<!doctype html>', True, False)
    """
    style = _style("report.css") + _style("page.css")
    policy = f"default-src 'none'; style-src {digest(style)}; base-uri 'none'; form-action 'none'"
    model = type(report.subject.model).__name__ if report.subject is not None else None
    return _ENVIRONMENT.get_template("page.html.jinja").render(
        **_told(report, "finding"), model=model, style=Markup(style), policy=policy, version=__version__
    )


def fragment(report: Report) -> str:
    """The same, shorter, to stand in a notebook: styles that touch nothing outside, colours of the theme around it.

    Example:
        >>> from nonlin.doctor.report import Report
        >>> html = fragment(Report([], [], [], {}, 26, None, 32, 0.5))
        >>> "nonlin-report" in html, "<html" in html
        (True, False)
    """
    seed = "".join(finding.fingerprint + finding.message for finding in report.findings)
    prefix = f"nonlin-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"  # two reports of a notebook share no id
    return _ENVIRONMENT.get_template("fragment.html.jinja").render(
        **_told(report, prefix), style=Markup(_style("report.css")), opened=OPEN
    )


@lru_cache
def _style(name: str) -> str:
    return (_ROOM / "static" / name).read_text(encoding="utf-8")


def _told(report: Report, prefix: str) -> dict[str, Any]:
    lacking: dict[str, list[str]] = {}
    for missing in report.unchecked:
        lacking.setdefault(missing.why, []).append(missing.rule)
    return {
        "report": report,
        "findings": [_finding(finding, f"{prefix}-{n}") for n, finding in enumerate(report.findings, 1)],
        "seen": [(seen, str(seen.site) if seen.site else "") for seen in report.activations],
        "written": report.written.most_common(8),
        "lacking": lacking,
        "shown": SHOWN,
    }


def _finding(finding: Finding, identity: str) -> dict[str, Any]:
    return {
        "id": identity,
        "finding": finding,
        "places": places.grouped(finding),
        "numbers": [
            (name, short(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value)
            for name, value in finding.numbers.items()
        ],
        "figure": _figure(finding.picture, f"{identity}-figure") if finding.picture is not None else None,
        "account": by_id(finding.rule).text,
    }


def _figure(picture: Picture, identity: str) -> dict[str, Any]:
    """A drawing, what it says, and the table of the same numbers."""
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    if picture.steps:
        values = picture.values.detach().double().flatten().tolist()
        header, rows = (picture.label, "value"), [(str(i), short(v)) for i, v in enumerate(values, 1)]
    else:
        header = (f"{picture.label} from", "to", "values")
        rows = [(short(low), short(high), f"{count:,}") for low, high, count in histogram(picture) if count]
    return {
        "svg": draw(picture, identity),
        "title": picture.title,
        "told": told(picture),
        "header": header,
        "rows": rows if finite(picture) else [],
    }
