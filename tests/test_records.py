"""What benchmarks/results says of the whole catalogue is of today's formulas and within the bars."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.judging import BARS, bar
from tests.scalar_cases import Case, cases

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"
ROWS: dict[tuple[str, str], dict[str, Any]] = {
    (row["function"], row["dtype"]): row
    for row in json.loads((RESULTS / "accuracy.json").read_text(encoding="utf-8"))["rows"]
}


@pytest.mark.parametrize("case", cases(), ids=str)
def test_kernels_were_judged_and_kept_the_bar(case: Case) -> None:
    """Recorded by ``python -m benchmarks.accuracy --stale``, which measures what is missing here."""
    for dtype in BARS:
        row = ROWS.get((str(case), str(dtype).removeprefix("torch.")))
        assert row is not None, f"{case} has no row for {dtype}"
        assert row["formula"] == case.activation.fingerprint, f"the row of {case} is of another formula"
        for label in ("nonlin value", "nonlin derivative"):
            assert row[label]["ulp"] <= bar(case, dtype), f"{case}, {dtype}, {label}: {row[label]}"
            assert row[label]["nan"] == 0
