"""Rules on activations that a rule computes: what calling them shows."""

from __future__ import annotations

import math

from nonlin.facts.sheet import FactSheet
from nonlin.facts.wording import Measurements, Rule, Sentence, number, percent

_WIDE = 4  # bytes of a float32 input, the least that a non-linear function keeps for its backward


def width(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.gate is not None or s.observed.value.keeps_shape:
        return None
    ratio = s.observed.value.outputs_per_input
    if ratio == 1:
        return None
    if ratio < 1:
        text = f"Takes {number(1 / ratio)} inputs for every output, so the layer before it is that much wider."
    else:
        text = f"Gives {number(ratio)} outputs for every input, so the layer after it has {number(ratio)} times the weights."
    return Sentence(text, ratio, "disadvantage", s.observed.how)


def zeros(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.zeros is not None or s.observed.value.exact_zeros < 0.05:
        return None
    share = s.observed.value.exact_zeros
    text = f"Sparse: {percent(share)} of the outputs are exactly 0 for standard normal inputs."
    return Sentence(text, share, "advantage", s.observed.how)


def homogeneous(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.critical_point is not None or not s.observed.value.positively_homogeneous:
        return None
    text = "An input 2 times as large gives an output 2 times as large: it works alike at every scale."
    return Sentence(text, 2.0, "advantage", s.observed.how)


def distribution(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.row is not None or not s.observed.value.sums_to_one:
        return None
    text = "The outputs along a dimension are not negative and sum to 1: a distribution."
    return Sentence(text, 1.0, "advantage", s.observed.how)


def shifts(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.row is not None or not s.observed.value.shift_invariant:
        return None
    return Sentence("Adding one number to all inputs changes nothing (by 0).", 0.0, "note", s.observed.how)


def mixing(s: FactSheet, m: Measurements) -> Sentence | None:
    """What it means that outputs depend on each other's inputs."""
    if s.observed is None or s.observed.value.elementwise or not s.observed.value.keeps_shape or s.row is not None:
        return None
    if s.observed.value.permutation_equivariant:
        text = "Looks at several inputs for 1 output, and treats them alike: permuting them permutes the outputs."
    else:
        text = "Looks at several inputs for 1 output, and their places count."
    return Sentence(text, 1.0, "note", s.observed.how)


def steepness(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.row is not None or s.lipschitz is None or s.continuity is not None:
        return None
    bound = s.lipschitz.value.value
    if math.isinf(bound):
        text = "No bound on the slope was found: the output jumps, or the slope keeps growing up to inputs 100 times as large."
        return Sentence(text, 100.0, "disadvantage", s.lipschitz.how)
    if bound <= 1 + 1e-9:
        text = f"No Jacobian that was found stretches a direction by more than {number(bound)}."
        return Sentence(text, bound, "advantage", s.lipschitz.how)
    text = f"The steepest Jacobian that was found stretches a direction by {number(bound)}."
    return Sentence(text, bound, "note", s.lipschitz.how)


def learns(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.observed.value.learned == 0:
        return None
    count = s.observed.value.learned
    numbers = f"{count} numbers adapt" if count > 1 else "1 number adapts"
    text = f"Its curve is learned: {numbers} to the data"
    return Sentence(f"{text}, and weight decay should leave them alone.", float(count), "advantage", s.observed.how)


def draws(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or not s.observed.value.random:
        return None
    text = "Draws at random in training: 2 calls on the same input differ, so a run is repeated only with its seed."
    return Sentence(text, 2.0, "note", s.observed.how)


def random_start(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or not s.observed.value.starts_at_random:
        return None
    text = "Its parameters start at random: 2 fresh modules compute different functions, so a run is repeated only with its seed."
    return Sentence(text, 2.0, "note", s.observed.how)


def stand_in(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.kind != "surrogate" or s.observed is None:
        return None
    zeros = s.observed.value.exact_zeros
    text = f"The gradient is not the derivative, which is 0 almost everywhere: training follows a stand-in ({percent(zeros)} of the outputs are 0)."
    return Sentence(text, zeros, "disadvantage", s.observed.how)


def memory(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.saved_bytes is None or s.saved_bytes.value <= _WIDE:
        return None
    kept = s.saved_bytes.value
    text = f"Keeps {kept} bytes for the backward pass for every output in float32, an input of which takes {_WIDE}."
    return Sentence(text, float(kept), "disadvantage", s.saved_bytes.how)


def gain(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.observed is None or s.forward_gain is None or s.row is not None or s.critical_point is not None:
        return None
    value = s.forward_gain.value
    text = f"Weights need a gain of {number(value)} to keep the second moment of standard normal inputs."
    return Sentence(text, value, "note", s.forward_gain.how)


RULES: tuple[Rule, ...] = (
    distribution, zeros, homogeneous, learns, steepness, width, stand_in, memory, draws, random_start, shifts, mixing, gain,
)  # fmt: skip
