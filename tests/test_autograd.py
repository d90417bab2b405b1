"""Eager differentiation of every activation."""

from __future__ import annotations

from nonlin.kernels import native
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


FROM_PYTHON = [case for case in CASES if str(case) in ("silu", "elu-other", "prelu", "swiglu", "swiglu-apart", "glu")]


@over(checks_of(autograd), FROM_PYTHON, [e for e in EXEMPTIONS if any(map(e.applies, FROM_PYTHON))])
def test_each_autograd_from_python(check: Check, case: Case) -> None:
    """Where there is no C++ compiler, Python calls the kernels; a few of each kind stand for all."""
    with native.paused():
        check(case)
