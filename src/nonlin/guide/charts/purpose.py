"""Why a network needs an activation: the same small net with and without one, fitted here and now to the same points."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from nonlin.guide.charts import svg
from nonlin.guide.charts.figure import Figure, Panel, Table
from nonlin.guide.charts.labels import EndLabel, end_labels
from nonlin.guide.charts.plot import Plot
from nonlin.guide.charts.scale import Linear
from nonlin.guide.charts.svg import Point
from nonlin.guide.charts.words import counted, significant

MOST = 10
_SHOWN = 5
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted net of one hidden layer: its units, the line it draws and its root-mean-square error."""

    units: int
    corners: tuple[Point, ...]
    error: float


def samples() -> tuple[Array, Array]:
    """41 points of sin(5x)/2 + x/2 on [-1, 1]: a shape that no straight line follows."""
    x = np.linspace(-1.0, 1.0, 41)
    return x, 0.5 * np.sin(5.0 * x) + 0.5 * x


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def linear_fit() -> Fit:
    """The best that any stack of linear layers can do: W2(W1 x + c1) + c2 is a x + b, whatever the number of units."""
    x, y = samples()
    design = np.stack([np.ones_like(x), x], axis=1)  # [sample, 2]
    b, a = np.linalg.lstsq(design, y, rcond=None)[0]
    ends = tuple((float(t), float(b + a * t)) for t in (-1.0, 1.0))
    return Fit(0, ends, _rms(design @ np.array([b, a]) - y))


def relu_fits(most: int = MOST) -> list[Fit]:
    """Nets b + sum_i a_i relu(s_i (x - k_i)) with 1, 2, ... units, each adding the hinge that lowers the error most."""
    x, y = samples()
    hinges = [(sign, float(knot)) for knot in np.linspace(-0.95, 0.95, 39) for sign in (1.0, -1.0)]
    chosen: list[tuple[float, float]] = []
    fits = []

    def solve(units: list[tuple[float, float]], at: Array) -> tuple[Array, float]:
        def design(t: Array) -> Array:
            return np.stack([np.ones_like(t), *(np.maximum(s * (t - k), 0.0) for s, k in units)], axis=1)

        weights = np.linalg.lstsq(design(x), y, rcond=None)[0]
        return design(at) @ weights, _rms(design(x) @ weights - y)

    for count in range(1, most + 1):
        best = min((h for h in hinges if h not in chosen), key=lambda h: solve([*chosen, h], x)[1])
        chosen.append(best)
        knots = np.array([-1.0, *sorted({k for _, k in chosen}), 1.0])
        heights, error = solve(chosen, knots)
        fits.append(Fit(count, tuple((float(a), float(b)) for a, b in zip(knots, heights, strict=True)), error))
    return fits


def purpose_figure() -> Figure:
    """Left: the points and the two fits. Right: the error of each against the number of hidden units."""
    x, y = samples()
    line, fits = linear_fit(), relu_fits()
    shown = fits[_SHOWN - 1]
    finding = (
        f"Without an activation any number of layers and units draws one straight line: error {significant(line.error)}. "
        f"With ReLU between the layers each hidden unit adds a bend: {counted(shown.units, 'unit')} bring the error to "
        f"{significant(shown.error)}, {counted(fits[-1].units, 'unit')} to {significant(fits[-1].error)}."
    )
    low, high = float(y.min()), float(y.max())
    fit = Plot(440, 300, Linear(-1, 1, 40, 330), Linear(min(-1.0, low), max(1.0, high), 260, 28))
    fit.y_axis("output", ticks=[-1.0, -0.5, 0.0, 0.5, 1.0])
    fit.x_axis("input x", ticks=[-1.0, -0.5, 0.0, 0.5, 1.0])
    for a, b in zip(x, y, strict=True):
        fit.dot((float(a), float(b)), "data", radius=2.4)
    fit.line(line.corners, "without")
    paths = [svg.path(fit.at(one.corners)) for one in fits]
    fit.add(svg.element("path", d=paths[_SHOWN - 1], class_="line with", id="purpose-line"))
    ends = [EndLabel(330, fit.y(line.corners[-1][1]), "no activation", "without")]
    ends.append(EndLabel(330, fit.y(shown.corners[-1][1]), "with ReLU", "with"))
    fit.add(*end_labels(ends, 18, 34, 256, offset=8))

    error = Plot(440, 300, Linear(0.5, MOST + 0.5, 40, 330), Linear(0, line.error * 1.15, 260, 28))
    error.y_axis("root-mean-square error")
    error.x_axis("hidden units", ticks=list(range(1, MOST + 1)))
    error.line([(1, line.error), (MOST, line.error)], "without")
    error.line([(one.units, one.error) for one in fits], "with")
    for one in fits:
        error.dot((one.units, one.error), "with", radius=3)
    error.add(
        svg.element("circle", cx=error.x(_SHOWN), cy=error.y(shown.error), r=7, class_="ring with", id="purpose-ring")
    )
    right = error.x(MOST)
    labels = [
        EndLabel(right, error.y(line.error), "no activation", "without"),
        EndLabel(right, error.y(fits[-1].error), "with ReLU", "with"),
    ]
    error.add(*end_labels(labels, 18, 34, 256, offset=10))
    steps = json.dumps(
        [
            [d, round(error.x(o.units), 2), round(error.y(o.error), 2), significant(o.error)]
            for d, o in zip(paths, fits, strict=True)
        ]
    )
    return Figure(
        "figure-purpose",
        "One hidden layer, with and without an activation",
        (
            Panel(Markup(fit.document("plot-purpose", "The same points, two networks", finding, data_steps=steps))),
            Panel(Markup(error.document("plot-purpose-error", "Error against the number of hidden units", finding))),
        ),
        finding,
        "Least-squares fits to 41 points of ½ sin 5x + ½ x, made while this page was built; ReLU units are added one at a time, "
        "each where it lowers the error most.",
        Table(
            "Root-mean-square error by number of hidden units",
            ("hidden units", "no activation", "with ReLU"),
            tuple((str(one.units), significant(line.error, 3), significant(one.error, 3)) for one in fits),
        ),
        layout="grid two",
    )
