"""f and f' of one pointwise activation in one frame, and f alone as a thumbnail."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Panel, Table
from nonlin.guide.charts.labels import EndLabel, end_labels
from nonlin.guide.charts.plot import Plot
from nonlin.guide.charts.scale import Linear, padded, plain
from nonlin.guide.charts.svg import Point
from nonlin.guide.charts.words import counted
from nonlin.guide.entry import Curve, Entry

WIDTH, HEIGHT = 440, 330
LEFT, TOP, RIGHT, BOTTOM = 38, 12, 386, 288
_AT = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)


def pieces(curve: Curve, values: Sequence[float]) -> list[list[Point]]:
    """The samples as unbroken runs: cut at every break, and where a value does not exist."""
    runs: list[list[Point]] = [[]]
    breaks = sorted(curve.breaks)
    passed = 0
    for x, y in zip(curve.x, values, strict=True):
        crossed = passed
        while passed < len(breaks) and breaks[passed] <= x:
            passed += 1
        if passed > crossed or not math.isfinite(y):
            runs.append([])
        if math.isfinite(y) and x not in breaks:
            runs[-1].append((x, y))
    return [run for run in runs if len(run) > 1]


def _vertical(curve: Curve) -> tuple[float, float]:
    finite = [y for y in (*curve.f, *curve.derivative) if math.isfinite(y)]
    return padded(min(0.0, *finite), max(1.0, *finite))


def _short(value: float, digits: int = 3) -> str:
    return plain(float(f"{value:.{digits}g}"))


def _table(entry: Entry, curve: Curve) -> Table:
    rows = []
    for wanted in _AT:
        i = min(range(len(curve.x)), key=lambda k: abs(curve.x[k] - wanted))
        row = tuple(_short(v, 4) for v in (curve.x[i], curve.f[i], curve.derivative[i]))
        if abs(curve.x[i] - wanted) < 0.1 and row not in rows:
            rows.append(row)
    return Table(f"{entry.title} and its derivative at a few points", ("x", "f(x)", "f′(x)"), tuple(rows))


def _finding(entry: Entry, curve: Curve) -> str:
    slopes = [d for d in curve.derivative if math.isfinite(d)]
    values = [v for v in curve.f if math.isfinite(v)]
    low, high = min(slopes), max(slopes)
    text = (
        f"Between x = {plain(curve.x[0])} and {plain(curve.x[-1])}, {entry.title} takes values from "
        f"{_short(min(values))} to {_short(max(values))}; its slope lies between {_short(low)} and {_short(high)}"
    )
    if entry.kinks:
        count = counted(len(entry.kinks), "point")
        text += f" and jumps at {count} (x = {', '.join(plain(kink) for kink in entry.kinks[:4])})"
    return text + "."


def curve_figure(entry: Entry) -> Figure:
    """The static figure; the script redraws its two lines when a slider moves."""
    curve = entry.curve
    if curve is None:
        raise ValueError(f"{entry.name}: a curve figure needs Entry.curve")
    plot = Plot(WIDTH, HEIGHT, Linear(curve.x[0], curve.x[-1], LEFT, RIGHT), Linear(*_vertical(curve), BOTTOM, TOP))
    plot.y_axis("")
    plot.x_axis("x")
    plot.origin()
    clip = f"clip-{entry.anchor}"
    frame = svg.element("rect", x=LEFT, y=TOP, width=RIGHT - LEFT, height=BOTTOM - TOP)
    plot.add(svg.element("clipPath", frame, id=clip))
    lines, ends = [], []
    for style, name, values in (("d", "f′(x)", curve.derivative), ("f", "f(x)", curve.f)):
        runs = [plot.at(run) for run in pieces(curve, values)]
        joined = "".join(svg.path(svg.simplify(run)) for run in runs)
        lines.append(svg.element("path", d=joined, class_=f"line {style}"))
        ends.append(EndLabel(RIGHT, runs[-1][-1][1], name, style))
    plot.add(svg.element("g", *lines, clip_path=f"url(#{clip})"))
    plot.add(*end_labels(ends, 18, TOP + 4, BOTTOM - 4, offset=10))
    finding = _finding(entry, curve)
    drawing = plot.document(
        f"plot-{entry.anchor}",
        f"{entry.title} and its derivative",
        finding,
        class_="curve",
        data_name=entry.name,
        data_domain=" ".join(repr(float(v)) for v in (plot.x.low, plot.x.high, plot.y.low, plot.y.high)),
        data_box=f"{LEFT} {TOP} {RIGHT} {BOTTOM}",
    )
    return Figure(
        f"figure-{entry.anchor}",
        f"{entry.title}: f solid, f′ dashed",
        (Panel(Markup(drawing)),),
        finding,
        "",
        _table(entry, curve),
    )


def thumbnail(entry: Entry) -> Markup:
    """A small picture for the index; decoration, so hidden from screen readers, which read the name beside it."""
    if entry.curve is not None:
        x = Linear(entry.curve.x[0], entry.curve.x[-1], 4, 116)
        low, high = padded(
            min(v for v in entry.curve.f if math.isfinite(v)), max(v for v in entry.curve.f if math.isfinite(v)), 0.1
        )
        plot = Plot(120, 64, x, Linear(low, high, 60, 4))
        plot.origin()
        for run in pieces(entry.curve, entry.curve.f):
            plot.line(run, "f")
        body = plot.parts
    else:
        outputs = entry.row.outputs if entry.row else ()
        top = max((abs(v) for v in outputs), default=1.0) or 1.0
        step = 104 / max(1, len(outputs))
        body = [
            svg.element(
                "rect",
                x=8 + i * step,
                y=58 - 50 * abs(v) / top,
                width=step * 0.7,
                height=50 * abs(v) / top,
                class_="bar f",
            )
            for i, v in enumerate(outputs)
        ]
    return Markup(
        svg.element("svg", *body, viewBox="0 0 120 64", aria_hidden="true", focusable="false", class_="thumb")
    )
