"""What makes a good activation, and how the page's own compare: every statement carries the number it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nonlin.guide.charts.accuracy import final
from nonlin.guide.charts.centring import centre
from nonlin.guide.charts.dead import overall, worst_layer
from nonlin.guide.charts.figure import Names
from nonlin.guide.charts.scale import plain
from nonlin.guide.charts.speed import largest
from nonlin.guide.charts.words import counted, distance, factor, fixed, joined, median, percent, significant
from nonlin.guide.entry import Entry
from nonlin.guide.results import Measurements


@dataclass(frozen=True)
class Cell:
    """What a table shows, and the number it sorts by (None: nothing was measured, or the question has no meaning)."""

    text: str
    value: float | None = None


@dataclass(frozen=True)
class Column:
    """One criterion as a column: ``better`` says which way is good, ``link`` where it is measured."""

    title: str
    explain: str
    link: str | None
    cell: Callable[[Entry, Measurements], Cell]


@dataclass(frozen=True)
class Advice:
    """One statement with its number, and the figure it rests on."""

    topic: str
    text: str
    link: str


_NOTHING = Cell("–")


def _nonlinear(entry: Entry, _: Measurements) -> Cell:
    return _NOTHING if entry.nonlinearity is None else Cell(significant(entry.nonlinearity), entry.nonlinearity)


def _smooth(entry: Entry, _: Measurements) -> Cell:
    if entry.kinks is None:
        return _NOTHING
    if not entry.kinks:
        return Cell("everywhere", 0.0)
    where = (
        joined([plain(kink) for kink in entry.kinks[:3]])
        if len(entry.kinks) <= 3
        else counted(len(entry.kinks), "point")
    )
    return Cell(f"not at {where}", float(len(entry.kinks)))


def _gradient(entry: Entry, measured: Measurements) -> Cell:
    for record in measured.gradients:
        if record.activation == entry.name:
            value = median(record.factor_per_layer)
            return Cell(factor(value), value)
    return _NOTHING


def _dead(entry: Entry, measured: Measurements) -> Cell:
    shares = [median(overall(record)) for record in measured.dead_units if record.activation == entry.name]
    return Cell(percent(max(shares)), max(shares)) if shares else _NOTHING


def _centre(entry: Entry, measured: Measurements) -> Cell:
    for record in measured.centring:
        if record.activation == entry.name:
            return Cell(fixed(centre(record)), centre(record))
    return _NOTHING


def _cheap(entry: Entry, measured: Measurements) -> Cell:
    for record in largest(measured.speed):
        if record.activation == entry.name:
            return Cell(factor(record.forward_ratio), record.forward_ratio)
    return _NOTHING


def _accurate(entry: Entry, measured: Measurements) -> Cell:
    deepest = max((record.depth for record in measured.accuracies), default=0)
    for record in measured.accuracies:
        if record.activation == entry.name and record.depth == deepest:
            value = median(final(record))
            return Cell(percent(value), value)
    return _NOTHING


COLUMNS = (
    Column("Non-linear", "1 − (E[z f(z)])² / Var f(z) for z ~ N(0, 1): 0 is a straight line", "purpose", _nonlinear),
    Column("Differentiable", "where the slope jumps", None, _smooth),
    Column(
        "Gradient a layer",
        "factor by which the weight gradient changes from one layer to the one before",
        "figure-gradient",
        _gradient,
    ),
    Column("Dead units", "largest median share over the learning rates", "figure-dead", _dead),
    Column("Mean passed on", "average over the hidden layers; 0 is zero-centred", "figure-centring", _centre),
    Column("Time", "forward, as a multiple of ReLU's, at the largest size timed", "figure-speed", _cheap),
    Column("Accuracy, deepest", "median test accuracy of the deepest net measured", "figure-accuracy", _accurate),
)


def _ends(column: Column, entries: Sequence[Entry], measured: Measurements, key: Callable[[float], float]) -> str:
    """The smallest and the largest of a column, in words."""
    cells = [(entry.title, column.cell(entry, measured)) for entry in entries]
    known = sorted(
        ((key(cell.value), title, cell.text) for title, cell in cells if cell.value is not None), key=lambda c: c[0]
    )
    if not known:
        return ""
    first, last = known[0], known[-1]
    return (
        f"from {first[1]} ({first[2]}) to {last[1]} ({last[2]})" if last[0] != first[0] else f"{first[1]} ({first[2]})"
    )


def principles(entries: Sequence[Entry], measured: Measurements) -> list[Advice]:
    """The six characteristics of a good activation, each with the range that this page's activations span."""
    nonlinear, smooth, gradient, dead, centred, cheap, _ = COLUMNS

    def here(column: Column, key: Callable[[float], float] = lambda v: v) -> str:
        ends = _ends(column, entries, measured, key)
        return f" Here {ends}." if ends else ""

    return [
        Advice(
            "Non-linear",
            "Layers without a non-linear function between them are together one linear layer. The measure is 0 for a line."
            + here(nonlinear),
            "#purpose",
        ),
        Advice(
            "Differentiable",
            "Training follows slopes, so there must be one. A few kinks do no harm: there the slope of one side is used."
            + here(smooth),
            "#comparison",
        ),
        Advice(
            "Cheap", "It is computed for every unit of every layer, twice in training." + here(cheap), "#figure-speed"
        ),
        Advice(
            "Lets the gradient through",
            "Each layer multiplies the gradient. A factor well below 1 starves the first layers, one well above 1 makes them jump."
            + here(gradient, distance),
            "#figure-gradient",
        ),
        Advice(
            "Keeps units alive",
            "Where the slope is 0 for every sample, a unit gets no gradient and never learns again." + here(dead),
            "#figure-dead",
        ),
        Advice(
            "Zero-centred",
            "Inputs of one sign push all weights of a unit the same way; a mean near 0 avoids that."
            + here(centred, abs),
            "#figure-centring",
        ),
    ]


def _hidden(measured: Measurements, names: Names) -> list[Advice]:
    advice = []
    if measured.accuracies:
        deepest = max(record.depth for record in measured.accuracies)
        ranked = sorted(
            (record for record in measured.accuracies if record.depth == deepest),
            key=lambda r: median(final(r)),
            reverse=True,
        )
        bar = min(final(ranked[0]))
        level = [r for r in ranked if max(final(r)) >= bar]
        said = joined([f"{names.title(r.activation)} {percent(median(final(r)))}" for r in level], "or")
        rest = [f"{names.title(r.activation)} {percent(median(final(r)))}" for r in ranked if r not in level]
        text = (
            f"{said}: median test accuracy at {counted(deepest, 'hidden layer')}, level within the spread of the seeds."
        )
        if len(level) == 1:
            text = f"{said}: the highest median test accuracy at {counted(deepest, 'hidden layer')}, above every seed of the others."
        advice.append(
            Advice("Hidden layers", text + (f" Below them: {joined(rest)}." if rest else ""), "#figure-accuracy")
        )
    if measured.gradients:
        ranked_factors = sorted(measured.gradients, key=lambda r: distance(median(r.factor_per_layer)))
        said = joined([f"{names.title(r.activation)} {factor(median(r.factor_per_layer))}" for r in ranked_factors])
        advice.append(Advice("Many layers", f"Gradient factor a layer, steadiest first: {said}.", "#figure-gradient"))
    return advice


def _training(measured: Measurements, names: Names) -> list[Advice]:
    advice = []
    if measured.dead_units:
        highest = max(record.learning_rate for record in measured.dead_units)
        at = sorted((r for r in measured.dead_units if r.learning_rate == highest), key=worst_layer)
        said = joined(
            [
                f"{names.title(r.activation)} {f'up to {percent(worst_layer(r))} of a layer' if worst_layer(r) else 'none'}"
                for r in at
            ]
        )
        advice.append(
            Advice("High learning rates", f"Units dead at learning rate {highest:g}: {said}.", "#figure-dead")
        )
    if measured.speed:
        said = joined([f"{names.title(r.activation)} {factor(r.forward_ratio)}" for r in largest(measured.speed)])
        advice.append(
            Advice("Little time", f"Forward time as a multiple of ReLU's, quickest first: {said}.", "#figure-speed")
        )
    return advice


def _outputs(measured: Measurements, names: Names) -> list[Advice]:
    topics = {"sigmoid": "A yes-or-no output", "softmax": "One class of several"}
    advice = []
    for output in dict.fromkeys(record.output for record in measured.reliability):
        best = min((r for r in measured.reliability if r.output == output), key=lambda r: median(r.calibration_error))
        text = (
            f"{names.title(output)}: accuracy {percent(median(best.accuracy))} on {best.dataset}, probabilities off by "
            f"{percent(median(best.calibration_error))} on average after {counted(best.epochs, 'epoch')}."
        )
        advice.append(Advice(topics.get(output, f"Output: {names.title(output)}"), text, "#figure-reliability"))
    return advice


def choices(measured: Measurements, names: Names) -> list[Advice]:
    """Which activation for which purpose, as far as this page measured it."""
    return _hidden(measured, names) + _training(measured, names) + _outputs(measured, names)
