"""The fact sheet: quadrature, shapes with known answers, what every sheet of the catalogue must satisfy, shipping."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

import nonlin
from nonlin.catalogue import declarations
from nonlin.errors import ArgumentError, BoundsError, NonlinError
from nonlin.facts import compute as compute_module
from nonlin.facts import facts, filters, of, shape, signal, slope
from nonlin.facts.compute import compute, curve
from nonlin.facts.curve import FEW, WINDOW, Curve, tail
from nonlin.facts.lookup import declared
from nonlin.facts.probability import between, mass
from nonlin.facts.quadrature import expectation
from nonlin.facts.sheet import FactSheet, Interval
from nonlin.formula import Activation, Parameter, behaviour
from nonlin.kernels import composite
from tests.catalogue import REPRESENTATIVES

POINTWISE = [a for a in declarations().values() if a.kind in ("pointwise", "stochastic") and not a.rule]
EVERY = [a for a in declarations().values() if not a.rule]
# what takes a while: torch's functions, one of each signature, and every fifth of the rest
SOME = [a for i, a in enumerate(POINTWISE) if a in REPRESENTATIVES or i % 5 == 0]


def defined(formula: str) -> Curve:
    return curve(Activation("probe", formula, title="Probe", summary="", family="test"))


# quadrature


@pytest.mark.parametrize(("power", "moment"), [(1, 1 / math.sqrt(2 * math.pi)), (2, 0.5), (4, 1.5), (6, 7.5)])
def test_integrals_across_a_kink_are_exact(power: int, moment: float) -> None:
    assert expectation(lambda z: np.maximum(z, 0.0) ** power, [0.0]) == pytest.approx(moment, rel=1e-14)


def test_gauss_hermite_is_why_not() -> None:
    """301 Gauss-Hermite nodes on ReLU: E f is off by 1e-3, E f'^2 by 0.036 (the node at 0 counts whole or not at all)."""
    exact = 1 / math.sqrt(2 * math.pi)
    nodes, weights = np.polynomial.hermite_e.hermegauss(301)
    weights = weights / math.sqrt(2 * math.pi)
    assert abs(float(weights @ np.maximum(nodes, 0.0)) - exact) == pytest.approx(1.09e-3, rel=0.01)
    assert abs(float(weights @ (nodes > 0)) - 0.5) == pytest.approx(0.0361, rel=0.01)
    assert abs(expectation(lambda z: np.maximum(z, 0.0), [0.0]) - exact) < 1e-15
    assert abs(expectation(lambda z: (z > 0) * 1.0, [0.0]) - 0.5) < 1e-15


@pytest.mark.parametrize("sigma", [1e-2, 0.3, 1.0, 7.0, 100.0])
def test_integrals_at_any_scale(sigma: float) -> None:
    """E cos(x)... of a kink off centre, against closed forms."""
    kink = 0.7
    t = kink / sigma
    density = math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    exact = sigma * density - kink * between(t, math.inf)  # E max(sigma z - kink, 0)
    assert expectation(lambda x: np.maximum(x - kink, 0.0), [kink], sigma) == pytest.approx(exact, rel=1e-12, abs=1e-30)


def test_a_kink_that_is_not_named_costs_digits() -> None:
    off = expectation(lambda z: np.maximum(z - 0.3, 0.0)) - expectation(lambda z: np.maximum(z - 0.3, 0.0), [0.3])
    assert abs(off) > 1e-9


@pytest.mark.parametrize(
    ("low", "high", "exact"),
    [(-1, 1, 0.682689492137086), (8, math.inf, 6.220960574271784e-16), (-math.inf, math.inf, 1)],
)
def test_probabilities_keep_their_digits_in_the_tails(low: float, high: float, exact: float) -> None:
    assert between(low, high) == pytest.approx(exact, rel=1e-13)
    assert between(-high, -low) == pytest.approx(exact, rel=1e-13)


# shapes with known answers


def test_relu_has_the_facts_of_relu() -> None:
    s = compute(declarations()["relu"])
    assert str(s.range and s.range.value) == "[0, inf)"
    assert s.zeros is not None
    assert s.zeros.value == (Interval(-math.inf, 0.0),)
    assert s.dead_zones is not None
    assert s.dead_zones.value == (Interval(-math.inf, 0.0),)
    assert s.dead_probability is not None
    assert s.dead_probability.value == 0.5
    assert s.continuity is not None
    assert str(s.continuity.value) == "C0 with kink at 0"
    assert s.continuity.value.kinks[0].jump == 1.0
    assert s.monotonicity is not None
    assert s.monotonicity.value == "non-decreasing"
    assert s.curvature is not None
    assert s.curvature.value == "convex"
    assert s.critical_point is not None
    assert s.critical_point.value.kind == "scale-invariant"
    assert s.critical_point.value.sigma_w == pytest.approx(math.sqrt(2), rel=1e-15)


@pytest.mark.parametrize(
    ("formula", "range_", "symmetry", "monotonicity", "curvature", "continuity"),
    [
        ("x", "(-inf, inf)", "odd", "increasing", "linear", "smooth"),
        ("-x", "(-inf, inf)", "odd", "decreasing", "linear", "smooth"),
        ("tanh(x)", "(-1, 1)", "odd", "increasing", "none", "smooth"),
        ("exp(-x**2)", "(0, 1]", "even", "none", "none", "smooth"),
        ("softplus(x)", "(0, inf)", "none", "increasing", "convex", "smooth"),
        ("-softplus(x)", "(-inf, 0)", "none", "decreasing", "concave", "smooth"),
        ("clip(x, -1, 1)", "[-1, 1]", "odd", "non-decreasing", "none", "C0 with kinks at -1, 1"),
        ("abs(x)", "[0, inf)", "even", "none", "convex", "C0 with kink at 0"),
        ("relu(x)**2", "[0, inf)", "none", "non-decreasing", "convex", "C1"),
        ("relu(x)**3", "[0, inf)", "none", "non-decreasing", "convex", "C2"),
        ("where(x > 0, 1, 0)", "[0, 1]", "none", "non-decreasing", "none", "discontinuous at 0"),
        ("where(x > 1, x, 0)", "[0, inf)", "none", "non-decreasing", "none", "discontinuous at 1"),
        ("x / (1 + abs(x))", "(-1, 1)", "odd", "increasing", "none", "C1"),
        ("sin(x)", "[-1, 1]", "odd", "none", "none", "smooth"),
        ("x + sin(x)**2", "(-inf, inf)", "none", "increasing", "none", "smooth"),
        ("x**3 - 3 * x", "(-inf, inf)", "odd", "none", "none", "smooth"),
    ],
)  # fmt: skip
def test_shape(formula: str, range_: str, symmetry: str, monotonicity: str, curvature: str, continuity: str) -> None:
    c = defined(formula)
    smoothness = shape.continuity(c)
    assert str(shape.extent(c).range) == range_
    assert shape.symmetry(c) == symmetry
    assert shape.monotonicity(c) == monotonicity
    assert shape.curvature(c, smoothness) == curvature
    assert str(smoothness) == continuity


@pytest.mark.parametrize(
    ("formula", "zeros"),
    [
        ("x**3 - 3 * x", (-math.sqrt(3), 0.0, math.sqrt(3))),
        ("tanh(x) - 1 / 2", (math.atanh(0.5),)),
        ("x**2", (0.0,)),
        ("exp(x)", ()),
        ("softplus(x)", ()),
        ("sin(x)", tuple(k * math.pi for k in range(-3, 4))),
    ],
)
def test_zeros(formula: str, zeros: tuple[float, ...]) -> None:
    found = shape.zeros(defined(formula))
    assert all(zero.is_point for zero in found)
    assert [zero.low for zero in found] == pytest.approx(zeros, rel=1e-14, abs=1e-14)


@pytest.mark.parametrize(
    ("formula", "bound", "where"),
    [
        ("sigmoid(x)", 0.25, 0.0),
        ("x * cos(0)", 1.0, 0.0),
        ("x**2", math.inf, math.inf),
        ("where(x > 1, x, 0)", math.inf, 1.0),
        ("where(x > 0, x, 3 * x)", 3.0, 0.0),
        ("exp(-x**2)", math.sqrt(2 / math.e), -math.sqrt(0.5)),
        ("softplus(x)", 1.0, math.inf),
        ("sin(2 * x)", 2.0, 0.0),
    ],
)
def test_lipschitz_constant(formula: str, bound: float, where: float) -> None:
    found = slope.lipschitz(defined(formula))
    assert found.value == pytest.approx(bound, rel=1e-13)
    assert found.x is not None
    assert abs(found.x) == pytest.approx(abs(where), rel=1e-7, abs=1e-7)


def test_saturation_is_where_the_slope_crosses_one_percent() -> None:
    left, right = slope.saturation(defined("tanh(x)"))
    edge = math.acosh(10.0)  # sech^2 = 1/100
    assert (left.low, left.high, right.low, right.high) == pytest.approx((-math.inf, -edge, edge, math.inf), rel=1e-12)
    assert slope.saturation(defined("where(x > 0, x, x / 100)")) == ()
    assert slope.saturation(defined("relu(x)")) == (Interval(-math.inf, 0.0),)


def test_an_underflowing_slope_is_no_dead_zone() -> None:
    assert defined("sigmoid(x)").flat == ()
    assert defined("exp(-x**2)").flat == ()
    assert defined("where(x > 1, x - 1, where(x < -1, x + 1, 0))").flat == (Interval(-1.0, 1.0),)


@pytest.mark.parametrize(
    ("formula", "limit"),
    [
        ("tanh(x)", 1.0),
        ("x", math.inf),
        ("-x", -math.inf),
        ("log(1 + x**2)", math.inf),
        ("sin(x)", None),
        ("1 / (1 + abs(x))", 0.0),
    ],
)
def test_tail(formula: str, limit: float | None) -> None:
    assert tail(defined(formula).f, +1) == limit


# signal propagation


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "gelu", "silu", "elu", "hardtanh", "softsign"])
def test_length_map_slope_is_the_difference_quotient(name: str) -> None:
    c = curve(declarations()[name])
    step = 1e-4
    quotient = (signal.moments(c, 1 + step).second - signal.moments(c, 1 - step).second) / (2 * step)
    assert signal.moments(c).growth == pytest.approx(quotient, rel=1e-6)


@pytest.mark.parametrize("activation", SOME, ids=lambda a: a.name)
def test_critical_point_is_critical(activation: Activation) -> None:
    """At a critical point with q > 0: q is a fixed point, and iterating the length map from q stays there."""
    c = curve(activation)
    point = signal.critical_point(c)
    if point.kind == "none":
        assert point.sigma_w is None
        return
    assert point.sigma_w is not None
    assert point.sigma_b is not None
    q = 1.0 if point.q is None else point.q
    here = signal.moments(c, q or 1e-16)
    assert point.sigma_w**2 * here.slope_second == pytest.approx(1.0, rel=1e-6)
    if q:
        assert point.sigma_w**2 * here.second + point.sigma_b**2 == pytest.approx(q, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("relu", "scale-invariant"), ("leaky_relu", "scale-invariant"), ("identity", "scale-invariant"), ("tanh", "edge of chaos"),
        ("sigmoid", "edge of chaos"), ("gelu", "half-stable"), ("silu", "half-stable"), ("mish", "half-stable"), ("softplus", "none"),
        ("hardshrink", "none"), ("relu_squared", "none"),
    ],
)  # fmt: skip
def test_kind_of_critical_point(name: str, kind: str) -> None:
    assert signal.critical_point(curve(declarations()[name])).kind == kind


@pytest.mark.parametrize(("name", "sigma_w"), [("tanh", 3.0), ("sigmoid", 1.0), ("elu", 1.1), ("silu", 1.0)])
def test_fixed_point_is_where_iteration_ends(name: str, sigma_w: float) -> None:
    c = curve(declarations()[name])
    q = 1.0
    for _ in range(400):
        q = sigma_w**2 * signal.moments(c, q).second if q > 1e-30 else 0.0
    found = signal.fixed_point(c, sigma_w)
    assert found.q == pytest.approx(q, rel=1e-9, abs=1e-12)


def test_gradient_factor_is_what_a_wide_net_shows() -> None:
    """Sigmoid at torch's own initialisation: the gradient's norm over 6 layers of width 1024, against theory."""
    sheet = of(declarations()["sigmoid"])
    assert sheet.gradient_factor is not None
    theory = sheet.gradient_factor.value.norm("torch_default")
    torch.manual_seed(0)
    width, depth = 1024, 6
    x = torch.randn(8, width)
    norms = []
    for _ in range(depth):
        z = torch.nn.Linear(width, width)(x)
        z.retain_grad()
        norms.append(z)
        x = torch.sigmoid(z)
    torch.nn.Linear(width, 1)(x).sum().backward()
    sizes = [float(z.grad.norm()) for z in norms if z.grad is not None]
    measured = (sizes[0] / sizes[-1]) ** (1 / (depth - 1))
    assert measured == pytest.approx(theory, rel=0.03)


def test_a_slope_whose_square_has_no_integral_is_infinite_not_a_number_of_the_rule() -> None:
    """f' of sign(x) sqrt|x| is 1 / (2 sqrt|x|): E f'^2 diverges, though any quadrature rule returns a number."""
    c = defined("sign(x) * sqrt(abs(x))")
    assert signal.moments(c).slope_second == math.inf
    assert signal.moments(c).second == pytest.approx(math.sqrt(2 / math.pi), rel=1e-12)
    assert signal.critical_point(c).kind == "none"


def test_edge_of_chaos_needs_a_positive_bias() -> None:
    with pytest.raises(ValueError, match=r"sigma_b=0\.0: expected a positive number"):
        signal.edge_of_chaos(curve(declarations()["tanh"]), 0.0)


# every activation of the catalogue


@pytest.mark.parametrize("activation", EVERY, ids=lambda a: a.name)
def test_sheet_survives_json(activation: Activation) -> None:
    sheet = of(activation)
    text = json.dumps(sheet.to_dict(), allow_nan=False)
    assert FactSheet.from_dict(json.loads(text)) == sheet


def _told(intervals: tuple[Interval, ...]) -> float:
    """How far from 0 the intervals are told of a function that oscillates for ever."""
    return max(max(i.low, -i.high) for i in intervals) if len(intervals) == FEW else WINDOW


@pytest.mark.parametrize("activation", POINTWISE, ids=lambda a: a.name)
def test_facts_hold_on_random_inputs(activation: Activation) -> None:
    """What the sheet claims, checked at 20,000 inputs that are not on its grid; where a function that oscillates for ever is
    saturated is told within the window alone."""
    sheet, c = of(activation), curve(activation)
    x = np.random.default_rng(0).normal(size=20_000) * np.repeat([0.5, 2.0, 10.0, 100.0], 5_000)
    y, dy = c.f(x), c.df(x)
    assert sheet.range is not None
    assert sheet.lipschitz is not None
    assert sheet.derivative_range is not None
    assert sheet.dead_zones is not None
    assert sheet.saturation is not None
    assert sheet.symmetry is not None
    assert sheet.monotonicity is not None
    assert sheet.range.value.low - 1e-12 <= y.min()
    assert y.max() <= sheet.range.value.high + 1e-12
    assert np.abs(dy).max() <= sheet.lipschitz.value.value + 1e-12
    assert sheet.derivative_range.value.low - 1e-12 <= dy.min()
    dead = np.zeros(x.shape, dtype=bool)
    for zone in sheet.dead_zones.value:
        dead |= (zone.low < x) & (x < zone.high)
    assert not np.any(dy[dead])
    told = np.abs(x) < (_told(sheet.saturation.value) if c.oscillates else math.inf)
    saturated = np.zeros(x.shape, dtype=bool)
    for region in sheet.saturation.value:
        saturated |= (region.low < x) & (x < region.high)
    assert np.array_equal(saturated[told], np.abs(dy[told]) < 0.01)
    if sheet.symmetry.value == "odd":
        assert np.allclose(c.f(-x), -y, rtol=1e-12, atol=0)
    if sheet.monotonicity.value != "none":
        steps = np.diff(c.f(np.sort(x)))
        rises = sheet.monotonicity.value in ("increasing", "non-decreasing")
        assert np.all(steps >= 0) if rises else np.all(steps <= 0)
    for extremum in (sheet.minimum, sheet.maximum):
        assert extremum is not None
        if extremum.value is not None:
            at = min(max(0.0, extremum.value.at.low), extremum.value.at.high)
            assert c.f(np.array([at]))[0] == pytest.approx(extremum.value.value, rel=1e-12)


@pytest.mark.parametrize("activation", SOME, ids=lambda a: a.name)
def test_moments_agree_with_a_dense_sum(activation: Activation) -> None:
    """Against a trapezoidal sum of 400,000 points: another rule, split at no kink, good to about 1e-5 of the largest value."""
    sheet, c = of(activation), curve(activation)
    z = np.linspace(-12.0, 12.0, 400_001)
    w = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    y, dy = c.f(z), c.df(z)
    assert sheet.mean is not None
    assert sheet.second_moment is not None
    assert sheet.derivative_second_moment is not None
    steepest = max(1.0, float(np.square(dy[np.abs(z) < 1]).max()))
    assert sheet.mean.value == pytest.approx(float(w @ y), abs=3e-5)
    assert sheet.second_moment.value == pytest.approx(float(w @ (y * y)), abs=3e-5)
    assert sheet.derivative_second_moment.value == pytest.approx(float(w @ (dy * dy)), abs=3e-5 * steepest)


@pytest.mark.parametrize("activation", POINTWISE, ids=lambda a: a.name)
def test_every_fact_is_there_and_says_how(activation: Activation) -> None:
    sheet = of(activation)
    for field in dataclasses.fields(sheet):
        fact = getattr(sheet, field.name)
        if field.name in ("name", "kind", "parameters", "fingerprint"):
            continue
        if field.name in ("gate", "row", "observed"):
            assert fact is None
        else:
            assert fact.how in ("derived", "quadrature", "measured"), field.name
    assert sheet.fingerprint == activation.fingerprint


@pytest.mark.parametrize("activation", [a for a in EVERY if a.kind == "gated"], ids=lambda a: a.name)
def test_gated_moments_are_those_of_the_product(activation: Activation) -> None:
    sheet = of(activation)
    assert sheet.gate is not None
    assert sheet.second_moment is not None
    assert sheet.derivative_second_moment is not None
    g = curve(declarations()[sheet.gate.name])
    a, b = np.random.default_rng(0).normal(size=(2, 400_000))
    product = g.f(a) * b
    assert sheet.second_moment.value == pytest.approx(float(np.mean(product**2)), rel=0.03)
    slopes = (np.mean((g.df(a) * b) ** 2) + np.mean(g.f(a) ** 2)) / 2
    assert sheet.derivative_second_moment.value == pytest.approx(float(slopes), rel=0.03)


def test_softmax_row() -> None:
    sheet = of(declarations()["softmax"])
    assert sheet.row is not None
    assert sheet.range is not None
    assert sheet.lipschitz is not None
    assert (sheet.row.value.sums_to_one, sheet.row.value.non_negative, sheet.row.value.shift_invariant) == (
        True,
        True,
        True,
    )
    assert str(sheet.range.value) == "(0, 1)"
    assert sheet.lipschitz.value.value == pytest.approx(0.5, abs=1e-12)
    assert sheet.row.value.peak_at_gap_5 == pytest.approx(1 / (1 + math.exp(-5)), rel=1e-14)
    log = of(declarations()["log_softmax"])
    assert log.range is not None
    assert log.row is not None
    assert str(log.range.value) == "(-inf, 0)"
    assert log.lipschitz is None  # sqrt(n): it grows with the width
    assert not log.row.value.sums_to_one


# asking for facts


def second_moment(activation: object) -> float:
    """Of one function by two names it may differ in the last bit: a product of arrays is summed as the processor likes."""
    moment = facts(activation).second_moment
    assert moment is not None
    return moment.value


def test_arguments_in_the_name_or_beside_it() -> None:
    assert facts("leaky_relu(0.2)") == facts("leaky_relu", negative_slope=0.2)
    assert facts("LeakyReLU") == facts("leaky_relu")
    assert facts("gelu(approximate='tanh')").name == "gelu_tanh"
    assert second_moment("glu(gate='silu')") == pytest.approx(second_moment("swiglu"), rel=1e-14)
    assert facts(None).name == "identity"


def test_wrong_parameters_are_refused() -> None:
    with pytest.raises(TypeError, match="leaky_relu has no parameter 'slope'; it has negative_slope"):
        facts("leaky_relu", slope=0.2)
    with pytest.raises(LookupError, match="did you mean 'silu'"):
        facts("sillu")
    with pytest.raises(TypeError, match="got int"):
        facts(3)


def test_a_module_has_the_facts_of_its_gate_and_choice() -> None:
    assert nonlin.gain(nonlin.GLU(gate="mish")) == pytest.approx(nonlin.gain("mish"), rel=1e-12)
    assert second_moment(nonlin.GLU(gate="silu")) == pytest.approx(second_moment("swiglu"), rel=1e-14)
    assert facts(nonlin.GLU(gate=nonlin.LeakyReLU(0.2))) == facts("glu(gate='leaky_relu(0.2)')")
    assert facts(nonlin.GLU()) == facts("glu")
    assert facts(nonlin.GELU("tanh")) == facts("gelu_tanh")
    assert facts(nonlin.LeakyReLU(0.2)) == facts("leaky_relu(0.2)")
    with pytest.raises(ArgumentError, match="has no formula"):
        facts(nonlin.GLU(gate=torch.sin))


def test_every_gate_with_a_formula_has_facts() -> None:
    with pytest.raises(ArgumentError, match="the gate softmax is rowwise; facts of a gated unit need a pointwise gate"):
        facts("glu(gate='softmax')")
    gate = facts("glu(gate='leaky_relu(0.2)')").gate
    assert gate is not None
    assert (gate.name, gate.parameters) == ("leaky_relu", {"negative_slope": 0.2})
    learned = facts("glu(gate='prelu(init=0.1)')").gate
    assert learned is not None
    assert learned.parameters == {"weight": 0.1}
    moments = []
    for factor in (1, 2):
        nonlin.define("gate_of_facts", f"{factor} * tanh(x)")
        moments.append(facts("glu(gate='gate_of_facts')").second_moment)
    assert moments[0] is not None
    assert moments[1] is not None
    assert moments[1].value == pytest.approx(4 * moments[0].value, rel=1e-12)


def test_another_gate_is_another_formula() -> None:
    activation, _ = declared("glu(gate='leaky_relu(0.2)')")
    assert activation.formula == "leaky_relu(gate, negative_slope=0.2) * value"
    assert activation.summary.endswith("gated by the LeakyReLU(negative_slope=0.2) of the other half.")
    assert activation.torch_name is None
    assert declared("glu(gate='mish')")[0].formula == "mish(gate) * value"
    assert declared("glu(gate='sigmoid')")[0] == declarations()["glu"]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("hardtanh(2, 1)", BoundsError, "min_val=2.0 exceeds max_val=1.0"),
        ("hardtanh(2)", BoundsError, "min_val=2.0 exceeds max_val=1.0"),
        ("rrelu(0.5, 0.1)", BoundsError, "lower=0.5 exceeds upper=0.1"),
        ("gelu('foo')", BoundsError, "approximate='foo'; expected one of 'none', 'tanh'"),
        ("leaky_relu(True)", ArgumentError, "negative_slope=True is bool; expected a number"),
        ("leaky_relu('a')", ArgumentError, "negative_slope='a' is str; expected a number"),
        ("glu(gate=3)", ArgumentError, "got int"),
    ],
)
def test_facts_refuse_what_get_refuses(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        nonlin.get(text)
    for ask in (facts, declared):
        with pytest.raises(error, match=message):
            ask(text)


def test_values_beside_the_name_are_checked_too() -> None:
    with pytest.raises(BoundsError, match="exceeds"):
        facts("hardtanh", min_val=2.0)
    with pytest.raises(ArgumentError, match="expected a number"):
        facts("leaky_relu", negative_slope=True)


def test_a_learned_value_is_read_without_a_warning() -> None:
    module = nonlin.PReLU(init=0.1)
    torch.nn.init.constant_(module.weight, 0.5)
    assert facts(module).parameters == {"weight": 0.5}
    with pytest.raises(BoundsError, match="weight has 3 elements"):
        facts(nonlin.PReLU(3))


def test_one_numpy_function() -> None:
    probe = Activation(
        "probe", "x * sqrt(s)", title="Probe", summary="", family="test", parameters=(Parameter("s", 4.0, low=0.0),)
    )
    assert composite.numpy_function is compute_module.numpy_function
    assert composite.numpy_function(probe)(np.array([3.0])).tolist() == [6.0]


@pytest.mark.parametrize(
    ("formula", "at"),
    [("1 / x", "0"), ("log(x)", "0"), ("1 / (x - 1.23456789)", "1.23457"), ("1 / (x**2 - 2)", "-1.41421"), ("sqrt(x)", "-0.005")],
)  # fmt: skip
def test_a_pole_has_no_facts(formula: str, at: str) -> None:
    with pytest.raises(NonlinError, match=f"is not finite at x = {at};"):
        compute(Activation("probe", formula, title="Probe", summary="", family="test"))


def test_an_overflow_is_no_pole() -> None:
    def probe(formula: str) -> Activation:
        return Activation("probe", formula, title="Probe", summary="", family="test")

    assert behaviour.diverges(probe("1 / x"), {}, 0.0)
    assert not behaviour.diverges(probe("exp(exp(x))"), {}, 20.0)
    for formula in ("log(1 + x**2)", "x / (1 + abs(x))", "x * log(2 + cos(x))"):
        compute(probe(formula))


def test_a_callable_gets_facts_by_measurement() -> None:
    sheet = facts(torch.nn.functional.relu6)
    exact = facts("relu6")
    assert sheet.continuity is not None
    assert exact.continuity is not None
    assert [k.x for k in sheet.continuity.value.kinks] == [0.0, 6.0]
    assert sheet.forward_gain is not None
    assert exact.forward_gain is not None
    assert sheet.forward_gain.value == pytest.approx(exact.forward_gain.value, rel=1e-12)
    assert sheet.limits is not None
    assert sheet.limits.how == "measured"
    with pytest.raises(ValueError, match="element by element"):
        facts(lambda x: x - x.mean())


def test_filters() -> None:
    tanh, gelu, softmax = (declarations()[name] for name in ("tanh", "gelu", "softmax"))
    assert filters.matches(
        tanh, {"monotonic": True, "odd": True, "bounded": True, "saturating": True, "dead_zone": False}
    )
    assert not filters.matches(gelu, {"monotonic": True})
    assert filters.matches(gelu, {"monotonic": False})
    assert not filters.matches(softmax, {"monotonic": False})  # not defined for a row
    with pytest.raises(TypeError, match="did you mean 'monotonic'"):
        filters.matches(tanh, {"monotone": True})
    with pytest.raises(TypeError, match="expected True or False"):
        filters.matches(tanh, {"odd": 1})


def test_an_outdated_layout_is_refused() -> None:
    data = of(declarations()["relu"]).to_dict()
    data["colour"] = "red"
    with pytest.raises(ValueError, match="expected the fields"):
        FactSheet.from_dict(data)


def test_sheet_and_sentences_import_neither_torch_nor_sympy() -> None:
    code = (
        "import sys, json\n"
        "from nonlin.facts import FactSheet, sentences\n"
        "sheet = FactSheet.from_dict(json.load(sys.stdin))\n"
        "assert sentences(sheet)\n"
        "print([m for m in ('torch', 'sympy', 'numpy', 'mpmath') if m in sys.modules])"
    )
    given = json.dumps(of(declarations()["relu"]).to_dict())
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_mass_counts_each_interval_once() -> None:
    assert mass((Interval(-math.inf, -1.0), Interval(1.0, math.inf))) == pytest.approx(0.317310507862914, rel=1e-13)
