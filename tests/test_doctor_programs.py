"""The doctor on whole programs: what is wrong with each is found, and nothing else; healthy ones pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks.doctor import outcomes, tally
from nonlin.doctor import finding as findings
from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.fixes import patches

FOLDER = outcomes.HERE / "programs"
PROGRAMS = sorted(p for p in FOLDER.rglob("*.py") if p.name != "__init__.py")
ASIDE = sorted(p for p in (outcomes.HERE / "aside").rglob("*.py") if p.name != "__init__.py")
KNOWN_MISSES = {
    "matching_network_blended_labels": "a product with one-hot labels stands between softmax and cross-entropy"
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("path", PROGRAMS + ASIDE, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_program(path: Path, request: pytest.FixtureRequest) -> None:
    if path.stem in KNOWN_MISSES:
        request.applymarker(pytest.mark.xfail(reason=KNOWN_MISSES[path.stem], strict=True))
    outcome = outcomes.program(path)
    assert not outcome.error or outcome.expected, outcome.error
    assert (sorted(outcome.missed), sorted(outcome.false)) == ([], [])


def test_every_rule_has_a_program() -> None:
    expected = {rule for path in PROGRAMS for rule in outcomes.load(path).EXPECTED}
    assert expected == {rule.id for rule in findings.rules()}


def test_a_rule_that_is_gone_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark itself: without a rule its programs count as missed."""
    path = FOLDER / "faulty" / "cnn_softmax_before_cross_entropy.py"
    findings.rules()
    monkeypatch.delitem(findings._RULES, "L01")
    broken = outcomes.program(path)
    assert broken.missed == {"L01"}
    assert tally.summary([broken])["found"] == 0
    assert "missed L01" in tally.table([broken])


def test_a_false_alarm_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def crying(case: object) -> Iterator[findings.Finding]:
        yield findings.Finding("warning", "wolf", "none")

    findings.rules()
    monkeypatch.setitem(findings._RULES, "S04", findings.Rule("S04", "wolf", "warning", (), crying))
    crying_wolf = outcomes.program(FOLDER / "healthy" / "tiny_batch_relu.py")
    assert crying_wolf.false == {"S04"}
    assert tally.summary([crying_wolf])["healthy with a false alarm"] == 1


@pytest.mark.parametrize("path", [p for p in PROGRAMS if p.parent.name == "faulty"], ids=lambda p: p.stem)
@pytest.mark.filterwarnings("ignore")  # a program may be old-fashioned
def test_a_mechanical_fix_takes_the_finding_away(path: Path) -> None:
    for patch in patches(diagnose(**outcomes.load(path).build())):
        if patch.tried:
            assert patch.gone, str(patch)
