"""Does a predicted probability mean what it says: predicted against observed, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Names, Panel, Table, described
from nonlin.guide.charts.plot import Plot
from nonlin.guide.charts.scale import Linear
from nonlin.guide.charts.words import counted, median, percent
from nonlin.guide.results import Reliability, Setting


def outside(record: Reliability) -> int:
    """In how many bins the 95 % interval of the frequency misses the predicted probability."""
    return sum(not low <= p <= high for p, low, high in zip(record.confidence, record.low, record.high, strict=True))


def _finding(records: Sequence[Reliability], names: Names) -> str:
    ordered = sorted(records, key=lambda r: median(r.calibration_error))
    best, worst = ordered[0], ordered[-1]

    def clause(r: Reliability) -> str:
        return f"{percent(median(r.calibration_error))} with {names.title(r.output)} on {r.dataset} after {counted(r.epochs, 'epoch')}"

    text = f"Predicted and observed probability differ on average by {clause(best)}"
    return text + (f", and by {clause(worst)}." if worst is not best else ".")


def _points(records: Sequence[Reliability], names: Names) -> tuple[str, ...]:
    said = []
    for r in records:
        errors = r.calibration_error
        said.append(
            f"{names.title(r.output)}, {r.dataset}, {counted(r.epochs, 'epoch')}: {percent(median(errors))} apart on average "
            f"(seeds {percent(min(errors))} to {percent(max(errors))}); the interval misses the diagonal in {outside(r)} of "
            f"{counted(len(r.confidence), 'bin')}; accuracy {percent(median(r.accuracy))}."
        )
    return tuple(said)


def _panel(record: Reliability, style: str, shape: int, title: str, identity: str) -> str:
    plot = Plot(320, 370, Linear(0, 1, 46, 306), Linear(0, 1, 286, 26))
    marks = [0.0, 0.25, 0.5, 0.75, 1.0]
    shown = ["0", "25", "50", "75", "100 %"]
    plot.y_axis("observed", marks, shown)
    plot.line([(0, 0), (1, 1)], "ideal")
    most = max(record.count)
    for p, f, low, high in zip(record.confidence, record.frequency, record.low, record.high, strict=True):
        plot.add(svg.element("path", d=svg.path(plot.at([(p, low), (p, high)])), class_=f"whisker {style}"))
        plot.dot((p, f), style, shape, 4)
    for p, count in zip(record.confidence, record.count, strict=True):
        height = 26 * count / most
        plot.add(
            svg.element("rect", x=plot.x(p) - 5, y=320 - height, width=10, height=max(height, 0.6), class_="bar count")
        )
    plot.add(svg.element("path", d="M46 320H306", class_="axis"))
    for mark, name in zip(marks, shown, strict=True):
        plot.add(svg.text(plot.x(mark), 338, name, class_="tick mid" if mark < 1 else "tick end"))
    plot.add(
        svg.text(40, 314, "count", class_="tick end"),
        svg.text(306, 359, "predicted probability", class_="axis-title end"),
    )
    about = f"{counted(len(record.confidence), 'bin')}; expected calibration error {percent(median(record.calibration_error))}."
    return plot.document(identity, title, about)


def reliability_figure(records: Sequence[Reliability], names: Names, setting: Setting | None) -> Figure | None:
    """One square per classifier; dots on the diagonal are honest probabilities. None where nothing was measured."""
    if not records:
        return None
    panels, rows = [], []
    for i, r in enumerate(records):
        heading = f"{names.title(r.output)}, {r.dataset}, {counted(r.epochs, 'epoch')}"
        drawing = _panel(
            r, names.style(r.output), names.shape(r.output), f"Reliability of {heading}", f"plot-reliability-{i}"
        )
        panels.append(Panel(Markup(drawing), heading))
        for p, f, low, high, count in zip(r.confidence, r.frequency, r.low, r.high, r.count, strict=True):
            rows.append((heading, percent(p), percent(f), f"{percent(low)} to {percent(high)}", f"{count:,}"))
    return Figure(
        "figure-reliability",
        "Do the probabilities mean what they say?",
        tuple(panels),
        _finding(records, names),
        f"{described(setting)} Held-out samples in bins of predicted probability; lines are 95 % Wilson intervals; "
        "the grey bars below count the samples in each bin.",
        Table("Reliability by bin", ("classifier", "predicted", "observed", "95 % interval", "samples"), tuple(rows)),
        layout="grid two",
        points=_points(records, names),
    )
