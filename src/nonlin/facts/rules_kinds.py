"""Rules on functions of a whole row, and on gated units."""

from __future__ import annotations

import math

from nonlin.facts.sheet import FactSheet
from nonlin.facts.wording import Measurements, Rule, Sentence, number, percent, region


def distribution(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.row is None or not (s.row.value.sums_to_one and s.row.value.non_negative):
        return None
    return Sentence(
        "The outputs of a row are not negative and sum to 1: a distribution over classes.", 1.0, "advantage", s.row.how
    )


def calibration(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.row is None or not (s.row.value.sums_to_one and s.row.value.non_negative):
        return None
    peak = s.row.value.peak_at_gap_5
    text = f"Not calibrated by itself: two inputs that differ by 5 always become {percent(peak)} against {percent(1 - peak)}, right or wrong"
    error = m.get("calibration_error")
    if error is None:
        return Sentence(text + ".", peak, "disadvantage", s.row.how)
    return Sentence(f"{text}; measured expected calibration error {number(error)}.", error, "disadvantage", "measured")


def logarithms(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.row is None or s.range is None or (s.range.value.low, s.range.value.high) != (-math.inf, 0.0):
        return None
    return Sentence(
        "The outputs are logarithms of probabilities, at most 0: small probabilities do not underflow.",
        0.0,
        "advantage",
        s.range.how,
    )


def no_floor(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.row is None or s.range is None or s.range.value.low != -math.inf:
        return None
    text = "No lower bound: one input 5 below another already gives at most -5, so a single confident mistake can dominate a loss."
    return Sentence(text, -5.0, "disadvantage", s.range.how)


def stable_shift(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.row is None or not s.row.value.shift_invariant:
        return None
    text = "Adding one number to the whole row changes nothing (by 0), so the largest entry can be subtracted first: no overflow."
    return Sentence(text, 0.0, "note", s.row.how)


def order(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.row is None or s.row.value.order_preserving:
        return None
    peak = s.row.value.peak_at_gap_5
    text = f"Does not keep the order of a row: of two inputs that differ by 5, the larger one does not get the larger output, {number(peak)}."
    return Sentence(text, peak, "note", s.row.how)


def row_sensitivity(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.row is None or s.lipschitz is None:
        return None
    bound = s.lipschitz.value.value
    text = f"Lipschitz constant {number(bound)} (l2): the output moves at most {number(bound)} as far as the input."
    return Sentence(text, bound, "advantage", s.lipschitz.how)


def selects(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.gate is None or s.mean is None:
        return None
    text = "Multiplies two learned features, so the input itself decides what passes; the product of independent halves has mean 0."
    return Sentence(text, s.mean.value, "advantage", s.mean.how)


def gate_range(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.gate is None or s.gate.range is None:
        return None
    gate = s.gate.range
    if gate.value.bounded:
        size = max(abs(gate.value.low), abs(gate.value.high))
        return Sentence(
            f"The gate stays in {gate.value}: it never enlarges a value by more than x{number(size)}.",
            size,
            "advantage",
            gate.how,
        )
    return Sentence(
        "The gate has no bound, so the output grows with the power 2 of the input's size.",
        2.0,
        "disadvantage",
        gate.how,
    )


def gate_closed(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.gate is None or not s.gate.dead_zones or not s.gate.dead_zones.value or s.gate.dead_probability is None:
        return None
    where, share = " and ".join(region(zone) for zone in s.gate.dead_zones.value), s.gate.dead_probability.value
    text = f"The gate passes no gradient for {where} ({percent(share)} of standard normal inputs)."
    return Sentence(text, share, "disadvantage", s.gate.dead_probability.how)


def gate_cost(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.gate is None or s.saved_bytes is None:
        return None
    text = f"Takes 2 inputs for every output and keeps both for the backward pass: {s.saved_bytes.value} bytes an output in float32."
    return Sentence(text, float(s.saved_bytes.value), "disadvantage", s.saved_bytes.how)


def gate_gain(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.gate is None or s.forward_gain is None:
        return None
    gain = s.forward_gain.value
    return Sentence(
        f"Weights need a gain of {number(gain)} to keep the second moment of standard normal halves.",
        gain,
        "note",
        s.forward_gain.how,
    )


RULES: tuple[Rule, ...] = (
    distribution, calibration, logarithms, no_floor, row_sensitivity, stable_shift, order,
    selects, gate_range, gate_closed, gate_cost, gate_gain,
)  # fmt: skip
