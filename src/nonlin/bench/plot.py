"""A benchmark as one SVG: a line for each function, a dot for each ratio, a panel for each mode and dtype."""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.bench.measure import Spread
from nonlin.bench.plan import EAGER
from nonlin.bench.records import Report, Timing
from nonlin.bench.report import TITLES
from nonlin.errors import NonlinError
from nonlin.guide.charts import svg
from nonlin.guide.charts.plot import marker
from nonlin.guide.charts.scale import Logarithmic, plain

TYPICAL = 2**20  # elements: beyond what caches hold, and no more than a layer has
_PANEL, _GAP, _ROW, _TOP = 200, 28, 18, 72
_LETTER = 7.0  # pixels, the width of a letter and a little more
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_STYLE = """
text { font: 12px -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: #1c2429 }
.title { font-weight: 600 } .tick { fill: #56626b; font-size: 11px } .mid { text-anchor: middle }
.grid { stroke: #d9d5ca } .one { stroke: #56626b; stroke-width: 1.5 }
.interval { stroke-width: 1.5; opacity: .55 }
.p0 { fill: #0072b2; stroke: #0072b2 } .p1 { fill: #d55e00; stroke: #d55e00 }
.p2 { fill: #0b6e52; stroke: #0b6e52 } .p3 { fill: #7346ad; stroke: #7346ad }
@media (prefers-color-scheme: dark) {
text { fill: #e7ecef } .tick { fill: #a4b1ba } .grid { stroke: #36424b } .one { stroke: #a4b1ba }
.p0 { fill: #56b4e9; stroke: #56b4e9 } .p1 { fill: #e69f00; stroke: #e69f00 }
.p2 { fill: #57cfa6; stroke: #57cfa6 } .p3 { fill: #c3a6f5; stroke: #c3a6f5 }
}
"""


def draw(report: Report) -> str:
    """The ratios at 1,048,576 elements, or at the largest size that was measured where that one was not.

    Raises:
        NonlinError: where there is no ratio to draw.
    """
    timings = [t for t in report.timings if t.mode in ("forward", "train") and t.ratios]
    if not timings:
        raise NonlinError("there is no ratio to draw: nothing was compared in mode forward or train")
    sizes = {t.elements for t in timings}
    elements = TYPICAL if TYPICAL in sizes else max(sizes)
    shown = [t for t in timings if t.elements == elements]
    panels = list(dict.fromkeys((t.mode, t.dtype) for t in shown))
    peers = sorted({p for t in shown for p in t.ratios}, key=lambda p: (p != EAGER, p))
    functions = _order([t for t in shown if (t.mode, t.dtype) == panels[-1]] or shown, shown)
    summaries = [s for s in report.summaries if s.elements == elements and s.mode in ("forward", "train")]
    low, high = _domain([r for t in shown for r in t.ratios.values()])
    bottom = _TOP + _ROW * len(functions) + 6
    names = 12 + _LETTER * max(len(name) for name in functions)
    parts = [svg.element("style", _STYLE), *_legend(peers, names)]
    parts += [svg.text(0, _TOP + _ROW * (i + 0.5), name, class_="name", dy=".35em") for i, name in enumerate(functions)]
    for k, panel in enumerate(panels):
        left = names + k * (_PANEL + _GAP)
        x = Logarithmic(low, high, left, left + _PANEL)
        at = {t.function: t for t in shown if (t.mode, t.dtype) == panel}
        means = {s.against: s.geometric_mean for s in summaries if (s.mode, s.dtype) == panel}
        told = "geometric mean " + ", ".join(f"{means[p]:.2f}" for p in peers if p in means)
        parts += [
            svg.text(left, _TOP - 34, f"{TITLES[panel[0]]}, {panel[1]}", class_="title"),
            svg.text(left, _TOP - 17, told, class_="tick"),
            *_panel(x, bottom, [at.get(name) for name in functions], peers),
        ]
    width = names + len(panels) * (_PANEL + _GAP)
    foot = f"time of the other / time of nonlin, {elements:,} elements: right of 1, nonlin is quicker"
    parts.append(svg.text(names, bottom + 36, foot, class_="tick"))
    about = "; ".join(
        f"{TITLES[s.mode]}, {s.dtype}, against {s.against}: geometric mean {s.geometric_mean:.2f}" for s in summaries
    )
    title = "Time of the others by nonlin's"
    return svg.document("bench", width, bottom + 44, title, about, *parts, xmlns="http://www.w3.org/2000/svg") + "\n"


def _order(last: Sequence[Timing], shown: Sequence[Timing]) -> list[str]:
    """By the ratio to eager torch (else to whatever was compared) in the last panel, largest first."""
    ratios = {t.function: (t.ratios.get(EAGER) or next(iter(t.ratios.values()))).median for t in last}
    names = dict.fromkeys(t.function for t in shown)
    return sorted(names, key=lambda name: -ratios.get(name, 0.0))


def _domain(ratios: Sequence[Spread]) -> tuple[float, float]:
    """All dots with their quartiles, and 1, with some room."""
    return 0.9 * min(0.9, *(r.low for r in ratios)), 1.1 * max(1.1, *(r.high for r in ratios))


def _legend(peers: Sequence[str], left: float) -> list[str]:
    parts = []
    for i, peer in enumerate(peers):
        parts.append(marker(i, left + 5, 12, 4.0, f"p{i % 4}"))
        parts.append(svg.text(left + 15, 12, peer, dy=".35em"))
        left += 35 + _LETTER * len(peer)
    return parts


def _panel(x: Logarithmic, bottom: float, timings: Sequence[Timing | None], peers: Sequence[str]) -> list[str]:
    ticks = [t for t in _TICKS if x.low <= t <= x.high]
    top = _TOP - 6
    lines = "".join(f"M{svg.number(x(t))} {top}V{svg.number(bottom)}" for t in ticks if t != 1)
    parts = [
        svg.element("path", d=lines, class_="grid"),
        svg.element("path", d=f"M{svg.number(x(1))} {top}V{svg.number(bottom)}", class_="one"),
        *(svg.text(x(t), bottom + 15, plain(t), class_="tick mid") for t in ticks),
    ]
    for i, timing in enumerate(timings):
        for k, peer in enumerate(peers):
            y = _TOP + _ROW * (i + 0.5) + 5 * (k - (len(peers) - 1) / 2)  # one a little below the other: both are seen
            found = timing.ratios.get(peer) if timing else None
            if found is None:
                continue
            quartiles = svg.path([(x(found.low), y), (x(found.high), y)])
            parts.append(svg.element("path", d=quartiles, class_=f"interval p{k % 4}"))
            parts.append(marker(k, x(found.median), y, 3.5, f"p{k % 4}"))
    return parts
