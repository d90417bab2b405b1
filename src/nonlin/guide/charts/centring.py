"""What a hidden layer passes on: its mean and spread, against zero."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table, described
from nonlin.guide.charts.plot import marker
from nonlin.guide.charts.scale import Linear, padded, plain
from nonlin.guide.charts.words import columns, fixed, joined, median, significant
from nonlin.guide.results import Centring, Setting

_TOP = 18
_PITCH = 8  # between the bars of two layers


def by_layer(values: Sequence[Sequence[float]]) -> list[float]:
    """Median over the seeds, one value per hidden layer."""
    return [median(column) for column in columns(values)]


def centre(record: Centring) -> float:
    """Mean over the layers of the median over the seeds."""
    means = by_layer(record.mean)
    return sum(means) / len(means)


def _finding(records: Sequence[Centring], names: Names) -> str:
    ordered = sorted(records, key=lambda r: abs(centre(r)))
    said = [f"{fixed(centre(r))} with {names.title(r.activation)}" for r in ordered]
    return f"Averaged over the layers, a hidden unit passes on a mean of {joined(said)}."


def centring_figure(records: Sequence[Centring], names: Names, setting: Setting | None) -> Figure | None:
    """A bar is mean ± one standard deviation of a layer's values, its mark the mean; None where nothing was measured."""
    if not records:
        return None
    edges = [
        m + side * s
        for r in records
        for m, s in zip(by_layer(r.mean), by_layer(r.std), strict=True)
        for side in (-1, 1)
    ]
    depth = len(records[0].mean[0])
    row = _PITCH * depth + 22
    bottom = _TOP + row * len(records)
    x = Linear(*padded(min(0.0, *edges), max(0.0, *edges)), 104, 440)
    ticks = x.ticks(6)
    parts = [
        svg.element("path", d="".join(f"M{svg.number(x(t))} {_TOP}V{bottom}" for t in ticks), class_="grid"),
        svg.element("path", d=f"M{svg.number(x(0))} {_TOP - 6}V{bottom + 4}", class_="zero"),
        *(svg.text(x(t), bottom + 18, plain(t), class_="tick mid") for t in ticks),
        svg.text(440, bottom + 37, "values passed on", class_="axis-title end"),
    ]
    rows = []
    for i, record in enumerate(records):
        style, shape = names.style(record.activation), names.shape(record.activation)
        middle = _TOP + row * (i + 0.5)
        parts.append(svg.text(0, middle, names.title(record.activation), class_=f"name {style}", dy=".35em"))
        means, stds = by_layer(record.mean), by_layer(record.std)
        for layer, (mean, std) in enumerate(zip(means, stds, strict=True)):
            y = middle + _PITCH * (layer - (depth - 1) / 2)
            parts.append(
                svg.element("path", d=svg.path([(x(mean - std), y), (x(mean + std), y)]), class_=f"whisker {style}")
            )
            parts.append(marker(shape, x(mean), y, 3.2, f"dot {style}"))
            rows.append((names.title(record.activation), str(layer + 1), significant(mean), significant(std)))
    finding = _finding(records, names)
    return Figure(
        "figure-centring",
        "Zero-centring",
        (
            Panel(
                Markup(
                    svg.document("plot-centring", 460, bottom + 44, "Mean and spread of hidden values", finding, *parts)
                )
            ),
        ),
        finding,
        f"{described(setting)} Marks are means, bars ± one standard deviation, layer 1 uppermost; medians over the seeds.",
        Table(
            "Values passed on by each hidden layer", ("activation", "layer", "mean", "standard deviation"), tuple(rows)
        ),
    )
