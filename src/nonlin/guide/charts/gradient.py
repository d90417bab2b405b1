"""The weight gradient that reaches each layer, every seed, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table, described
from nonlin.guide.charts.labels import EndLabel, end_labels
from nonlin.guide.charts.plot import Plot
from nonlin.guide.charts.scale import Linear, Logarithmic
from nonlin.guide.charts.words import columns, distance, factor, median, percent
from nonlin.guide.results import GradientByLayer, Setting


def _finding(records: Sequence[GradientByLayer], names: Names) -> str:
    """The activation whose gradient changes most from layer to layer, and the one whose changes least."""
    ordered = sorted(records, key=lambda r: distance(median(r.factor_per_layer)))
    steadiest, worst = ordered[0], ordered[-1]

    def clause(record: GradientByLayer) -> str:
        factors = record.factor_per_layer
        return (
            f"{factor(median(factors))} a layer with {names.title(record.activation)} "
            f"(seeds {factor(min(factors))} to {factor(max(factors))})"
        )

    text = f"On its way back the weight gradient changes by {clause(worst)}"
    return text + (f" and by {clause(steadiest)}." if steadiest is not worst else ".")


def gradient_figure(records: Sequence[GradientByLayer], names: Names, setting: Setting | None) -> Figure | None:
    """Faint: one line per seed. Bold: the median. None where nothing was measured."""
    if not records:
        return None
    depth = len(records[0].norms[0])
    scaled = {r.activation: r.norms for r in records}
    values = [v for seeds in scaled.values() for seed in seeds for v in seed if v > 0]
    if not values:
        return None
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** (math.log10(max(values)) + 0.25)
    # The layer next to the loss stands at the left, so that lines run the way the gradient does and end at their labels.
    plot = Plot(720, 400, Linear(depth, 1, 56, 600), Logarithmic(low, high, 350, 30))
    plot.y_axis(f"weight gradient, as a share of layer {depth}'s")
    plot.x_axis("layer (1 is next to the input)", ticks=list(range(depth, 0, -1)))
    ends, rows = [], []
    for record in records:
        style, seeds = names.style(record.activation), scaled[record.activation]
        middle = [median(column) for column in columns(seeds)]
        group = Plot(plot.width, plot.height, plot.x, plot.y)
        for seed in seeds:
            group.line([(i + 1, v) for i, v in enumerate(seed) if v > 0], f"faint {style}")
        points = [(i + 1, v) for i, v in enumerate(middle) if v > 0]
        group.line(points, style)
        for point in points:
            group.dot(point, style, names.shape(record.activation))
        plot.add(svg.element("g", *group.parts, class_="series"))
        if points:
            ends.append(EndLabel(plot.x(points[0][0]), plot.y(points[0][1]), names.title(record.activation), style))
        factors = record.factor_per_layer
        rows.append(
            (
                names.title(record.activation),
                factor(median(factors)),
                f"{factor(min(factors))} to {factor(max(factors))}",
                *tuple(percent(v) for v in middle),
            )
        )
    plot.add(*end_labels(ends, 19, 34, 344))
    finding = _finding(records, names)
    return Figure(
        "figure-gradient",
        f"Gradient by layer, {depth} hidden layers",
        (Panel(Markup(plot.document("plot-gradient", "Weight gradient by layer", finding))),),
        finding,
        f"{described(setting)} Faint lines are single seeds, bold ones their median.",
        Table(
            "Factor per layer, and median gradient at each layer",
            ("activation", "factor a layer", "over seeds", *(f"layer {i + 1}" for i in range(depth))),
            tuple(rows),
        ),
        layout="wide",
    )
