"""Computing the fact sheet of an activation: calculus on its formula, then quadrature. Needs torch, and sympy where
the formula's derivatives are not shipped."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch

from nonlin.errors import NonlinError
from nonlin.facts import shape, signal, slope
from nonlin.facts.curve import CORE, Curve
from nonlin.facts.probability import mass
from nonlin.facts.rowwise import row_facts, row_lipschitz, row_range
from nonlin.facts.sheet import Extremum, Fact, FactSheet, GradientFactor, How, Range
from nonlin.facts.written import written
from nonlin.formula.declaration import Activation
from nonlin.kernels.composite import numpy_function

__all__ = ["compute", "curve", "numpy_function", "sheet_of"]

BYTES = 4  # of a float32 element


def curve(activation: Activation, parameters: Mapping[str, float] | None = None) -> Curve:
    """A pointwise activation as a :class:`~nonlin.facts.curve.Curve` in float64."""
    from nonlin.formula.behaviour import analyse

    values = {**activation.defaults, **(parameters or {})}
    analysis = analyse(activation, values)
    f, df, d2f = (numpy_function(activation, order, values) for order in range(3))
    return Curve(f, df, d2f, analysis.breakpoints, analysis.limits)


def compute(activation: Activation, parameters: Mapping[str, float] | None = None) -> FactSheet:
    """All facts of ``activation`` at ``parameters`` (its defaults where not given).

    Example:
        >>> from nonlin.catalogue import declarations
        >>> sheet = compute(declarations()["silu"])
        >>> print(sheet.range.value, sheet.range.how)
        [-0.278465, inf) derived
        >>> round(sheet.forward_gain.value, 6), sheet.forward_gain.how
        (1.676532, 'quadrature')
    """
    values = {**activation.defaults, **(parameters or {})}
    if activation.rule:
        return written(activation)
    match activation.kind:
        case "gated":
            return _gated(activation, values)
        case "rowwise":
            return _rowwise(activation, values)
        case _:
            return _pointwise(activation, values)


def sheet_of(
    line: Curve,
    name: str,
    kind: str = "pointwise",
    parameters: Mapping[str, float] | None = None,
    fingerprint: str = "",
    measured: bool = False,
) -> FactSheet:
    """The fact sheet of any curve: the part of :func:`compute` that knows no declaration.

    ``measured`` says that breakpoints and limits were observed, not derived from a formula.
    """
    seen: How = "measured" if measured or line.oscillates else "derived"
    known: How = "measured" if measured else "derived"
    whole = shape.extent(line)
    smoothness = shape.continuity(line)
    saturated, moments = slope.saturation(line), signal.moments(line)
    bends = shape.curvature(line, smoothness)
    gain = _inverse_root(moments.second)
    return FactSheet(
        name=name,
        kind=kind,
        parameters=dict(parameters or {}),
        fingerprint=fingerprint,
        range=Fact(whole.range, seen),
        limits=Fact(line.limits, known),
        zeros=Fact(line.told(shape.zeros(line)), seen),
        minimum=Fact(whole.minimum, seen),
        maximum=Fact(whole.maximum, seen),
        symmetry=Fact(shape.symmetry(line), "measured"),
        monotonicity=Fact(shape.monotonicity(line), "measured"),
        curvature=Fact(bends, "measured"),
        continuity=Fact(smoothness, known),
        lipschitz=Fact(slope.lipschitz(line), seen),
        derivative_range=Fact(slope.derivative_range(line), seen),
        slope_limits=Fact(line.slope_limits, "measured"),
        saturation=Fact(line.told(saturated), seen),
        dead_zones=Fact(line.flat, known),
        mean=_integral(moments.mean),
        second_moment=_integral(moments.second),
        variance=_integral(moments.variance),
        derivative_second_moment=_integral(moments.slope_second),
        non_linearity=_integral(moments.non_linearity),
        dead_probability=Fact(mass(line.flat), known),
        saturated_probability=Fact(mass(saturated), seen),
        forward_gain=_integral(gain),
        variance_gain=_integral(_inverse_root(moments.variance)),
        backward_gain=_integral(_inverse_root(moments.slope_second)),
        fixed_point=Fact(signal.fixed_point(line, gain), "quadrature") if math.isfinite(gain) else None,
        critical_point=Fact(signal.critical_point(line), "quadrature"),
        gradient_factor=Fact(signal.gradient_factor(line), "quadrature"),
        saved_bytes=Fact(0 if bends == "linear" else BYTES, "derived"),
    )


def _pointwise(activation: Activation, values: dict[str, float]) -> FactSheet:
    line = curve(activation, values)
    _check_finite(activation, values, line)
    return sheet_of(line, activation.name, activation.kind, values, activation.fingerprint)


def _check_finite(activation: Activation, values: dict[str, float], line: Curve) -> None:
    """Raise at a pole: an overflow of float64 alone, as of exp(exp(x)), is none."""
    from nonlin.formula.behaviour import diverges, singular_points

    near = line.x[(np.abs(line.x) <= CORE) & ~np.isfinite(line.y)]
    suspects = [*singular_points(activation, values), *(float(x) for x in near[np.argsort(np.abs(near))][:3])]
    for x in suspects:
        if diverges(activation, values, x):
            raise NonlinError(
                f"{activation.name}: f(x) = {activation.formula} is not finite at x = {float(x):g}; "
                "facts need a function that is finite on the whole real line"
            )


def _gated(activation: Activation, values: dict[str, float]) -> FactSheet:
    """The product g(a) b of independent a, b ~ N(0, 1): its moments follow from those of g because E b = 0, E b^2 = 1."""
    from nonlin.facts.lookup import gate_of

    gate = compute(*gate_of(activation))
    assert gate.second_moment is not None
    assert gate.derivative_second_moment is not None
    assert gate.range is not None
    second = gate.second_moment.value
    slope_second = (gate.derivative_second_moment.value + second) / 2  # the mean of d/da's and d/db's
    passes = gate.range.value.low < 0 or gate.range.value.high > 0
    return FactSheet(
        name=activation.name,
        kind=activation.kind,
        parameters=values,
        fingerprint=activation.fingerprint,
        range=Fact(Range(-math.inf, math.inf, False, False) if passes else Range(0.0, 0.0, True, True), "derived"),
        minimum=Fact[Extremum | None](None, "derived"),
        maximum=Fact[Extremum | None](None, "derived"),
        mean=Fact(0.0, "derived"),
        second_moment=_integral(second),
        variance=_integral(second),
        derivative_second_moment=_integral(slope_second),
        forward_gain=_integral(_inverse_root(second)),
        variance_gain=_integral(_inverse_root(second)),
        backward_gain=_integral(_inverse_root(slope_second)),
        gradient_factor=Fact(GradientFactor(2 * slope_second / second, None, None), "quadrature"),
        saved_bytes=Fact(2 * BYTES, "derived"),
        gate=gate,
    )


def _rowwise(activation: Activation, values: dict[str, float]) -> FactSheet:
    from nonlin.kernels.rowwise import rowwise

    along = rowwise(activation.name)

    def function(rows: torch.Tensor) -> torch.Tensor:
        return along(rows, -1)

    return FactSheet(
        name=activation.name,
        kind=activation.kind,
        parameters=values,
        fingerprint=activation.fingerprint,
        range=row_range(function),
        lipschitz=row_lipschitz(function),
        saved_bytes=Fact(BYTES, "derived"),
        row=row_facts(function),
    )


def _integral(value: float) -> Fact[float]:
    return Fact(value, "quadrature")


def _inverse_root(value: float) -> float:
    return 1 / math.sqrt(value) if value > 0 else math.inf
