"""Time against ReLU's, forward and in training, at each size that was timed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table
from nonlin.guide.charts.scale import Linear, plain
from nonlin.guide.charts.words import counted, factor, significant
from nonlin.guide.results import Setting, Speed

_WIDTH, _ROW, _TOP = 440, 52, 12
_LEFT, _RIGHT = 88, 320


def largest(records: Sequence[Speed]) -> list[Speed]:
    """The records of the largest size, where the call itself weighs least, quickest first."""
    most = max((r.elements for r in records), default=0)
    return sorted((r for r in records if r.elements == most), key=lambda r: r.forward_ratio)


def _finding(records: Sequence[Speed], names: Names) -> str:
    ordered = largest(records)
    others = [r for r in ordered if r.activation != "relu"] or ordered
    quick, slow = others[0], others[-1]

    def clause(r: Speed) -> str:
        return f"{names.title(r.activation)} {factor(r.forward_ratio)} (quartiles {factor(r.forward_low)} to {factor(r.forward_high)})"

    text = f"Forward on {counted(slow.elements, 'element')}, as a multiple of ReLU's time: {clause(slow)}"
    text += f", {clause(quick)}." if quick is not slow else "."
    both = [r.nonlin_ratio / r.forward_ratio for r in others if r.by_torch]
    if both:
        text += f" Timed are PyTorch's own operations; nonlin's, within 2 ULP, take a median {factor(median(both))} of their time."
    return text


def _setting(record: Speed, setting: Setting | None) -> str:
    peers = "Bars are medians of paired ratios, lines their quartiles."
    note = f" {setting.note}" if setting and setting.note else ""
    return f"{record.dtype}, {counted(record.threads, 'thread')}, each timed side by side with ReLU. {peers}{note}"


def _row(r: Speed, x: Linear, y: float, names: Names) -> list[str]:
    style = names.style(r.activation)
    parts = [svg.text(0, y + 18, names.title(r.activation), class_=f"name {style}", dy=".35em")]
    bars = (
        ("forward", r.forward_ratio, r.forward_low, r.forward_high, ""),
        ("training", r.training_ratio, r.training_low, r.training_high, " soft"),
    )
    for k, (word, value, low, high, soft) in enumerate(bars):
        top = y + 19 * k
        parts.append(
            svg.element("rect", x=x(0), y=top, width=x(value) - x(0), height=15, rx=2, class_=f"bar {style}{soft}")
        )
        parts.append(svg.element("path", d=svg.path([(x(low), top + 7.5), (x(high), top + 7.5)]), class_="interval"))
        end = max(x(value), x(high))
        parts.append(svg.text(end + 7, top + 7.5, f"{word} {factor(value)}", class_="tick", dy=".35em"))
    return parts


def _panel(records: Sequence[Speed], most: float, names: Names, identity: str, heading: str) -> str:
    bottom = _TOP + _ROW * len(records)
    x = Linear(0, most * 1.02, _LEFT, _RIGHT)
    ticks = x.ticks(5)
    parts = [
        svg.element("path", d="".join(f"M{svg.number(x(t))} {_TOP}V{bottom}" for t in ticks), class_="grid"),
        svg.element("path", d=f"M{svg.number(x(1))} {_TOP - 6}V{bottom + 4}", class_="zero"),
        *(svg.text(x(t), bottom + 18, plain(t), class_="tick mid") for t in ticks),
        svg.text(_RIGHT, bottom + 37, "time, as a multiple of ReLU's", class_="axis-title end"),
    ]
    for i, record in enumerate(records):
        parts += _row(record, x, _TOP + _ROW * i + 8, names)
    about = ", ".join(f"{names.title(r.activation)} {factor(r.forward_ratio)}" for r in records)
    return svg.document(identity, _WIDTH, bottom + 44, f"Time against ReLU, {heading}", f"Forward: {about}.", *parts)


def speed_figure(records: Sequence[Speed], names: Names, setting: Setting | None) -> Figure | None:
    """One panel per size, in the same order and scale; None where nothing was measured."""
    if not records:
        return None
    order = [r.activation for r in largest(records)]
    most = max(max(r.forward_high, r.training_high) for r in records)
    panels, rows = [], []
    for i, elements in enumerate(sorted({r.elements for r in records})):
        heading = counted(elements, "element")
        at = sorted(
            (r for r in records if r.elements == elements),
            key=lambda r: order.index(r.activation) if r.activation in order else len(order),
        )
        panels.append(Panel(Markup(_panel(at, most, names, f"plot-speed-{i}", heading)), heading))
        rows += [
            (
                names.title(r.activation),
                f"{elements:,}",
                f"{significant(r.forward_us, 3)} µs",
                f"{factor(r.forward_ratio)} ({factor(r.forward_low)} to {factor(r.forward_high)})",
                f"{factor(r.training_ratio)} ({factor(r.training_low)} to {factor(r.training_high)})",
                f"{factor(r.nonlin_ratio)}; {factor(r.nonlin_training_ratio)}",
            )
            for r in at
        ]
    header = (
        "activation",
        "elements",
        "forward",
        "forward ratio",
        "forward and backward ratio",
        "nonlin: forward; forward and backward",
    )
    return Figure(
        "figure-speed",
        "Speed",
        tuple(panels),
        _finding(records, names),
        _setting(records[0], setting),
        Table("Time against ReLU", header, tuple(rows)),
        layout="grid two",
    )
