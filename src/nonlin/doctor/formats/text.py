"""A report as text that reads well in a pipe."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from nonlin.doctor.finding import Finding, Picture

if TYPE_CHECKING:
    from nonlin.doctor.report import Report

WIDTH: Final = 110
_BARS: Final = " ▁▂▃▄▅▆▇█"


def text(report: Report) -> str:
    """The whole report."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"nonlin doctor: {report.summary}"
    for finding in report.findings:
        yield ""
        yield from _finding(finding)
    yield ""
    kinds = [f"{count} {name} ({spelling})" for (name, spelling), count in report.written.most_common(8)]
    kinds += [f"{more} kinds more"] if (more := len(report.written) - 8) > 0 else []
    yield from _wrapped(
        f"seen: {len(report.activations)} activation{'s' if len(report.activations) != 1 else ''}"
        + (f": {', '.join(kinds)}" if kinds else "")
    )
    positions = [s.positions for s in report.activations if s.dead is not None]
    if positions:
        few = sum(p < 1000 for p in positions)
        enough = (
            f"{few} of {len(positions)} layers on too few to call a unit dead" if few else "enough to call units dead"
        )
        span = f"{min(positions)} to {max(positions)}" if min(positions) < max(positions) else str(positions[0])
        yield f"positions a rectified unit was seen on: {span} ({enough})"
    for where, why in report.unseen.items():
        yield from _wrapped(f"not seen: {where}: {why}")
    lacking: dict[str, list[str]] = {}
    for missing in report.unchecked:
        lacking.setdefault(missing.why, []).append(missing.rule)
    for why, ids in lacking.items():
        yield from _wrapped(f"not checked: {', '.join(ids)}: {why}")
    if report.wrapper:
        yield f"looked inside {report.wrapper}"
    if report.ignored:
        yield from _wrapped(
            "set aside: " + "; ".join(f"{f.rule} at {f.where[0] if f.where else 'the model'}" for f in report.ignored)
        )
    loss = "" if report.loss is None else f", loss {report.loss:.4g}"
    yield f"{report.checked} rules checked in {report.seconds:.2f} s{loss}; the model is as it was"


def _finding(finding: Finding) -> Iterator[str]:
    yield from _wrapped(f"{finding.severity} {finding.rule} {finding.name}: {finding.message}")
    for place in finding.where[:4]:
        yield f"    at {place}"
    if len(finding.where) > 4:
        yield f"    and {len(finding.where) - 4} places more"
    if finding.picture is not None:
        yield f"    {sketch(finding.picture)}"
    yield from _wrapped(f"fix: {finding.fix}", "    ")


def _wrapped(line: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        line, WIDTH, initial_indent=indent, subsequent_indent=indent + "    ", break_on_hyphens=False
    ) or [""]


def bins(picture: Picture, count: int) -> tuple[list[float], float, float]:
    """Heights of ``count`` bars and the ends of their axis; of values at places, the values themselves."""
    values = picture.values.double()
    values = values[values.isfinite()]
    if not values.numel():
        return [0.0] * count, 0.0, 0.0
    low, high = float(values.min()), float(values.max())
    if picture.steps:
        return [float(v) for v in values], low, high
    if low == high:
        low, high = low - 0.5, high + 0.5
    heights = values.histc(count, low, high)
    return [float(h) for h in heights], low, high


def sketch(picture: Picture, count: int = 40) -> str:
    """A distribution in one line: ``-1.2 ▁▃▇▃▁ 1.3  what it is``."""
    heights, low, high = bins(picture, count)
    if picture.logarithmic:
        floor = min((h for h in heights if h > 0), default=1.0)
        heights = [math.log10(max(h, floor)) - math.log10(floor) + 0.2 for h in heights]
    top = max(heights, default=0.0) or 1.0
    bars = "".join(_BARS[min(8, math.ceil(8 * h / top))] for h in heights)
    return f"{low:.3g} {bars} {high:.3g}  {picture.title}"
