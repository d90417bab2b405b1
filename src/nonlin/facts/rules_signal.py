"""Rules on how a pointwise activation carries signal and gradient through depth, and on what it costs."""

from __future__ import annotations

import math

from nonlin.facts.sheet import FactSheet, How
from nonlin.facts.wording import Measurements, Rule, Sentence, number

_WEAK = 0.5  # below this factor on the gradient's second moment, ten layers leave less than 0.1 %
_STRONG = 1.25


def vanishing(s: FactSheet, m: Measurements) -> Sentence | None:
    """The gradient shrinks although the weights are scaled so that the signal does not."""
    if not _vanishes(s) or s.gradient_factor is None or s.lipschitz is None:
        return None
    xavier = s.gradient_factor.value.norm("xavier")
    measured = m.get("gradient_factor")
    factor = xavier if measured is None else measured
    if factor is None:
        return None
    how: How = s.gradient_factor.how if measured is None else "measured"
    source = "under Xavier's initialisation" if measured is None else "(measured)"
    bound = s.lipschitz.value.value
    loss = f"norm falls by ×{number(factor)} a layer {source}: too little reaches the first layers of a deep net"
    if bound < 1:
        text = (
            f"The gradient is at most {number(bound)} of what comes in, and its {loss}, so it is not for hidden layers."
        )
    else:
        text = f"The gradient's {loss}."
    return Sentence(text, factor, "disadvantage", how)


def exploding(s: FactSheet, m: Measurements) -> Sentence | None:
    own = s.gradient_factor.value.own_gain if s.gradient_factor else None
    if s.gradient_factor is None or own is None or not _STRONG <= own < math.inf:
        return None
    unbounded = "The slope has no upper bound: with" if s.lipschitz and s.lipschitz.value.value == math.inf else "With"
    text = f"{unbounded} weights scaled to keep the signal's size, the gradient's norm grows by ×{number(math.sqrt(own))} a layer."
    return Sentence(text, math.sqrt(own), "disadvantage", s.gradient_factor.how)


def critical(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.critical_point is None or (s.continuity and s.continuity.value.jumps):
        return None
    point, how = s.critical_point.value, s.critical_point.how
    if point.kind == "none" or point.sigma_w is None or point.sigma_b is None:
        if _vanishes(s):
            return None
        text = "No scale of weights and biases keeps both signal and gradient at their size through many layers (0 critical points)."
        return Sentence(text, 0.0, "disadvantage", how)
    variance = point.sigma_w**2
    weights = f"weights from N(0, {number(variance)}/fan_in)"
    biases = f"biases from N(0, {number(point.sigma_b**2)})" if point.sigma_b else "no bias"
    if point.kind == "scale-invariant":
        text = f"With {weights} and no bias, signal and gradient keep their size at any depth, whatever the size of the input."
        return Sentence(text, variance, "advantage", how)
    if point.kind == "half-stable":
        text = f"There is a critical initialisation: {weights} and {biases} keep signal and gradient at their size."
        return Sentence(text, variance, "advantage", how)
    if point.sigma_w > 3:
        return Sentence(
            f"The gradient keeps its size only with {weights}, far larger than any usual initialisation.",
            variance,
            "disadvantage",
            how,
        )
    ending = ", while the signal shrinks slowly with depth" if point.q == 0 else ""
    return Sentence(
        f"With {weights} and {biases} (the edge of chaos) the gradient keeps its size{ending}.", variance, "note", how
    )


def self_normalising(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.mean is None or s.variance is None or s.fixed_point is None or (s.saved_bytes and s.saved_bytes.value == 0):
        return None
    slope = s.fixed_point.value.chi_par
    if abs(s.mean.value) > 1e-6 or abs(s.variance.value - 1) > 1e-6 or slope is None or not abs(slope) < 1:
        return None
    text = (
        "Self-normalising: mean 0 and variance 1 come out as mean 0 and variance 1, "
        f"and deviations of the variance shrink by ×{number(slope)} a layer."
    )
    return Sentence(text, slope, "advantage", s.variance.how)


def one_lipschitz(s: FactSheet, m: Measurements) -> Sentence | None:
    if (
        s.lipschitz is None
        or s.row is not None
        or (s.observed is not None and s.continuity is None)
        or s.lipschitz.value.value > 1 + 1e-9
        or _vanishes(s)
        or (s.saved_bytes and s.saved_bytes.value == 0)
    ):
        return None
    bound = s.lipschitz.value.value
    text = f"Lipschitz constant {number(bound)}: two outputs are never further apart than their inputs."
    return Sentence(text, bound, "advantage", s.lipschitz.how)


def speed(s: FactSheet, m: Measurements) -> Sentence | None:
    ratio = m.get("speed_ratio")
    if ratio is None or 1.2 < ratio < 1.5:
        return None
    if ratio >= 1.5:
        return Sentence(f"Slow: {number(ratio)} times the time of ReLU in PyTorch.", ratio, "disadvantage", "measured")
    return Sentence(f"Fast: {number(ratio)} times the time of ReLU in PyTorch.", ratio, "advantage", "measured")


def memory(s: FactSheet, m: Measurements) -> Sentence | None:
    if s.saved_bytes is None or s.saved_bytes.value != 0:
        return None
    return Sentence("Free of memory: 0 bytes are kept for the backward pass.", 0.0, "advantage", s.saved_bytes.how)


def _vanishes(s: FactSheet) -> bool:
    own = s.gradient_factor.value.own_gain if s.gradient_factor else None
    return own is not None and 0 < own < _WEAK


RULES: tuple[Rule, ...] = (speed, vanishing, exploding, critical, self_normalising, one_lipschitz, memory)
