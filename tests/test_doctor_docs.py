"""The pages of rules are current, and say of every rule what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.doctor import page
from benchmarks.doctor.examples import EXAMPLES
from nonlin.doctor.finding import rules


@pytest.mark.parametrize("name", [f"{name}.md" for name in page.GROUPS])
def test_current(name: str) -> None:
    assert (page.DOCS / name).read_text(encoding="utf-8") == page.pages()[name], "run python -m benchmarks.doctor.page"


@pytest.mark.parametrize("path", page.OVERVIEWS, ids=lambda p: p.name)
def test_the_overview_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == page.with_overview(path)
    assert page.overview() in path.read_text(encoding="utf-8")


def test_every_rule_has_its_place_and_an_example() -> None:
    text = "".join(page.pages().values())
    assert [r.id for r in rules() if f"\n## {r.id} {r.name}\n" not in text] == []
    assert EXAMPLES.keys() == {r.id for r in rules()}


@pytest.mark.parametrize("name", page.SETS)
def test_the_record_counts_its_own_cases(name: str) -> None:
    """A record that was edited by hand no longer adds up."""
    record = page.recorded(name)
    cases, summary = record["cases"], record["summary"]
    faulty = [c for c in cases if c["expected"]]
    assert summary["cases"] == len(cases)
    assert summary["found"] == sum(set(c["expected"]) <= set(c["found"]) for c in faulty)
    assert summary["healthy with a false alarm"] == sum(
        bool(set(c["found"]) - set(c["allowed"])) for c in cases if not c["expected"]
    )
    for row in record["rules"]:
        assert row["found"] == sum(row["rule"] in c["found"] for c in cases if row["rule"] in c["expected"])
