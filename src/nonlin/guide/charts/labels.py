"""Labels beside the lines they name: moved apart where they would overlap, tied to their line where they moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nonlin.guide.charts import svg


@dataclass(frozen=True)
class EndLabel:
    """``words`` wants to stand at height ``y``, beside a mark at ``x``; ``style`` gives its colour."""

    x: float
    y: float
    words: str
    style: str


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights at least ``gap`` apart inside [low, high], in the order of ``wanted`` and close to it.

    Neighbours that collide become one block, placed where the sum of squared moves is least (pool adjacent violators).

    Example:
        >>> spread([10.0, 10.0], 8.0, 0.0, 100.0)
        [6.0, 14.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[tuple[list[int], float]] = []  # members, height of the first

    def place(members: list[int]) -> float:
        ideal = sum(wanted[m] - gap * k for k, m in enumerate(members)) / len(members)
        return max(low, min(ideal, high - gap * (len(members) - 1)))

    for i in order:
        members = [i]
        while blocks and blocks[-1][1] + gap * len(blocks[-1][0]) > place(members):
            members = blocks.pop()[0] + members
        blocks.append((members, place(members)))
    heights = [0.0] * len(wanted)
    for members, top in blocks:
        for k, m in enumerate(members):
            heights[m] = top + gap * k
    return heights


def end_labels(labels: Sequence[EndLabel], gap: float, low: float, high: float, offset: float = 14.0) -> list[str]:
    """The labels as markup, each ``offset`` right of its mark, with a leader where it had to move."""
    parts = []
    for label, y in zip(labels, spread([label.y for label in labels], gap, low, high), strict=True):
        if abs(y - label.y) > 2:
            leader = svg.path([(label.x + 5, label.y), (label.x + offset - 2, y)])
            parts.append(svg.element("path", d=leader, class_=f"leader {label.style}"))
        parts.append(svg.text(label.x + offset, y, label.words, class_=f"name {label.style}", dy=".35em"))
    return parts
