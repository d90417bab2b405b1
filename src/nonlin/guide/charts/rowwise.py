"""What a rowwise activation does to one row: bars of what goes in beside bars of what comes out."""

from __future__ import annotations

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Panel, Table
from nonlin.guide.charts.scale import Linear, plain
from nonlin.guide.entry import Entry

_WIDTH, _ROW = 440, 38
_IN = (60.0, 176.0)
_OUT = (236.0, 384.0)


def _bar(scale: Linear, value: float, y: float, style: str) -> str:
    zero, end = scale(0), scale(value)
    return svg.element("rect", x=min(zero, end), y=y, width=abs(end - zero), height=22, rx=2, class_=f"bar {style}")


def rowwise_figure(entry: Entry) -> Figure:
    """The static figure, at temperature 1; the script redraws its right half when the temperature moves."""
    row = entry.row
    if row is None:
        raise ValueError(f"{entry.name}: a rowwise figure needs Entry.row")
    inputs = Linear(min(0.0, *row.inputs), max(0.0, *row.inputs), *_IN)
    outputs = Linear(min(0.0, *row.outputs), max(1.0, *row.outputs), *_OUT)
    bottom = 40 + _ROW * len(row.inputs)
    parts = [
        svg.text(_IN[0], 16, "input z", class_="axis-title"),
        svg.text(_OUT[0], 16, "output", class_="axis-title"),
        svg.element(
            "path", d=f"M{svg.number(inputs(0))} 28V{bottom}M{svg.number(outputs(0))} 28V{bottom}", class_="zero"
        ),
    ]
    for i, (given, got) in enumerate(zip(row.inputs, row.outputs, strict=True)):
        y = 38 + _ROW * i
        parts += [
            svg.text(0, y + 11, f"{i + 1}", class_="tick", dy=".35em"),
            _bar(inputs, given, y, "in"),
            svg.text(inputs(min(given, 0)) - 6, y + 11, plain(given), class_="tick end", dy=".35em")
            if given < 0
            else svg.text(inputs(given) + 6, y + 11, plain(given), class_="tick", dy=".35em"),
            _bar(outputs, got, y, "f out"),
            svg.text(outputs(max(got, 0)) + 6, y + 11, f"{got:.3f}", class_="value f out-text", dy=".35em"),
        ]
    largest = max(range(len(row.outputs)), key=lambda i: row.outputs[i])
    finding = (
        f"{entry.title} turns the row ({', '.join(plain(v) for v in row.inputs)}) into "
        f"({', '.join(f'{v:.3f}' for v in row.outputs)}); entry {largest + 1} gets the largest value, "
        f"and the outputs add up to {plain(float(f'{sum(row.outputs):.4g}'))}."
    )
    drawing = svg.document(
        f"plot-{entry.anchor}",
        _WIDTH,
        bottom + 8,
        f"{entry.title} of one row",
        finding,
        *parts,
        class_="rowwise",
        data_name=entry.name,
        data_inputs=" ".join(repr(float(v)) for v in row.inputs),
        data_domain=f"{outputs.low!r} {outputs.high!r}",
        data_box=f"{_OUT[0]!r} {_OUT[1]!r}",
    )
    table = Table(
        f"{entry.title} of one row, at temperature 1",
        ("entry", "input z", "output"),
        tuple((str(i + 1), plain(a), f"{b:.3f}") for i, (a, b) in enumerate(zip(row.inputs, row.outputs, strict=True))),
    )
    return Figure(f"figure-{entry.anchor}", f"{entry.title} of one row", (Panel(Markup(drawing)),), finding, "", table)
