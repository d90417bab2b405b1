"""Time against ReLU's, forward and in training."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table
from nonlin.guide.charts.scale import Linear, plain
from nonlin.guide.charts.words import counted, factor, significant
from nonlin.guide.results import Speed

_ROW, _TOP = 52, 14


def _finding(records: Sequence[Speed], names: Names) -> str:
    others = [r for r in records if r.activation != "relu"] or list(records)
    slow, quick = max(others, key=lambda r: r.forward_ratio), min(others, key=lambda r: r.forward_ratio)

    def clause(r: Speed) -> str:
        return f"{names.title(r.activation)} {factor(r.forward_ratio)} (quartiles {factor(r.forward_low)} to {factor(r.forward_high)})"

    text = f"Forward, as a multiple of ReLU's time: {clause(slow)}"
    return text + (f", {clause(quick)}." if quick is not slow else ".")


def _setting(record: Speed) -> str:
    return (
        f"{counted(record.elements, 'element')} of {record.dtype}, {counted(record.threads, 'thread')}; each timed side by side with ReLU. "
        "Bars are medians of paired ratios, lines their quartiles; an upright tick is torch.nn's own op against torch's ReLU, forward."
    )


def speed_figure(records: Sequence[Speed], names: Names) -> Figure | None:
    """Two bars per activation, quickest first; None where nothing was measured."""
    if not records:
        return None
    ordered = sorted(records, key=lambda r: r.forward_ratio)
    bottom = _TOP + _ROW * len(ordered)
    most = max(max(r.forward_high, r.training_high, r.torch_ratio or 0.0) for r in ordered)
    x = Linear(0, most * 1.04, 110, 470)
    ticks = x.ticks(6)
    parts = [
        svg.element("path", d="".join(f"M{svg.number(x(t))} {_TOP}V{bottom}" for t in ticks), class_="grid"),
        svg.element("path", d=f"M{svg.number(x(1))} {_TOP - 6}V{bottom + 4}", class_="zero"),
        *(svg.text(x(t), bottom + 18, plain(t), class_="tick mid") for t in ticks),
        svg.text(470, bottom + 37, "time, as a multiple of ReLU's", class_="axis-title end"),
    ]
    for i, r in enumerate(ordered):
        y, style = _TOP + _ROW * i + 8, names.style(r.activation)
        parts.append(svg.text(0, y + 18, names.title(r.activation), class_=f"name {style}", dy=".35em"))
        bars = (("forward", r.forward_ratio, r.forward_low, r.forward_high, ""), ("training", r.training_ratio, r.training_low, r.training_high, " soft"))
        for k, (word, value, low, high, soft) in enumerate(bars):
            top = y + 19 * k
            parts.append(svg.element("rect", x=x(0), y=top, width=x(value) - x(0), height=15, rx=2, class_=f"bar {style}{soft}"))
            parts.append(svg.element("path", d=svg.path([(x(low), top + 7.5), (x(high), top + 7.5)]), class_="interval"))
            end = max(x(value), x(high), x(r.torch_ratio) if r.torch_ratio and k == 0 else 0.0)
            parts.append(svg.text(end + 7, top + 7.5, f"{word} {factor(value)}", class_="tick", dy=".35em"))
        if r.torch_ratio:
            parts.append(svg.element("path", d=f"M{svg.number(x(r.torch_ratio))} {svg.number(y - 3)}v21", class_="torch"))
    finding = _finding(records, names)
    rows = tuple(
        (
            names.title(r.activation),
            f"{significant(r.forward_us, 3)} µs",
            f"{factor(r.forward_ratio)} ({factor(r.forward_low)} to {factor(r.forward_high)})",
            f"{factor(r.training_ratio)} ({factor(r.training_low)} to {factor(r.training_high)})",
            factor(r.torch_ratio) if r.torch_ratio else "torch has none",
        )
        for r in ordered
    )
    return Figure(
        "figure-speed",
        "Speed",
        (Panel(Markup(svg.document("plot-speed", 580, bottom + 44, "Time against ReLU", finding, *parts))),),
        finding,
        _setting(ordered[0]),
        Table("Time against ReLU", ("activation", "forward", "forward ratio", "forward and backward ratio", "torch.nn, forward ratio"), rows),
        layout="wide",
    )
