"""A benchmark as text: one table for each mode and dtype, one line a function, then what the numbers come to."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from nonlin.bench.contention import LIMIT
from nonlin.bench.measure import Spread
from nonlin.bench.plan import EAGER, OWN
from nonlin.bench.records import Memory, Report, Summary, Timing

TITLES = {
    "forward": "forward",
    "train": "forward and backward",
    "call": "one call of 64 elements",
    "recorded call": "one call of 64 elements, recorded for backward",
}
WIDTH = 120
Rows = list[list[str]]


def text(report: Report) -> str:
    """All of it."""
    disturbed = _disturbed(report)
    parts = [_machine(report.machine), *([disturbed] if disturbed else [])]
    for key in dict.fromkeys((t.mode, t.dtype) for t in report.timings):
        found = [t for t in report.timings if (t.mode, t.dtype) == key]
        parts.append(_calls(found) if key[0] in ("call", "recorded call") else _times(found, report.summaries))
    parts += [
        _memory([m for m in report.memories if m.dtype == dtype])
        for dtype in dict.fromkeys(m.dtype for m in report.memories)
    ]
    parts += [note for note in (_summary(report), _eager(report), _skipped(report)) if note]
    return "\n\n".join(parts) + "\n"


def _machine(told: dict[str, str | int]) -> str:
    return (
        f"{told['cpu']}, {told['threads']} threads on {told['cores']} cores; nonlin {told['nonlin']}, "
        f"torch {told['torch']}, Python {told['python']}, compiler {told['compiler']}"
    )


def _disturbed(report: Report) -> str:
    count = sum(t.disturbed for t in report.timings)
    if not count:
        return ""
    return textwrap.fill(
        f"! {count} of {len(report.timings)} timings, marked !, tell little: threads waited for a core for over "
        f"{100 * LIMIT:.0f} % of the time. Other programs were running; end them, or give fewer --threads, and measure again",
        WIDTH,
    )


def _times(timings: Sequence[Timing], summaries: Sequence[Summary]) -> str:
    """For every size: nonlin's time, the others' as a multiple of it, and the share of a copy's bandwidth."""
    mode, dtype = timings[0].mode, timings[0].dtype
    sizes = list(dict.fromkeys(t.elements for t in timings))
    at = {(t.function, t.elements): t for t in timings}
    peers = {n: list(dict.fromkeys(p for t in timings if t.elements == n for p in t.ratios)) for n in sizes}
    means = {(s.elements, s.against): s.geometric_mean for s in summaries if (s.mode, s.dtype) == (mode, dtype)}
    rows: Rows = [["function"], ["geometric mean"]]
    spans = []
    for n in sizes:
        rows[0] += ["µs ", *(f"{p} " for p in peers[n]), "copy"]
        rows[1] += ["", *(ratio(Spread(m, m, m)) for m in (means[n, p] for p in peers[n])), ""]
        spans.append((f"{n:,} elements", 2 + len(peers[n])))
    for function in dict.fromkeys(t.function for t in timings):
        line = [function]
        for n in sizes:
            t = at[function, n]
            share = f"{100 * t.bandwidth.median:.0f} %" if t.bandwidth else "-"
            line += [microseconds(t.microseconds[OWN].median) + ("!" if t.disturbed else " ")]
            line += [ratio(t.ratios[p]) if p in t.ratios else "- " for p in peers[n]]
            line += [share]
        rows.insert(-1, line)
    return "\n".join(
        [
            f"{TITLES[mode]}, {dtype}: nonlin's time; the others' time / nonlin's (over 1, nonlin is quicker; ~: quartiles over a",
            "tenth apart); and nonlin's bandwidth as a share of a copy's",
            "",
            *_aligned(rows, spans),
        ]
    )


def _calls(timings: Sequence[Timing]) -> str:
    """Microseconds, and what nonlin takes more than eager torch: a call's cost adds, it does not multiply."""
    peers = list(dict.fromkeys(p for t in timings for p in t.microseconds))
    rows: Rows = [["function", *peers, *(["over eager"] if EAGER in peers else [])]]
    for t in timings:
        name = f"{t.function} !" if t.disturbed else t.function
        line = [name, *(microseconds(t.microseconds[p].median) if p in t.microseconds else "-" for p in peers)]
        if EAGER in peers:
            over = excess(t)
            line.append("-" if over is None else f"{over:+.2f}")
        rows.append(line)
    return "\n".join([f"{TITLES[timings[0].mode]}, {timings[0].dtype}: µs", "", *_aligned(rows)])


def excess(t: Timing) -> float | None:
    """Microseconds that nonlin takes more than eager torch; None where that was not timed."""
    return t.microseconds[OWN].median - t.microseconds[EAGER].median if EAGER in t.microseconds else None


def _memory(memories: Sequence[Memory]) -> str:
    peers = list(dict.fromkeys(p for m in memories for p in m.bytes))
    rows: Rows = [["function", *peers]]
    rows += [[m.function, *(f"{m.bytes[p]:.4g}" if p in m.bytes else "-" for p in peers)] for m in memories]
    head = f"saved for backward, {memories[0].dtype}: bytes for each element of the output, the input included"
    return "\n".join([head, "", *_aligned(rows)])


def _summary(report: Report) -> str:
    lines = [
        f"{TITLES[s.mode]}, {s.dtype}, {s.elements:,} elements: {s.against} / nonlin {s.geometric_mean:.2f} in the geometric mean "
        f"of {s.functions}, least {s.worst_ratio:.2f} ({s.worst})"
        for s in report.summaries
        if s.mode in ("forward", "train")
    ]
    for key in dict.fromkeys((t.mode, t.dtype) for t in report.timings if t.mode in ("call", "recorded call")):
        over = [(e, t.function) for t in report.timings if (t.mode, t.dtype) == key and (e := excess(t)) is not None]
        if over:
            most, name = max(over)
            lines.append(f"{TITLES[key[0]]}, {key[1]}: at most {most:+.2f} µs over eager ({name})")
    return "\n".join(lines)


def _eager(report: Report) -> str:
    """Where the eager side is no function of torch's own."""
    sides = {r.function: r.against for r in report.records}
    composed = [name for name, side in sides.items() if not side.startswith("torch.") or "times" in side]
    told = f"eager is several of torch's operations for {', '.join(composed)}"
    return textwrap.fill(told, WIDTH, subsequent_indent="  ") if composed else ""


def _skipped(report: Report) -> str:
    reasons: dict[tuple[str, str], list[str]] = {}
    for record in report.records:
        for peer, reason in record.skipped.items():
            names = reasons.setdefault((peer, reason), [])
            if record.function not in names:
                names.append(record.function)
    told = [f"not compared with {peer}: {why}: {', '.join(names)}" for (peer, why), names in reasons.items()]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in told)


def microseconds(value: float) -> str:
    """Three digits.

    Example:
        >>> microseconds(1.234), microseconds(12.34), microseconds(12345.6)
        ('1.23', '12.3', '12,346')
    """
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def ratio(value: Spread) -> str:
    """Two decimals, marked where they are not to be relied on."""
    return f"{value.median:.2f}{'~' if value.wide else ' '}"


def _aligned(rows: Rows, spans: Sequence[tuple[str, int]] = ()) -> list[str]:
    """Columns as wide as their widest cell, the first to the left; ``spans``: headings over groups of the others."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    if spans:
        head, column = " " * widths[0], 1
        for title, count in spans:
            head += "  " + title.rjust(sum(widths[column : column + count]) + 2 * (count - 1))
            column += count
        lines.insert(0, head)
    return [line.rstrip() for line in lines]
