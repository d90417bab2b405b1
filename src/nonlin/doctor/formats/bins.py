"""A picture as numbers: the bins of a distribution and what can be said of it in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from nonlin.doctor.finding import Picture
from nonlin.doctor.formats import text

BINS: Final = 40
_LARGE: Final = 2.0**900


@dataclass(frozen=True)
class Histogram:
    """``counts[i]`` of the finite values lie between ``edges[i]`` and ``edges[i + 1]``; both are empty where none is finite."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def __iter__(self) -> Iterator[tuple[float, float, int]]:
        return iter(zip(self.edges[:-1], self.edges[1:], self.counts, strict=True))


def histogram(picture: Picture, count: int = BINS) -> Histogram:
    """The distribution in ``count`` bins of one width.

    Example:
        >>> import torch
        >>> list(histogram(Picture("x", torch.tensor([0.0, 1.0, 1.0, 2.0]), "x"), 2))
        [(0.0, 1.0, 1), (1.0, 2.0, 3)]
    """
    values = finite(picture)
    if not values:
        return Histogram((), ())
    if max(map(abs, values)) > _LARGE:  # the width of the whole, times the bins, is no double
        narrow = histogram(replace(picture, values=picture.values.double() / _LARGE), count)
        return Histogram(tuple(_LARGE * edge for edge in narrow.edges), narrow.counts)
    if min(values) == max(values):  # one value: in the middle of the middle bin
        width = max(1.0, abs(values[0]) * 1e-3) / count
        low = values[0] - (count // 2 + 0.5) * width
        alone = tuple(len(values) if i == count // 2 else 0 for i in range(count))
        return Histogram(tuple(low + i * width for i in range(count + 1)), alone)
    heights, low, high = text.bins(replace(picture, steps=False), count)
    edges = [low + (high - low) * (i / count) for i in range(count)]
    return Histogram((*edges, high), tuple(round(h) for h in heights))


def finite(picture: Picture) -> list[float]:
    """The values that can be drawn, in order."""
    values = picture.values.detach().double().flatten()
    found: list[float] = values[values.isfinite()].tolist()
    return found


def told(picture: Picture) -> str:
    """What the picture shows, for readers who do not see it.

    Example:
        >>> import torch
        >>> told(Picture("x", torch.tensor([-1.0, 0.5, 2.0]), "x", {0.0: "0"}))
        '3 values from −1 to 2, the median 0.5; marked: 0'
        >>> told(Picture("x", torch.tensor([1.0, 0.01, float("nan")]), "layer", steps=True))
        '2 values in order, from 1 to 0.01, the least 0.01, the largest 1; 1 more is not finite'
    """
    values = finite(picture)
    missing = picture.values.numel() - len(values)
    if not values:
        return f"none of {missing:,} values is finite" if missing > 1 else "its one value is not finite"
    ordered = sorted(values)
    many = f"{len(values):,} value{'s' if len(values) > 1 else ''}"
    if picture.steps:
        said = (
            f"{many} in order, from {short(values[0])} to {short(values[-1])}, the least {short(ordered[0])}, "
            f"the largest {short(ordered[-1])}"
        )
    elif ordered[0] == ordered[-1]:
        said = f"{many}, {'each' if len(values) > 1 else 'it is'} {short(ordered[0])}"
    else:
        said = (
            f"{many} from {short(ordered[0])} to {short(ordered[-1])}, the median {short(ordered[len(ordered) // 2])}"
        )
    marks = ", ".join(marked(at, name) for at, name in sorted(picture.marks.items()))
    said += f"; marked: {marks}" if marks else ""
    return said + (f"; {missing:,} more {'are' if missing > 1 else 'is'} not finite" if missing else "")


def marked(at: float, name: str) -> str:
    """A mark's name, with its value where the name does not say it: ``0``, ``bound 1``."""
    return name if name == short(at) else f"{name} {short(at)}"


def short(value: float) -> str:
    """A number of three digits with a true minus sign."""
    return f"{value:.3g}".replace("-", "−")
