"""Layouts, shapes, dtypes and devices of every activation."""

from __future__ import annotations

from tests.cases import CASES, Case
from tests.checks import Check, Exemption, checks_of, layout, over

EXEMPTIONS = tuple(
    Exemption(check, lambda case: case.random, "noise is drawn in the order of memory: another layout, other slopes")
    for check in (
        layout.strided_input,
        layout.transposed_input,
        layout.expanded_input,
        layout.channels_last,
        layout.channels_last_3d,
    )
)

EXEMPTIONS += tuple(
    Exemption(check, lambda case: not case.activation.learnable, "nothing is learned")
    for check in (layout.strided_parameters, layout.channels_by_rank)
)


@over(checks_of(layout), CASES, EXEMPTIONS)
def test_each_layout(check: Check, case: Case) -> None:
    check(case)
