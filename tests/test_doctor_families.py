"""Architectures of transformers: silent as they come, and heard once a fault is put in. The whole table is a benchmark."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import pytest

from benchmarks.doctor import outcomes
from benchmarks.doctor.families import FAMILIES
from benchmarks.doctor.family import Family
from benchmarks.doctor.mutations import MUTATIONS

pytestmark = [
    pytest.mark.skipif(find_spec("transformers") is None, reason="the families are transformers' (the dev extra)"),
    pytest.mark.filterwarnings("ignore"),  # transformers' own
]
SOME = [f for f in FAMILIES if f.name in ("bert", "llama", "t5", "vit", "resnet")]
FAULTS = [m for m in MUTATIONS if m.rule in ("L01", "L04", "S01", "S04", "D01", "D03", "N01")]


@pytest.mark.parametrize("family", SOME, ids=lambda f: f.name)
@pytest.mark.parametrize("steps", [0, 5])
def test_silent(family: Family, steps: int) -> None:
    found = outcomes.outcome(family.name, (), (), lambda: outcomes.trained(family, steps))
    assert (found.error, found.found) == ("", frozenset())


@pytest.mark.parametrize("family", SOME[:2], ids=lambda f: f.name)
def test_heard(family: Family) -> None:
    missed = []
    for mutation in FAULTS:
        model, batch = family.build()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not mutation.applies(model, batch):
                continue
            changed, given = mutation(model, batch)
        build: Callable[[], dict[str, Any]] = partial(dict, model=changed, batch=given)
        found = outcomes.outcome(mutation.name, {mutation.rule}, mutation.allowed, build)
        missed += [mutation.name] if found.missed or found.false else []
    assert missed == []
