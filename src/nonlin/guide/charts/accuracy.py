"""Test accuracy by depth and epoch: one small panel per activation, one line per depth."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table, described
from nonlin.guide.charts.labels import EndLabel, end_labels
from nonlin.guide.charts.plot import Plot
from nonlin.guide.charts.scale import Linear
from nonlin.guide.charts.words import columns, counted, joined, median, percent
from nonlin.guide.results import Accuracy, Setting

_SHADES = 4
_WIDTH, _HEIGHT = 380, 258
_TOGETHER = 9.0  # lines that end closer than this, in pixels, share one label


def final(record: Accuracy) -> list[float]:
    """Accuracy after the last epoch, one value per seed."""
    return [seed[-1] for seed in record.accuracy]


def _spread(record: Accuracy) -> str:
    last = final(record)
    return f"{percent(median(last))} (seeds {percent(min(last))} to {percent(max(last))})"


def _finding(records: Sequence[Accuracy], names: Names) -> str:
    deepest = max(r.depth for r in records)
    at = sorted((r for r in records if r.depth == deepest), key=lambda r: median(final(r)))
    lowest, highest = at[0], at[-1]
    text = (
        f"With {counted(deepest, 'hidden layer')} and after {counted(len(lowest.accuracy[0]), 'epoch')}, "
        f"{names.title(highest.activation)} reaches a median test accuracy of {_spread(highest)}"
    )
    if lowest is highest:
        return text + "."
    text += f" and {names.title(lowest.activation)} {_spread(lowest)}"
    level = [names.title(r.activation) for r in at[1:-1] if max(final(r)) >= min(final(highest))]
    if level:
        text += f"; {joined(level)} {'overlaps' if len(level) == 1 else 'overlap'} with the best over the seeds"
    shallow = min((r for r in records if r.activation == lowest.activation), key=lambda r: r.depth)
    if shallow.depth < deepest:
        text += f". With {counted(shallow.depth, 'hidden layer')} {names.title(lowest.activation)} reaches {_spread(shallow)}"
    return text + "."


def _merged(ends: Sequence[EndLabel]) -> list[EndLabel]:
    """Labels of lines that end together as one label, "1, 2, 4": apart they would be told from each other and not from the lines."""
    groups: list[list[EndLabel]] = []
    for end in sorted(ends, key=lambda e: e.y):
        if groups and end.y - groups[-1][-1].y < _TOGETHER:
            groups[-1].append(end)
        else:
            groups.append([end])
    return [
        EndLabel(
            group[0].x,
            median(e.y for e in group),
            ", ".join(sorted((e.words for e in group), key=int)),
            group[-1].style,
        )
        for group in groups
    ]


def _panel(records: Sequence[Accuracy], title: str, floor: float, identity: str) -> str:
    epochs = len(records[0].accuracy[0])
    plot = Plot(_WIDTH, _HEIGHT, Linear(0, epochs, 48, 300), Linear(floor, 1, 216, 28))
    marks = [mark for mark in plot.y.ticks() if mark <= 1]
    plot.y_axis(
        "test accuracy", marks, [f"{round(mark * 100)}" + (" %" if mark == marks[-1] else "") for mark in marks]
    )
    plot.x_axis("epoch", ticks=plot.x.ticks(4))
    ends = []
    for i, record in enumerate(records):
        shade = f"q{round(i * (_SHADES - 1) / max(1, len(records) - 1))}"
        steps = columns(record.accuracy)
        middle = [(epoch + 1.0, median(values)) for epoch, values in enumerate(steps)]
        group = Plot(_WIDTH, _HEIGHT, plot.x, plot.y)
        group.band(
            [(epoch + 1.0, min(values)) for epoch, values in enumerate(steps)],
            [(epoch + 1.0, max(values)) for epoch, values in enumerate(steps)],
            shade,
        )
        group.line(middle, shade)
        plot.add(svg.element("g", *group.parts, class_="series"))
        ends.append(EndLabel(plot.x(epochs), plot.y(middle[-1][1]), str(record.depth), shade))
    plot.add(svg.text(310, 14, "layers", class_="tick"))
    plot.add(*end_labels(_merged(ends), 15, 32, 212, offset=10))
    depths = joined([str(record.depth) for record in records])
    lasts = joined([percent(median(final(record))) for record in records])
    about = f"Median final accuracy with {depths} hidden layers: {lasts}."
    return plot.document(identity, f"{title}: test accuracy by epoch, one line per depth", about)


def accuracy_figure(records: Sequence[Accuracy], names: Names, setting: Setting | None) -> Figure | None:
    """Lines are medians over the seeds, bands their whole range; None where nothing was measured."""
    if not records:
        return None
    lowest = min(value for record in records for seed in record.accuracy for value in seed)
    floor = 0.0 if lowest < 0.5 else max(0.0, int(lowest * 20) / 20 - 0.05)
    panels, rows = [], []
    for name in dict.fromkeys(record.activation for record in records):
        mine = sorted((record for record in records if record.activation == name), key=lambda r: r.depth)
        drawing = _panel(mine, names.title(name), floor, f"plot-accuracy-{names.shape(name)}")
        panels.append(Panel(Markup(drawing), names.title(name)))
        for record in mine:
            steps = columns(record.accuracy)
            shown = sorted({0, len(steps) // 4 - 1, len(steps) // 2 - 1, len(steps) - 1} - {-1})
            cells = tuple(
                f"{percent(median(steps[i]))} ({percent(min(steps[i]))} to {percent(max(steps[i]))})" for i in shown
            )
            rows.append((names.title(name), str(record.depth), *cells))
            header = ("activation", "hidden layers", *(f"epoch {i + 1}" for i in shown))
    return Figure(
        "figure-accuracy",
        "Accuracy by depth and epoch",
        tuple(panels),
        _finding(records, names),
        f"{described(setting)} Lines are medians, bands span all seeds; the number at a line is its hidden layers.",
        Table("Test accuracy, median and range over the seeds", header, tuple(rows)),
        layout="grid",
    )
