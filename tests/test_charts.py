"""The SVG writer and the figures: geometry, escaping, and sentences that follow the data."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
import re

import numpy as np
import pytest

from nonlin.guide.charts import (
    accuracy,
    centring,
    curve,
    dead,
    gradient,
    labels,
    purpose,
    reliability,
    speed,
    svg,
    travel,
    words,
)
from nonlin.guide.charts.figure import Names, described
from nonlin.guide.charts.plot import marker
from nonlin.guide.charts.scale import Linear, Logarithmic
from nonlin.guide.entry import Curve
from nonlin.guide.results import Setting
from tests.page_samples import entries, measurements

NAMES = Names.of({entry.name: entry.title for entry in entries()}, [])


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.004, "0"), (-0.5, "-.5"), (10.0, "10"), (100.256, "100.26"), (-10.5, "-10.5")]
)
def test_numbers_are_short_and_exact_to_two_decimals(value: float, text: str) -> None:
    assert svg.number(value) == text
    assert abs(float(text) - value) <= 0.005


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_coordinate_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        svg.number(value)


def test_labels_and_attributes_are_escaped() -> None:
    assert "<script" not in svg.text(0, 0, "</text><script>")
    assert svg.element("g", data_name='"><script>').count("<") == 1


def test_simplify_stays_within_its_tolerance() -> None:
    points = [(float(i), 40 * math.sin(i / 40)) for i in range(800)]
    kept = svg.simplify(points, 0.1)
    x, y = zip(*kept, strict=True)
    away = max(abs(np.interp(a, x, y) - b) for a, b in points)
    assert len(kept) < len(points) / 5
    assert away < 0.1 * math.sqrt(2)  # the slope is at most 1
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-6, 6), (-0.003, 0.02), (13, 977)])
def test_linear_ticks_are_round_and_inside(low: float, high: float) -> None:
    scale = Linear(low, high, 10, 200)
    ticks = scale.ticks()
    assert 3 <= len(ticks) <= 8
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)
    assert scale(low) == 10
    assert scale(high) == pytest.approx(200)


def test_logarithmic_scale_puts_factors_at_equal_distances() -> None:
    scale = Logarithmic(1e-5, 1, 0, 100)
    assert [scale(tick) for tick in scale.ticks()] == pytest.approx([0, 20, 40, 60, 80, 100])
    assert scale.label(1e-5) == "10⁻⁵"
    assert scale.label(0.1) == "0.1"


def test_labels_keep_their_distance_their_order_and_the_frame() -> None:
    rng = random.Random(1)
    for _ in range(200):
        wanted = [rng.uniform(0, 200) for _ in range(rng.randint(1, 8))]
        got = labels.spread(wanted, 18, 0, 200)
        ranked = sorted(range(len(wanted)), key=lambda i: wanted[i])
        assert all(got[b] - got[a] >= 18 - 1e-9 for a, b in itertools.pairwise(ranked))
        assert min(got) >= -1e-9
        assert max(got) <= 200 + 1e-9


def test_labels_that_do_not_collide_stay_where_they_are() -> None:
    assert labels.spread([90.0, 10.0, 50.0], 18, 0, 100) == [90.0, 10.0, 50.0]


def test_no_line_crosses_a_break() -> None:
    x = (-2.0, -1.0, -1e-6, 0.0, 1e-6, 1.0, 2.0)
    step = Curve(x, tuple(float(v > 0) for v in x), tuple(0.0 for _ in x), (0.0,))
    runs = curve.pieces(step, step.f)
    assert [[y for _, y in run] for run in runs] == [[0.0] * 3, [1.0] * 3]


def test_no_line_is_drawn_where_f_does_not_exist() -> None:
    x = (-1.0, -0.5, 0.0, 0.5, 1.0)
    log = Curve(x, (math.nan, math.nan, math.nan, 1.0, 2.0), (math.nan,) * 5)
    assert curve.pieces(log, log.f) == [[(0.5, 1.0), (1.0, 2.0)]]


def test_every_fitted_net_has_the_error_that_is_told() -> None:
    x, y = purpose.samples()
    for fit in [purpose.linear_fit(), *purpose.relu_fits()]:
        at, height = zip(*fit.corners, strict=True)
        drawn = np.interp(x, np.array(at), np.array(height))
        assert float(np.sqrt(np.mean((drawn - y) ** 2))) == pytest.approx(fit.error, abs=1e-9)


def test_no_stack_of_linear_layers_beats_the_line() -> None:
    x, y = purpose.samples()
    line = purpose.linear_fit()
    fits = purpose.relu_fits()
    assert line.error == pytest.approx(float(np.sqrt(np.mean((np.polyval(np.polyfit(x, y, 1), x) - y) ** 2))))
    assert all(a.error > b.error for a, b in itertools.pairwise(fits))
    assert fits[-1].error < line.error / 10


def test_the_area_of_a_disc_is_the_share_of_the_gradient() -> None:
    assert travel.radius(0.25) / travel.radius(1.0) == pytest.approx(0.5)


def test_markers_of_neighbouring_series_differ() -> None:
    drawn = [re.sub(r"class=.*", "", marker(k, 10, 10, 4, "dot")) for k in range(4)]
    assert len(set(drawn)) == 4


def test_the_gradient_sentence_follows_the_data() -> None:
    records = measurements().gradients
    steady = [dataclasses.replace(r, factor_per_layer=(0.5,) if r.activation == "tanh" else (0.99,)) for r in records]
    figure = gradient.gradient_figure(steady, NAMES, None)
    assert figure is not None
    assert re.match(r".*changes by ×0\.50 a layer with Tanh .* and by ×0\.99 a layer with ReLU", figure.finding)
    assert "Sigmoid" not in figure.finding
    first = gradient.gradient_figure(records, NAMES, None)
    assert first is not None
    assert "Sigmoid" in first.finding


def test_every_seed_is_drawn() -> None:
    records = measurements().gradients
    figure = gradient.gradient_figure(records, NAMES, None)
    assert figure is not None
    assert figure.panels[0].svg.count("faint") == sum(len(r.norms) for r in records)


def test_a_gradient_that_vanished_altogether_is_told_not_hidden() -> None:
    record = dataclasses.replace(measurements().gradients[0], norms=((0.0, 0.1, 1.0),), factor_per_layer=(0.0,))
    for draw in (gradient.gradient_figure, travel.travel_figure):
        figure = draw([record], NAMES, None)
        assert figure is not None
        assert figure.table.rows
    assert words.distance(0.0) == math.inf


def test_the_accuracy_sentence_names_the_best_and_the_worst() -> None:
    records = measurements().accuracies
    swapped = [
        dataclasses.replace(r, activation={"sigmoid": "tanh", "tanh": "sigmoid"}.get(r.activation, r.activation))
        for r in records
    ]
    before, after = (accuracy.accuracy_figure(r, NAMES, None) for r in (records, swapped))
    assert before is not None
    assert after is not None
    worst = r"%\) and (\w+) "
    assert re.findall(worst, before.finding)[0] == "Sigmoid"
    assert re.findall(worst, after.finding)[0] == "Tanh"


def test_lines_that_end_together_share_one_label() -> None:
    ends = [labels.EndLabel(0, y, word, "q0") for y, word in ((10, "4"), (12, "1"), (60, "6"))]
    assert [label.words for label in accuracy._merged(ends)] == ["1, 4", "6"]


def test_the_dead_unit_sentence_follows_the_data() -> None:
    records = measurements().dead_units
    none = [dataclasses.replace(r, share=((0.0, 0.0),)) for r in records]
    alive, some = dead.dead_figure(none, NAMES, None), dead.dead_figure(records, NAMES, None)
    assert alive is not None
    assert some is not None
    assert alive.finding.startswith("No hidden unit died")
    assert "none with LeakyReLU" in some.finding
    assert "0.03" in some.finding


def test_the_centring_sentence_begins_with_the_best_centred() -> None:
    figure = centring.centring_figure(measurements().centring, NAMES, None)
    assert figure is not None
    assert figure.finding.index("Tanh") < figure.finding.index("ReLU") < figure.finding.index("Sigmoid")


def test_speed_is_told_at_the_largest_size() -> None:
    records = measurements().speed
    small = [dataclasses.replace(r, elements=1000, forward_ratio=99.0, forward_high=99.0) for r in records]
    figure = speed.speed_figure([*small, *records], NAMES, None)
    assert figure is not None
    assert "99" not in figure.finding
    assert "1,048,576" in figure.finding
    assert len(figure.panels) == 2


def test_bins_off_the_diagonal_are_counted() -> None:
    record = dataclasses.replace(measurements().reliability[0], confidence=(0.1, 0.9), low=(0.05, 0.2), high=(0.2, 0.8))
    assert reliability.outside(record) == 1


def test_a_figure_without_data_is_left_out() -> None:
    assert gradient.gradient_figure((), NAMES, None) is None
    assert accuracy.accuracy_figure((), NAMES, None) is None
    assert speed.speed_figure((), NAMES, None) is None


def test_a_setting_leaves_out_what_does_not_apply() -> None:
    text = described(Setting("digits", 1000, 64, "", 0.0, 0, 1000, 6, depths=(8,), note="Before any training."))
    assert text == "Digits: 1,000 samples, 8 hidden layers, 64 units a layer, 6 seeds. Before any training."


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.9731, "97.3 %"), (1.0, "100 %"), (0.0951, "9.5 %"), (2.5e-5, "0.0025 %")]
)
def test_percentages(share: float, text: str) -> None:
    assert words.percent(share).replace(words.THIN, " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.999, "1.0"), (0.0996, "0.10"), (9.99, "10"), (-0.5, "−0.50"), (123.4, "123")]
)
def test_significant_digits(value: float, text: str) -> None:
    assert words.significant(value) == text
