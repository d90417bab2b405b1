"""Which functions of the catalogue are one another's affine copies, or nearly: all pairs, both ways.

``python -m benchmarks.nearest`` writes benchmarks/results/nearest.txt. A pair's distance is the larger of the two ways, each
as a share of what a straight line leaves of its target under N(0, 1) (see docs/nearest.md).
"""

from __future__ import annotations

import time
from pathlib import Path

import nonlin
from nonlin.neighbours import Neighbour, nearest

RESULT = Path(__file__).parent / "results" / "nearest.txt"
CLOSE, SAME = 1e-2, 1e-9
LIMIT = 40


def measured() -> dict[str, dict[str, Neighbour]]:
    """The neighbours of every function that is not a straight line, by name."""
    found = {}
    for name in [*nonlin.names(kind="pointwise"), *nonlin.names(kind="stochastic")]:
        if nonlin.find(name).rule:
            continue
        try:
            found[name] = {n.name: n for n in nearest(name, limit=LIMIT)}
        except ValueError:
            continue  # a straight line
    return found


def pairs(found: dict[str, dict[str, Neighbour]]) -> list[tuple[float, str, str]]:
    """(distance, one, other) of every pair that is near both ways, nearest first."""
    near = [
        (max(n.distance, found[other][name].distance), name, other)
        for name, neighbours in found.items()
        for other, n in neighbours.items()
        if name < other and name in found.get(other, {})
    ]
    return sorted(pair for pair in near if pair[0] < CLOSE)


def groups(near: list[tuple[float, str, str]]) -> list[list[str]]:
    """The functions that are one another's copies."""
    home: dict[str, set[str]] = {}
    for distance, one, other in near:
        if distance < SAME:
            whole = home.get(one, {one}) | home.get(other, {other})
            home.update(dict.fromkeys(whole, whole))
    return sorted(sorted(group) for group in {frozenset(group) for group in home.values()})


def report() -> str:
    start = time.process_time()
    found = measured()
    spent = time.process_time() - start
    near = pairs(found)
    copies = groups(near)
    lines = [
        "Functions of the catalogue that are near to one another, at the defaults of their parameters.",
        f"{len(found)} functions searched in {spent:.0f} s of one core, {spent / len(found):.2f} s each.",
        "",
        f"Affine copies (distance below {SAME:g}): {len(copies)} groups",
        *(f"  {', '.join(group)}" for group in copies),
        "",
        f"Others below {CLOSE:g}, the larger distance of the two ways:",
    ]
    for distance, one, other in near:
        if distance >= SAME:
            lines.append(f"  {distance:<8.2g}  {one} ~ {found[one][other]}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = report()
    RESULT.write_text(text, encoding="utf-8")
    print(text)
