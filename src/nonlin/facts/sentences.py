"""Advantages and disadvantages as sentences: rules over facts and measurements, the same rules for every activation."""

from __future__ import annotations

from nonlin.facts import rules_kinds, rules_observed, rules_shape, rules_signal
from nonlin.facts.sheet import FactSheet
from nonlin.facts.wording import Measurements, Sentence

MEASUREMENTS = {
    "speed_ratio": "time of a forward pass as a multiple of ReLU's, timed side by side",
    "gradient_factor": "factor on the norm of the weight gradient from a layer to the one before it",
    "dead_share": "largest share of a layer's units without gradient on any training sample, from 0 to 1",
    "dead_learning_rate": "the learning rate at which dead_share was observed",
    "calibration_error": "expected calibration error of a classifier with this output, from 0 to 1",
}


def sentences(sheet: FactSheet, measurements: Measurements | None = None) -> tuple[Sentence, ...]:
    """What speaks for an activation and what against it: advantages first, then disadvantages, then notes.

    Args:
        sheet: its facts.
        measurements: figures measured on this machine, any of ``MEASUREMENTS``; sentences that need them appear
            only with them, and where theory also has the figure the measured one is told.

    Raises:
        ValueError: where ``measurements`` has an unknown name.

    Example:
        >>> from nonlin.facts.sheet import Fact, FactSheet
        >>> sheet = FactSheet("line", "pointwise", {}, "", saved_bytes=Fact(0, "derived"))
        >>> [s.text for s in sentences(sheet)]
        ['Free of memory: 0 bytes are kept for the backward pass.']
    """
    given = dict(measurements or {})
    unknown = sorted(set(given) - set(MEASUREMENTS))
    if unknown:
        raise ValueError(f"unknown measurements {unknown}; expected some of {sorted(MEASUREMENTS)}")
    rules = (*rules_kinds.RULES, *rules_observed.RULES, *rules_shape.RULES, *rules_signal.RULES)
    found = [sentence for rule in rules if (sentence := rule(sheet, given)) is not None]
    order = {"advantage": 0, "disadvantage": 1, "note": 2}
    return tuple(sorted(found, key=lambda sentence: order[sentence.kind]))
