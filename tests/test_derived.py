"""What is shipped as data and as stubs is what the catalogue derives now."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import nonlin
from nonlin import derived
from nonlin.builders import stubs
from nonlin.catalogue import declarations
from nonlin.derived import build
from tests.catalogue import OTHERS

REFRESH = "run `make derived` and commit what it writes"


def same(shipped: Any, fresh: Any) -> bool:
    """Equal, with numbers to 1e-9: processors differ in the last digits of an exponential."""
    if isinstance(shipped, dict) and isinstance(fresh, dict):
        return shipped.keys() == fresh.keys() and all(same(shipped[k], fresh[k]) for k in shipped)
    if isinstance(shipped, list) and isinstance(fresh, list):
        return len(shipped) == len(fresh) and all(map(same, shipped, fresh))
    if isinstance(shipped, float) and isinstance(fresh, float):
        return math.isclose(shipped, fresh, rel_tol=1e-9, abs_tol=1e-9)
    return bool(shipped == fresh)


DERIVED_ANEW = [name for name in build.subjects() if name not in {a.name for a in OTHERS}]


def test_records_are_of_these_declarations_and_this_code() -> None:
    """Whatever a record depends on: the declaration's fingerprint, and a digest of the code that derives."""
    assert not build.stale(), f"outdated: {', '.join(build.stale()[:10])} ...: {REFRESH}"


@pytest.mark.parametrize("name", DERIVED_ANEW)
def test_record_is_current(name: str) -> None:
    """Where torch has the function, and for one of each signature: what derives the records is the same for all."""
    shipped = derived.record(name)
    assert shipped is not None, f"{name} has no record: {REFRESH}"
    fresh = build.build(build.subjects()[name])
    stale = [key for key in fresh if not same(shipped.get(key), fresh[key])]
    assert not stale, f"{name}: {', '.join(stale)} differ from what is derived now: {REFRESH}"


def test_no_record_is_left_over() -> None:
    assert {path.stem for path in build.DATA.glob("*.json")} == set(build.subjects()), REFRESH


@pytest.mark.parametrize("name", stubs.texts())
def test_stub_is_current(name: str) -> None:
    path = Path(nonlin.__file__).with_name(name)
    assert path.read_text(encoding="utf-8") == stubs.texts()[name], f"{name}: {REFRESH}"


def test_an_outdated_record_is_not_used() -> None:
    from dataclasses import replace

    silu = declarations()["silu"]
    assert derived.current(silu) is not None
    assert derived.current(replace(silu, formula="x * sigmoid(2 * x)", stable=None)) is None


def test_a_changed_formula_is_derived_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one place to change is the declaration: no record has to be refreshed for the function to follow."""
    from dataclasses import replace

    import torch

    from nonlin.builders import functions

    changed = replace(declarations()["silu"], formula="x * sigmoid(2 * x)", stable=None)
    x = torch.tensor(1.0, dtype=torch.float64)
    assert functions.of(changed)(x).item() == pytest.approx(1 / (1 + math.exp(-2)), rel=1e-15)


def test_same_sees_a_difference() -> None:
    assert not same({"a": [1.0]}, {"a": [1.0 + 1e-6]})
    assert not same({"a": 1}, {"b": 1})
