"""A frame with two axes, and the marks that are drawn in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from nonlin.guide.charts import svg
from nonlin.guide.charts.scale import Scale
from nonlin.guide.charts.svg import Point

_SHAPES = ("circle", "square", "diamond", "triangle")
_CORNERS: dict[str, tuple[float, tuple[Point, ...]]] = {  # size that looks as large as the circle, corners
    "square": (0.88, ((-1, -1), (1, -1), (1, 1), (-1, 1))),
    "diamond": (1.3, ((0, -1), (1, 0), (0, 1), (-1, 0))),
    "triangle": (1.25, ((0, -1), (0.95, 0.75), (-0.95, 0.75))),
}


def marker(shape: int, x: float, y: float, radius: float, style: str) -> str:
    """One data point; the shape tells series apart where colours cannot."""
    kind = _SHAPES[shape % len(_SHAPES)]
    if kind == "circle":
        return svg.element("circle", cx=x, cy=y, r=radius, class_=style)
    reach, corners = _CORNERS[kind]
    reach *= radius
    return svg.element("path", d=svg.path([(x + reach * a, y + reach * b) for a, b in corners]) + "Z", class_=style)


@dataclass
class Plot:
    """Collects markup; coordinates are in data units, sizes in pixels.

    ``left``, ``top``, ``right`` and ``bottom`` are the edges of the area inside the axes.
    """

    width: float
    height: float
    x: Scale
    y: Scale
    parts: list[str] = field(default_factory=list)

    @property
    def left(self) -> float:
        return min(self.x.start, self.x.end)

    @property
    def right(self) -> float:
        return max(self.x.start, self.x.end)

    @property
    def top(self) -> float:
        return min(self.y.start, self.y.end)

    @property
    def bottom(self) -> float:
        return max(self.y.start, self.y.end)

    def add(self, *markup: str) -> None:
        self.parts.extend(markup)

    def y_axis(self, title: str, ticks: Sequence[float] | None = None, labels: Sequence[str] | None = None) -> None:
        """Horizontal grid lines with their values; the title stands above the axis, level, where it is read without turning."""
        marks = self.y.ticks() if ticks is None else ticks
        names = [self.y.label(mark) for mark in marks] if labels is None else labels
        lines = "".join(
            f"M{svg.number(self.left)} {svg.number(self.y(mark))}H{svg.number(self.right)}" for mark in marks
        )
        self.add(svg.element("path", d=lines, class_="grid"))
        for mark, name in zip(marks, names, strict=True):
            self.add(svg.text(self.left - 8, self.y(mark), name, class_="tick end", dy=".35em"))
        if title:
            self.add(svg.text(0, 14, title, class_="axis-title"))

    def x_axis(self, title: str, ticks: Sequence[float] | None = None, labels: Sequence[str] | None = None) -> None:
        """The base line with its values, the title below them at the right end."""
        marks = self.x.ticks() if ticks is None else ticks
        names = [self.x.label(mark) for mark in marks] if labels is None else labels
        lines = "".join(f"M{svg.number(self.x(mark))} {svg.number(self.bottom)}v4" for mark in marks)
        base = f"M{svg.number(self.left)} {svg.number(self.bottom)}H{svg.number(self.right)}"
        self.add(svg.element("path", d=base + lines, class_="axis"))
        for mark, name in zip(marks, names, strict=True):
            self.add(svg.text(self.x(mark), self.bottom + 18, name, class_="tick mid"))
        if title:
            self.add(svg.text(self.right, self.bottom + 37, title, class_="axis-title end"))

    def origin(self) -> None:
        """The lines x = 0 and y = 0, where they lie inside the frame."""
        d = ""
        if self.x.low < 0 < self.x.high:
            d += f"M{svg.number(self.x(0))} {svg.number(self.top)}V{svg.number(self.bottom)}"
        if self.y.low < 0 < self.y.high:
            d += f"M{svg.number(self.left)} {svg.number(self.y(0))}H{svg.number(self.right)}"
        if d:
            self.add(svg.element("path", d=d, class_="zero"))

    def at(self, points: Sequence[Point]) -> list[Point]:
        return [(self.x(a), self.y(b)) for a, b in points if math.isfinite(a) and math.isfinite(b)]

    def line(self, points: Sequence[Point], style: str) -> None:
        self.add(svg.element("path", d=svg.path(svg.simplify(self.at(points))), class_=f"line {style}"))

    def band(self, low: Sequence[Point], high: Sequence[Point], style: str) -> None:
        """The area between two lines over the same x."""
        outline = svg.simplify(self.at(low)) + svg.simplify(self.at(high))[::-1]
        self.add(svg.element("path", d=svg.path(outline) + "Z", class_=f"band {style}"))

    def dot(self, point: Point, style: str, shape: int = 0, radius: float = 3.5) -> None:
        [(x, y)] = self.at([point])
        self.add(marker(shape, x, y, radius, f"dot {style}"))

    def document(self, identity: str, title: str, description: str, **attributes: str | float) -> str:
        return svg.document(identity, self.width, self.height, title, description, *self.parts, **attributes)
