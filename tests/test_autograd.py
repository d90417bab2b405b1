"""Eager differentiation of every activation."""

from __future__ import annotations

from tests.cases import CASES, Case
from tests.checks import Check, Exemption, autograd, checks_of, over

EXEMPTIONS = tuple(
    Exemption(
        check,
        lambda case: not case.takes_inplace,
        "there is no inplace, as in torch; in_place proves that it is refused",
    )
    for check in (autograd.in_place_on_a_saved_tensor, autograd.in_place_on_a_view)
)


@over(checks_of(autograd), CASES, EXEMPTIONS)
def test_each_autograd(check: Check, case: Case) -> None:
    check(case)
