"""Rules on what the output and the slope of a pointwise activation look like. None of them knows an activation."""

from __future__ import annotations

import math

from nonlin.facts.probability import mass
from nonlin.facts.sheet import FactSheet, Interval
from nonlin.facts.wording import Measurements, Rule, Sentence, number, percent, region


def probability(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.range is None or (s.range.value.low, s.range.value.high) != (0.0, 1.0) or not s.is_monotonic:
        return None
    return Sentence(
        f"The output lies in {s.range.value}, so it can be read as a probability.", 1.0, "advantage", s.range.how
    )


def bounded(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.range is None or s.row is not None or not s.range.value.bounded or probability(s, m):
        return None
    size = max(abs(s.range.value.low), abs(s.range.value.high))
    text = f"The output never leaves {s.range.value}: no input, however large, makes it explode."
    if s.observed is not None and s.continuity is None:  # seen, not proved
        text = f"The output stays in {s.range.value} for every input that was tried, up to 100 million in size."
    return Sentence(text, size, "advantage", s.range.how)


def passes_large_inputs(s: FactSheet, m: Measurements) -> Sentence | None:
    slope = s.slope_limits.value[1] if s.slope_limits else None
    if (
        s.slope_limits is None
        or slope is None
        or not 0.1 <= slope < math.inf
        or (s.saved_bytes and s.saved_bytes.value == 0)
    ):
        return None
    passes = "unchanged" if slope == 1 else f"times {number(slope)}"
    text = f"Does not saturate for large x: the slope tends to {number(slope)}, so the gradient passes {passes}."
    return Sentence(text, slope, "advantage", s.slope_limits.how)


def centring(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.mean is None or s.second_moment is None or s.symmetry is None or s.range is None or s.second_moment.value <= 0:
        return None
    mean = s.mean.value
    if s.symmetry.value == "odd":
        return Sentence(
            "Zero-centred: f(-x) = -f(x), so inputs spread evenly about 0 give outputs of mean 0.",
            0.0,
            "advantage",
            s.symmetry.how,
        )
    if abs(mean) < 1e-6:
        return Sentence("Zero-centred: standard normal inputs give outputs of mean 0.", 0.0, "advantage", s.mean.how)
    if abs(mean) / math.sqrt(s.second_moment.value) < 0.15:
        return None
    text = f"Not zero-centred: standard normal inputs give a mean output of {number(mean)}"
    if s.range.value.low >= 0 or s.range.value.high <= 0:
        text += (
            ", and all outputs have one sign, so a sample moves all weights into a unit of the next layer the same way"
        )
    return Sentence(text + ".", mean, "disadvantage", s.mean.how)


def dead_units(s: FactSheet, m: Measurements) -> Sentence | None:
    if not s.dead_zones or not s.dead_zones.value or s.dead_probability is None or _constant(s):
        return None
    where, share = " and ".join(region(zone) for zone in s.dead_zones.value), s.dead_probability.value
    text = f"The gradient is exactly 0 for {where} ({percent(share)} of standard normal inputs)"
    if any(zone.unbounded for zone in s.dead_zones.value):
        text += ": a unit whose inputs all land there is dead and cannot recover by its own gradient"
    else:
        text += ": nothing is learned from inputs there"
    measured = m.get("dead_share")
    if measured is None:
        return Sentence(text + ".", share, "disadvantage", s.dead_probability.how)
    rate = f" at learning rate {number(m['dead_learning_rate'])}" if "dead_learning_rate" in m else ""
    return Sentence(
        f"{text}. Measured: {percent(measured)} of a layer's units dead{rate}.", measured, "disadvantage", "measured"
    )


def sparse(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.zeros is None or _constant(s):
        return None
    share = mass(s.zeros.value)
    if share < 0.05:
        return None
    return Sentence(
        f"Sparse: the output is exactly 0 for {percent(share)} of standard normal inputs.",
        share,
        "advantage",
        "derived",
    )


def no_dead_zone(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.dead_zones is None or s.dead_zones.value or s.derivative_range is None or s.saturated_probability is None:
        return None
    least = s.derivative_range.value.low
    if least > 0:
        bound = "at least" if s.derivative_range.value.low_attained else "above"
        text = f"No dead zone: the slope is {bound} {number(least)} everywhere, so every unit keeps learning."
        return Sentence(text, least, "advantage", s.derivative_range.how)
    if len(_saturated_ends(s)) > 1:
        return None
    share = s.saturated_probability.value
    text = f"No dead zone: the slope is 0 on no interval, and below 1 % for {percent(share)} of standard normal inputs."
    return Sentence(text, share, "advantage", s.saturated_probability.how)


def saturates(s: FactSheet, m: Measurements) -> Sentence | None:
    ends = _saturated_ends(s)
    if not ends or s.saturation is None:
        return None
    edge = min(abs(e.high if math.isinf(e.low) else e.low) for e in ends)
    where = " and ".join(region(e).replace("≤", "<").replace("≥", ">") for e in ends)
    if len(ends) == 2:
        text = f"Saturates on both sides: the slope is below 1 % for {where}, so large inputs let next to no gradient through."
        return Sentence(text, edge, "disadvantage", s.saturation.how)
    return Sentence(
        f"Saturates on one side: the slope is below 1 % for {where}.", edge, "disadvantage", s.saturation.how
    )


def monotone(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.monotonicity is None or s.monotonicity.value != "none" or s.minimum is None:
        return None
    for word, fact in (("minimum", s.minimum), ("maximum", s.maximum)):
        end = fact.value if fact is not None else None
        if fact is not None and end is not None and end.at.is_point:
            place = f"its {word}, {number(end.value)}, at x = {number(end.at.low)}"
            return Sentence(
                f"Not monotonic: it has {place}, where the gradient changes sign.", end.value, "note", fact.how
            )
    if s.derivative_range is None:
        return None
    falls, rises = s.derivative_range.value.low, s.derivative_range.value.high
    if not math.isfinite(falls):
        return None
    text = f"Not monotonic: its slope lies between {number(falls)} and {number(rises)}."
    return Sentence(text, falls, "note", s.derivative_range.how)


def smoothness(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.continuity is None or (s.saved_bytes and s.saved_bytes.value == 0):
        return None
    c = s.continuity.value
    if c.jumps:
        places = " and ".join(f"x = {number(j.x)} (by {number(j.size)})" for j in c.jumps)
        text = f"Not continuous: it jumps at {places}, and the gradient does not see a jump."
        return Sentence(text, c.jumps[-1].size, "disadvantage", s.continuity.how)
    if c.kinks:
        places = " and ".join(f"x = {number(k.x)} (slope {number(k.left)} to {number(k.right)})" for k in c.kinks)
        text = f"Not differentiable at {places}: the derivative used there is a convention."
        largest = max(abs(k.jump) for k in c.kinks)
        return Sentence(text, largest if math.isfinite(largest) else float(len(c.kinks)), "note", s.continuity.how)
    if c.order is None:
        text = "Smooth: derivatives of every order and 0 kinks, which is what methods with second derivatives need."
        return Sentence(text, 0.0, "advantage", s.continuity.how)
    text = f"No kinks: it is C{c.order}, but not every derivative of higher order is continuous."
    return Sentence(text, float(c.order), "note", s.continuity.how)


def linear(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.curvature is None or s.non_linearity is None:
        return None
    if s.curvature.value == "linear":
        return Sentence(
            "Non-linearity 0: any number of layers with it are together one linear layer.",
            0.0,
            "disadvantage",
            s.curvature.how,
        )
    bend = s.non_linearity.value
    if bend >= 0.02:
        return None
    text = f"Nearly linear: for standard normal inputs a straight line explains {percent(1 - bend)} of the output's variance."
    return Sentence(text, bend, "note", s.non_linearity.how)


def _constant(s: FactSheet) -> bool:
    return s.range is not None and s.range.value.low == s.range.value.high


def _saturated_ends(s: FactSheet) -> list[Interval]:
    """The unbounded saturated regions that do not end in a dead zone."""
    dead = s.dead_zones.value if s.dead_zones else ()
    ends = [e for e in (s.saturation.value if s.saturation else ()) if e.unbounded]
    return [e for e in ends if not any(d.low == e.low == -math.inf or d.high == e.high == math.inf for d in dead)]


RULES: tuple[Rule, ...] = (
    probability, bounded, passes_large_inputs, centring, no_dead_zone, sparse, smoothness, saturates, dead_units, monotone, linear,
)  # fmt: skip
