"""Every activation under every transform of torch.func."""

from __future__ import annotations

from tests.cases import CASES, Case
from tests.checks import Check, checks_of, over, transforms


@over(checks_of(transforms), CASES)
def test_each_transform(check: Check, case: Case) -> None:
    check(case)
