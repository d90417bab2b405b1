"""Dead units against the learning rate."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table, described
from nonlin.guide.charts.labels import EndLabel, end_labels
from nonlin.guide.charts.plot import Plot
from nonlin.guide.charts.scale import Linear, plain
from nonlin.guide.charts.words import joined, median, percent
from nonlin.guide.results import DeadUnits, Setting


def overall(record: DeadUnits) -> list[float]:
    """Share of all hidden units that are dead, one value per seed (layers are equally wide)."""
    return [sum(layers) / len(layers) for layers in record.share]


def worst_layer(record: DeadUnits) -> float:
    return max(share for layers in record.share for share in layers)


def _finding(records: Sequence[DeadUnits], names: Names) -> str:
    worst = max(records, key=lambda r: (median(overall(r)), worst_layer(r)))
    if worst_layer(worst) == 0:
        return "No hidden unit died, with any activation, at any learning rate."
    text = (
        f"At learning rate {worst.learning_rate:g}, {percent(median(overall(worst)))} of all hidden units are dead with "
        f"{names.title(worst.activation)} (median; up to {percent(worst_layer(worst))} of one layer)"
    )
    peers = [r for r in records if r.learning_rate == worst.learning_rate and r is not worst]
    none = [names.title(r.activation) for r in peers if worst_layer(r) == 0]
    some = [r for r in peers if worst_layer(r) > 0]
    for record in some:
        text += f", {percent(median(overall(record)))} with {names.title(record.activation)} (up to {percent(worst_layer(record))})"
    before = [share for layers in worst.share_before for share in layers]
    text += f"; none with {joined(none, 'or')}" if none else ""
    return text + (
        f". Before training no layer of {names.title(worst.activation)} had more than {percent(max(before))}."
        if before
        else "."
    )


def dead_figure(records: Sequence[DeadUnits], names: Names, setting: Setting | None) -> Figure | None:
    """Dots are seeds, lines medians; None where nothing was measured."""
    if not records:
        return None
    rates = sorted({record.learning_rate for record in records})
    top = min(1.0, max(0.05, max(share for record in records for share in overall(record)) * 1.1))
    # Rates are a handful of chosen values: even spacing keeps each readable, and the axis names every one.
    plot = Plot(460, 320, Linear(-0.3, len(rates) - 0.7, 50, 356), Linear(0, top, 268, 30))
    marks = plot.y.ticks()
    plot.y_axis("dead hidden units", marks, [percent(mark) if mark else "0" for mark in marks])
    plot.x_axis("learning rate", ticks=list(range(len(rates))), labels=[plain(rate) for rate in rates])
    ends, rows = [], []
    activations = list(dict.fromkeys(record.activation for record in records))
    for k, name in enumerate(activations):
        style, shape = names.style(name), names.shape(name)
        mine = sorted((record for record in records if record.activation == name), key=lambda r: r.learning_rate)
        group = Plot(460, 320, plot.x, plot.y)
        aside = 0.06 * (k - (len(activations) - 1) / 2)  # so that dots of equal height stay apart
        middle = [(rates.index(record.learning_rate) + aside, median(overall(record))) for record in mine]
        group.line(middle, style)
        for record in mine:
            for share in overall(record):
                group.dot((rates.index(record.learning_rate) + aside, share), style, shape, 3)
            rows.append(
                (
                    names.title(name),
                    plain(record.learning_rate),
                    percent(median(overall(record))),
                    f"{percent(min(overall(record)))} to {percent(max(overall(record)))}",
                    percent(worst_layer(record)),
                    percent(median(record.accuracy)),
                )
            )
        plot.add(svg.element("g", *group.parts, class_="series"))
        ends.append(EndLabel(plot.x(len(rates) - 1) + 14, plot.y(middle[-1][1]), names.title(name), style))
    plot.add(*end_labels(ends, 18, 34, 264, offset=12))
    finding = _finding(records, names)
    return Figure(
        "figure-dead",
        "Dead units by learning rate",
        (Panel(Markup(plot.document("plot-dead", "Share of dead hidden units by learning rate", finding))),),
        finding,
        f"{described(setting)} Dots are seeds, lines medians.",
        Table(
            "Dead units after training",
            ("activation", "learning rate", "dead, median", "over seeds", "worst layer", "accuracy, median"),
            tuple(rows),
        ),
    )
