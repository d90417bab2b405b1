"""A picture as SVG: a distribution as a histogram, values of layers in order as a line or as bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from markupsafe import Markup

from nonlin.doctor.finding import Picture
from nonlin.doctor.formats.bins import finite, histogram, marked, short
from nonlin.guide.charts import svg
from nonlin.guide.charts.plot import Plot
from nonlin.guide.charts.scale import Linear, padded, plain

WIDTH: Final = 640.0
HEIGHT: Final = 246.0
LEFT, RIGHT, BOTTOM = 62.0, 628.0, 196.0
ROW: Final = 17.0  # of labels of marks above the frame
LETTER: Final = 7.0  # about the width of one in such a label
LEAST: Final = 0.75  # pixels: a bin that holds something is seen, however tall its neighbours are
_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def draw(picture: Picture, identity: str) -> Markup:
    """The whole ``<svg>``; empty where no value is finite.

    Args:
        picture: of a finding.
        identity: its id, which the document that it is put into must not use twice.

    Example:
        >>> import torch
        >>> drawn = draw(Picture("what relu is given", torch.tensor([-1.0, -2.0]), "input", {0.0: "0"}), "figure-1")
        >>> drawn.count('class="bar f"'), "<title" in drawn
        (2, True)
    """
    if not finite(picture):
        return Markup("")
    return Markup(_steps(picture, identity) if picture.steps else _histogram(picture, identity))


def _histogram(picture: Picture, identity: str) -> str:
    bins = histogram(picture)
    unit, suffix = _unit(bins.edges)
    edges = [edge / unit for edge in bins.edges]
    marks = {at / unit: marked(at, name) for at, name in sorted(picture.marks.items()) if math.isfinite(at)}
    low, high = _domain(edges[0], edges[-1], list(marks))
    x = Linear(low, high, LEFT, RIGHT)
    labels = _labels(x, marks)
    rows = _rows(labels)
    top = 34 + ROW * max(rows.values(), default=0)
    plot = Plot(WIDTH, HEIGHT, x, Linear(0, max(bins.counts) * 1.04, BOTTOM, top))
    ticks = [tick for tick in plot.y.ticks(3) if tick == round(tick)]
    plot.y_axis("values", ticks, [f"{tick:,.0f}" for tick in ticks])
    _x_axis(plot, picture.label + suffix)
    for first, last, (from_, to, count) in zip(edges[:-1], edges[1:], bins, strict=True):
        if count:
            left, right, height = plot.x(first), plot.x(last), max(LEAST, BOTTOM - plot.y(count))
            said = f"{short(from_)} to {short(to)}: {count:,} value{'s' if count > 1 else ''}"
            plot.add(_bar(left + 0.5, BOTTOM - height, right - left - 1, height, said))
    for at, label in labels.items():
        height = 27 + ROW * rows[at]
        if low <= at <= high:
            line = f"M{svg.number(x(at))} {svg.number(height + 5)}V{svg.number(BOTTOM)}"
            plot.add(svg.element("path", d=line, class_="mark d"))
        plot.add(svg.text(label.x, height, label.words, class_=f"name d {label.anchor}"))
    return plot.document(identity, picture.title, f"A histogram of {len(bins.counts)} bins.")


def _steps(picture: Picture, identity: str) -> str:
    """A line where the scale is logarithmic, which has no 0 to stand bars on; a value of 0 is a ring below the scale."""
    values: list[float] = picture.values.detach().double().flatten().tolist()
    x = Linear(0.5, len(values) + 0.5, LEFT, RIGHT)
    if picture.logarithmic and any(v > 0 for v in finite(picture)):
        plot, kind = _line(values, x), "A line"
    else:
        plot, kind = _bars(values, x), "Bars"
    places = (
        sorted({max(1, round(tick)) for tick in x.ticks(8)}) if len(values) > 12 else list(range(1, len(values) + 1))
    )
    plot.x_axis(picture.label, places, [str(place) for place in places])
    return plot.document(identity, picture.title, f"{kind} over {len(values)} places in order.")


def _line(values: Sequence[float], x: Linear) -> Plot:
    powers = [math.log10(v) for v in values if 0 < v < math.inf]
    low, high = math.floor(min(powers)), math.ceil(max(powers))
    high += low == high
    none = any(v <= 0 for v in values)
    bottom = low - (0.15 * (high - low) if none else 0)  # where a 0 is drawn, below the scale
    plot = Plot(WIDTH, HEIGHT, x, Linear(bottom, high, BOTTOM, 34))
    ticks = list(range(high, low - 1, -math.ceil((high - low + 1) / 5)))
    labels = [_power(tick) for tick in ticks]
    plot.y_axis("value", [*ticks, bottom] if none else ticks, [*labels, "0"] if none else labels)
    at = [(i, v, math.log10(v) if v > 0 else bottom) for i, v in enumerate(values, 1) if math.isfinite(v)]
    plot.line([(i, power) for i, v, power in at if v > 0], "f")
    for i, v, power in at:
        title = svg.element("title", escape(f"{i}: {short(v)}"))
        style, radius = "dot f" if v > 0 else "ring f", 4.0 if len(values) <= 40 else 2.0
        plot.add(svg.element("circle", title, cx=plot.x(i), cy=plot.y(power), r=radius, class_=style))
    return plot


def _power(exponent: int) -> str:
    """A power of ten as an axis names it."""
    return plain(10.0**exponent) if -2 <= exponent <= 2 else f"10{str(exponent).translate(_SUPERSCRIPT)}"


def _bars(values: Sequence[float], x: Linear) -> Plot:
    drawn = [v for v in values if math.isfinite(v)]
    unit, suffix = _unit(drawn)
    low, high = min(0.0, *(v / unit for v in drawn)), max(0.0, *(v / unit for v in drawn))
    if low == high:
        high = 1.0
    plot = Plot(WIDTH, HEIGHT, x, Linear(low, high + 0.04 * (high - low), BOTTOM, 34))
    plot.y_axis("value" + suffix, plot.y.ticks(3))
    slot = x(2) - x(1)
    for i, value in enumerate(values, 1):
        if math.isfinite(value):
            base, end = plot.y(0), plot.y(value / unit)
            title = f"{i}: {short(value)}"
            plot.add(_bar(x(i) - 0.36 * slot, min(base, end), 0.72 * slot, abs(base - end), title))
    return plot


def _bar(left: float, top: float, width: float, height: float, said: str) -> str:
    """One bar, which says its numbers where it is pointed at."""
    title = svg.element("title", escape(said))
    return svg.element("rect", title, x=left, y=top, width=max(width, 0.5), height=height, class_="bar f")


def _unit(values: Sequence[float]) -> tuple[float, str]:
    """A power of ten that makes the largest value short to write, and how the axis says so."""
    largest = max(abs(value) for value in values)
    power = math.floor(math.log10(largest)) if largest else 0
    if -3 <= power < 6:
        return 1.0, ""
    power = max(-300, power)
    return 10.0**power, f" (× {_power(power)})"


def _domain(low: float, high: float, marks: Sequence[float]) -> tuple[float, float]:
    """The bins with a little air, and the marks that are near enough to leave the bins a third of the width."""
    near = [at for at in marks if low - 2 * (high - low) <= at <= high + 2 * (high - low)]
    return padded(min(low, *near, high), max(high, *near, low), 0.02)


def _x_axis(plot: Plot, title: str) -> None:
    """Round ticks; where the values are so close that these read alike, the two ends in as many digits as tell them apart."""
    ticks = plot.x.ticks(7)
    labels = [plain(tick) for tick in ticks]
    if len(set(labels)) < max(2, len(labels)):
        ticks = [plot.x.low, plot.x.high]
        spelled = ([f"{tick:.{digits}g}".replace("-", "−") for tick in ticks] for digits in (9, 12, 15, 17))
        labels = next(pair for pair in spelled if pair[0] != pair[1])
    plot.x_axis(title, ticks, labels)


@dataclass(frozen=True)
class _Label:
    """A mark's name above the frame: at its line, or with an arrow at the side where the mark lies outside."""

    words: str
    x: float
    anchor: str  # start, mid, end

    @property
    def left(self) -> float:
        return self.x - {"start": 0.0, "mid": 0.5, "end": 1.0}[self.anchor] * self.width

    @property
    def width(self) -> float:
        return LETTER * len(self.words)


def _labels(x: Linear, marks: dict[float, str]) -> dict[float, _Label]:
    labels = {}
    for at, name in marks.items():
        if at < x.low:
            labels[at] = _Label(f"← {name}", LEFT, "start")
        elif at > x.high:
            labels[at] = _Label(f"{name} →", RIGHT, "end")
        else:
            half = LETTER * len(name) / 2
            anchor = "start" if x(at) - half < LEFT else "end" if x(at) + half > RIGHT else "mid"
            labels[at] = _Label(name, x(at), anchor)
    return labels


def _rows(labels: dict[float, _Label]) -> dict[float, int]:
    """The row of each label, so that none lies over another."""
    ends: list[float] = []  # right end of the last label of each row
    rows = {}
    for at, label in sorted(labels.items(), key=lambda item: item[1].left):
        row = next((i for i, end in enumerate(ends) if end + LETTER <= label.left), len(ends))
        ends[row : row + 1] = [label.left + label.width]
        rows[at] = row
    return rows
