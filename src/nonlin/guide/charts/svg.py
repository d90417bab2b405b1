"""SVG as text: numbers of two decimals, escaped attributes and labels, short paths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

Point = tuple[float, float]


def number(value: float) -> str:
    """``value`` with at most two decimals and nothing to spare.

    Example:
        >>> number(3.0), number(-0.001), number(0.126)
        ('3', '0', '.13')
    """
    if not math.isfinite(value):
        raise ValueError(f"a coordinate is {value!r}; expected a finite number")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    if text in ("-0", ""):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def element(tag: str, *children: str, **attributes: str | float) -> str:
    """One element; ``children`` are markup already, attribute values are escaped, ``class_`` and ``data_x`` are spelled so."""
    spelled = []
    for key, value in attributes.items():
        name = key.rstrip("_").replace("_", "-")
        text = value if isinstance(value, str) else number(value)
        spelled.append(f' {name}="{escape(text)}"')
    head = f"<{tag}{''.join(spelled)}"
    return f"{head}>{''.join(children)}</{tag}>" if children else f"{head}/>"


def text(x: float, y: float, content: str, **attributes: str | float) -> str:
    """A label; ``content`` is escaped."""
    return element("text", escape(content, quote=False), x=x, y=y, **attributes)


def path(points: Iterable[Point]) -> str:
    """The ``d`` of one polyline.

    Example:
        >>> path([(0, 0), (1, 2.5)])
        'M0 0L1 2.5'
    """
    pairs = [f"{number(x)} {number(y)}" for x, y in points]
    return "M" + "L".join(pairs) if pairs else ""


def simplify(points: Sequence[Point], tolerance: float = 0.06) -> list[Point]:
    """``points`` without those that lie within ``tolerance`` of the line that is left (Ramer, 1972; Douglas & Peucker, 1973)."""
    if len(points) < 3:
        return list(points)
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        (x0, y0), (x1, y1) = points[first], points[last]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        worst, where = 0.0, first
        for i in range(first + 1, last):
            x, y = points[i]
            distance = abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length
            if distance > worst:
                worst, where = distance, i
        if worst > tolerance:
            keep.add(where)
            spans += [(first, where), (where, last)]
    return [points[i] for i in sorted(keep)]


def document(
    identity: str, width: float, height: float, title: str, description: str, *body: str, **attributes: str | float
) -> str:
    """A whole ``<svg>`` that says in words what it shows."""
    named = (
        element("title", escape(title, quote=False), id=f"{identity}-title"),
        element("desc", escape(description, quote=False), id=f"{identity}-desc"),
    )
    return element(
        "svg",
        *named,
        *body,
        id=identity,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_labelledby=f"{identity}-title {identity}-desc",
        **attributes,
    )
