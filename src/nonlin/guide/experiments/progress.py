"""One bar for many experiments: each reports its own share from 0 to 1, and the bar only moves forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Report = Callable[[str, float], None]
Tick = Callable[[float], None]


class Progress:
    """Turns the progress of each experiment into that of the whole run.

    Args:
        report: called with (label, fraction of the whole); None reports nothing.
        weights: expected cost of every experiment, in any one unit and in the order in which they run.

    Example:
        >>> bar = Progress(lambda label, fraction: print(label, fraction), {"train": 3.0, "time": 1.0})
        >>> bar.part("train")(0.5)
        train 0.375
        >>> bar.finish()
        done 1.0
    """

    def __init__(self, report: Report | None, weights: Mapping[str, float]) -> None:
        self._report = report
        self._furthest = 0.0
        self._span: dict[str, tuple[float, float]] = {}
        total, before = sum(weights.values()), 0.0
        for label, weight in weights.items():
            self._span[label] = (before / total, weight / total)
            before += weight

    def part(self, label: str) -> Tick:
        """The function by which the experiment ``label`` says how far it has come, from 0 to 1."""
        start, length = self._span[label]

        def tick(fraction: float) -> None:
            self._say(label, start + length * min(max(fraction, 0.0), 1.0))

        return tick

    def finish(self) -> None:
        """Report that everything is done."""
        self._say("done", 1.0)

    def _say(self, label: str, fraction: float) -> None:
        # Rounding in start + length may put the end of one part above the start of the next.
        self._furthest = min(1.0, max(self._furthest, fraction))
        if self._report is not None:
            self._report(label, self._furthest)


def slice_of(tick: Tick, before: float, own: float, total: float) -> Tick:
    """The tick of one piece of an experiment: ``own`` of ``total``, after ``before`` are done."""
    return lambda fraction: tick((before + own * fraction) / total)
