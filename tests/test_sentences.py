"""Advantages and disadvantages: what must be said of the five, what every activation gets, and that a number backs it."""

from __future__ import annotations

import inspect
import json
import math
import re

import pytest

from nonlin.catalogue import declarations
from nonlin.facts import (
    MEASUREMENTS,
    FactSheet,
    Sentence,
    of,
    rules_kinds,
    rules_observed,
    rules_shape,
    rules_signal,
    sentences,
)
from nonlin.facts.sheet import Interval
from nonlin.facts.wording import number, percent, region
from nonlin.formula import Activation

EVERY = list(declarations().values())
MEASURED = {
    "speed_ratio": 3.1,
    "gradient_factor": 0.22,
    "dead_share": 0.31,
    "dead_learning_rate": 0.03,
    "calibration_error": 0.026,
}


def said(name: str, kind: str, measured: dict[str, float] | None = None) -> dict[str, Sentence]:
    """The sentences of one kind by their text."""
    return {s.text: s for s in sentences(of(declarations()[name]), measured) if s.kind == kind}


def one(found: dict[str, Sentence], *words: str) -> Sentence:
    """The single sentence that contains all ``words``."""
    matching = [s for text, s in found.items() if all(word in text for word in words)]
    assert len(matching) == 1, f"{words}: {len(matching)} of {list(found)}"
    return matching[0]


def test_sigmoid() -> None:
    assert one(said("sigmoid", "advantage"), "(0, 1)", "read as a probability").how == "derived"
    weak = one(said("sigmoid", "disadvantage"), "at most 1/4", "×0.236 a layer", "not for hidden layers")
    assert weak.value == pytest.approx(0.2361, abs=1e-4)
    assert one(said("sigmoid", "disadvantage"), "Saturates on both sides").value == pytest.approx(4.5849, abs=1e-3)
    assert one(said("sigmoid", "disadvantage"), "Not zero-centred", "1/2").value == pytest.approx(0.5, abs=1e-12)
    measured = said("sigmoid", "disadvantage", MEASURED)
    assert one(measured, "Slow: 3.1 times the time of ReLU").value == 3.1
    factor = one(measured, "×0.22 a layer (measured)", "not for hidden layers")
    assert (factor.value, factor.how) == (0.22, "measured")


def test_relu() -> None:
    dead = one(said("relu", "disadvantage"), "exactly 0 for x ≤ 0 (50 %", "dead")
    assert dead.value == 0.5
    measured = one(
        said("relu", "disadvantage", MEASURED), "Measured: 31 % of a layer's units dead at learning rate 0.03"
    )
    assert (measured.value, measured.how) == (0.31, "measured")
    assert one(said("relu", "advantage"), "Sparse", "50 %").value == 0.5
    assert one(said("relu", "advantage"), "N(0, 2/fan_in)").value == pytest.approx(2.0, rel=1e-12)
    assert one(said("relu", "advantage", {"speed_ratio": 1.0}), "Fast: 1 times").value == 1.0


def test_leaky_relu() -> None:
    assert one(said("leaky_relu", "advantage"), "No dead zone", "at least 0.01").value == 0.01
    assert not any("dead and cannot recover" in text for text in said("leaky_relu", "disadvantage", MEASURED))


def test_tanh() -> None:
    assert one(said("tanh", "advantage"), "Zero-centred").value == 0.0
    assert one(said("tanh", "disadvantage"), "Saturates on both sides", "x > 2.99").value == pytest.approx(
        math.acosh(10)
    )


def test_softmax() -> None:
    assert one(said("softmax", "advantage"), "sum to 1", "distribution over classes").value == 1.0
    plain = one(said("softmax", "disadvantage"), "Not calibrated by itself", "99.33 %")
    assert plain.value == pytest.approx(1 / (1 + math.exp(-5)))
    measured = one(said("softmax", "disadvantage", MEASURED), "Not calibrated by itself", "calibration error 0.026")
    assert (measured.value, measured.how) == (0.026, "measured")


@pytest.mark.parametrize("activation", EVERY, ids=lambda a: a.name)
def test_every_activation_is_told_of_each_with_its_number(activation: Activation) -> None:
    """At least two sentences; torch's own, which people choose from, have both sides."""
    found = sentences(of(activation))
    assert len(found) >= 2
    assert {s.kind for s in found} >= ({"advantage", "disadvantage"} if activation.torch_name else set())
    texts = [s.text for s in found]
    assert len(set(texts)) == len(texts)
    for s in found:
        assert s.text[0].isupper()
        assert s.text.endswith(".")
        assert len(s.text) < 260
        assert math.isfinite(s.value)
        assert re.search(r"\d", s.text), f"no number in: {s.text}"
        assert "nan" not in s.text
        assert s.how in ("derived", "quadrature", "measured")
    kinds = [s.kind for s in found]
    assert kinds == sorted(kinds, key=["advantage", "disadvantage", "note"].index)


def test_no_rule_names_an_activation() -> None:
    """ReLU is the yardstick of speed; no other name may occur, and no rule may read the sheet's name."""
    names = {a.name for a in EVERY} | {a.title for a in EVERY}
    for module in (rules_kinds, rules_observed, rules_shape, rules_signal):
        source = inspect.getsource(module)
        code = re.sub(r'f?"[^"\n]*times the time of ReLU[^"\n]*"', "", source)
        words = set(re.findall(r"\w+", code)) - {"threshold", "linear", "identity", "abs"}
        assert not words & names
        assert not re.search(r"\bs\.(name|parameters|fingerprint)\b", source)


def test_sentences_follow_the_facts_not_the_name() -> None:
    """The same sheet under another name says the same; another sheet under the same name does not."""
    relu = of(declarations()["relu"]).to_dict()
    renamed = FactSheet.from_dict({**json.loads(json.dumps(relu)), "name": "something"})
    assert sentences(renamed) == sentences(of(declarations()["relu"]))
    changed = FactSheet.from_dict({**json.loads(json.dumps(relu)), "dead_zones": {"value": [], "how": "derived"}})
    assert not any(s.text.startswith("The gradient is exactly 0") for s in sentences(changed))


def test_unknown_measurements_are_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown measurements \['speed'\]; expected some of"):
        sentences(of(declarations()["relu"]), {"speed": 2.0})
    assert set(MEASURED) == set(MEASUREMENTS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "1/4"),
        (1 / 6, "1/6"),
        (-0.5, "-1/2"),
        (0.01, "0.01"),
        (1.0, "1"),
        (2.4049, "2.4"),
        (0.0, "0"),
        (-0.0, "0"),
        (1 / 3, "1/3"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1e-9, "less than 0.01 %"),
        (0.00135, "0.14 %"),
        (0.5, "50 %"),
        (0.98417, "98.4 %"),
        (0.99331, "99.33 %"),
        (1 - 1e-9, "more than 99.99 %"),
        (1.0, "100 %"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


def test_regions() -> None:
    assert region(Interval(-math.inf, 0.0)) == "x ≤ 0"
    assert region(Interval(3.0, math.inf)) == "x ≥ 3"
    assert region(Interval(-0.5, 0.5)) == "-1/2 ≤ x ≤ 1/2"
