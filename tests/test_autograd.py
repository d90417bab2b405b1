"""Eager differentiation of every activation."""

from __future__ import annotations

from tests.cases import CASES, Case
from tests.checks import Check, autograd, checks_of, over


@over(checks_of(autograd), CASES)
def test_each_autograd(check: Check, case: Case) -> None:
    check(case)
