"""A gradient on its way back through the layers: what is left of it at each, as measured. The script sets it in motion."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table, described
from nonlin.guide.charts.scale import Linear
from nonlin.guide.charts.words import columns, distance, factor, median, percent
from nonlin.guide.results import GradientByLayer, Setting

_WIDTH, _ROW, _HEAD = 720, 76, 44
_FULL, _LARGEST = 14.0, 22.0  # radius of a gradient of 100 %, and the largest that is drawn


def shares(record: GradientByLayer) -> list[float]:
    """Median over the seeds of the gradient at each layer, as a share of the last hidden layer's."""
    return [median(column) for column in columns(record.norms)]


def radius(share: float) -> float:
    """Area is proportional to the gradient, so the radius goes with its square root."""
    return min(_LARGEST, _FULL * math.sqrt(share))


def travel_figure(records: Sequence[GradientByLayer], names: Names, setting: Setting | None) -> Figure | None:
    """One row per activation, the loss at the right, layer 1 at the left; None where nothing was measured."""
    if not records:
        return None
    depth = len(records[0].norms[0])
    x = Linear(1, depth, 150, 640)
    parts = [
        svg.text(x(layer), 18, f"layer {layer}" if layer in (1, depth) else str(layer), class_="tick mid")
        for layer in range(1, depth + 1)
    ]
    parts.append(svg.text(694, 18, "loss", class_="tick mid"))
    rows, left = [], {}
    for i, record in enumerate(records):
        y = _HEAD + _ROW * i + 18
        share = shares(record)
        rows.append((names.title(record.activation), *(percent(v) for v in share)))
        left[record.activation] = share[0]
        style = names.style(record.activation)
        nodes = [svg.element("path", d=f"M694 {svg.number(y)}H{svg.number(x(1))}", class_="wire")]
        nodes += [svg.element("circle", cx=x(layer), cy=y, r=_FULL, class_="socket") for layer in range(1, depth + 1)]
        nodes += [
            svg.element("circle", cx=x(layer), cy=y, r=radius(v), class_=f"bulb {style}")
            for layer, v in zip(range(1, depth + 1), share, strict=True)
        ]
        nodes += [
            svg.text(x(layer), y + 38, percent(v), class_="tick mid")
            for layer, v in zip(range(1, depth + 1), share, strict=True)
        ]
        nodes.append(svg.element("circle", cx=694, cy=y, r=3, class_="source"))
        name = svg.text(0, y - 3, names.title(record.activation), class_=f"name {style}")
        rate = svg.text(0, y + 15, f"{factor(median(record.factor_per_layer))} a layer", class_="tick")
        spelled = " ".join(f"{v:.3g}" for v in share)
        parts.append(svg.element("g", name, rate, *nodes, class_="journey", data_shares=spelled, data_y=y))
    worst = min(left, key=lambda name: left[name])
    best = min(left, key=lambda name: distance(left[name]))
    finding = (
        f"Layer 1 of {depth} receives {percent(left[worst])} of the gradient of layer {depth} with {names.title(worst)}"
    )
    finding += f", {percent(left[best])} with {names.title(best)}." if best != worst else "."
    drawing = svg.document(
        "plot-travel",
        _WIDTH,
        _HEAD + _ROW * len(records),
        "The gradient travelling back from the loss",
        finding,
        *parts,
        class_="travel",
        data_from="694",
        data_xs=" ".join(svg.number(x(layer)) for layer in range(1, depth + 1)),
    )
    return Figure(
        "figure-travel",
        "What is left of the gradient",
        (Panel(Markup(drawing)),),
        finding,
        "The area of a disc is the share of the gradient; a thin ring is 100 %. " + described(setting),
        Table(
            "Gradient reaching each layer, median over seeds",
            ("activation", *(f"layer {n + 1}" for n in range(depth))),
            tuple(rows),
        ),
        layout="wide",
    )
