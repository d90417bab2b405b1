"""What was measured, as plain records, and its summary."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nonlin.bench.contention import LIMIT
from nonlin.bench.measure import Spread


@dataclass(frozen=True)
class Timing:
    """One function in one mode, dtype and size.

    Args:
        against: what eager torch is: its own function, or a formula in its operations.
        rounds: how many times were taken of each.
        microseconds: by "nonlin", "eager", "compile" or a package.
        ratios: time of the other / nonlin's, paired within rounds: over 1, nonlin is quicker.
        bandwidth: the share of a copy's bandwidth at which nonlin moved what it must read and write; None for calls.
        waited: the share of the time for which threads waited for a core that another program had.
        skipped: what is not compared, and why.
    """

    function: str
    against: str
    mode: str
    dtype: str
    elements: int
    rounds: int
    microseconds: dict[str, Spread]
    ratios: dict[str, Spread]
    bandwidth: Spread | None
    waited: float
    skipped: dict[str, str]

    @property
    def disturbed(self) -> bool:
        """Whether other programs ran beside it, so that its times tell little."""
        return self.waited > LIMIT


@dataclass(frozen=True)
class Memory:
    """Bytes kept for backward, the input included, per element of the output."""

    function: str
    against: str
    dtype: str
    bytes: dict[str, float]
    skipped: dict[str, str]


@dataclass(frozen=True)
class Summary:
    """All functions of one mode, dtype and size against one other: the geometric mean of their ratios, and the worst."""

    mode: str
    dtype: str
    elements: int
    against: str
    functions: int
    geometric_mean: float
    worst: str
    worst_ratio: float


@dataclass(frozen=True)
class Report:
    """A whole benchmark."""

    machine: dict[str, str | int]
    timings: tuple[Timing, ...]
    memories: tuple[Memory, ...]

    def __add__(self, other: Report) -> Report:
        """Both on the same machine."""
        return Report(self.machine, self.timings + other.timings, self.memories + other.memories)

    @property
    def records(self) -> list[Timing | Memory]:
        """All that was measured."""
        return [*self.timings, *self.memories]

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """In the order in which they were measured."""
        groups: dict[tuple[str, str, int, str], list[tuple[float, str]]] = {}
        for t in self.timings:
            for peer, ratio in t.ratios.items():
                groups.setdefault((t.mode, t.dtype, t.elements, peer), []).append((ratio.median, t.function))
        return tuple(
            Summary(*key, len(found), geometric_mean([ratio for ratio, _ in found]), min(found)[1], min(found)[0])
            for key, found in groups.items()
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "machine": self.machine,
            "summary": [dataclasses.asdict(s) for s in self.summaries],
            "timings": [_rounded(dataclasses.asdict(t)) for t in self.timings],
            "memory": [dataclasses.asdict(m) for m in self.memories],
        }


def _rounded(value: Any) -> Any:
    """Five significant digits: more than any time has."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    return {k: _rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


def geometric_mean(values: Iterable[float]) -> float:
    """The factor that all ratios have on average.

    Example:
        >>> geometric_mean([0.5, 2.0, 8.0])
        2.0
    """
    logarithms: Sequence[float] = [math.log(value) for value in values]
    return round(math.exp(math.fsum(logarithms) / len(logarithms)), 12)
