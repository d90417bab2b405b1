"""Every activation under every transform of torch.func."""

from __future__ import annotations

from tests.cases import CASES, Case
from tests.checks import Check, Exemption, checks_of, over, transforms

EXEMPTIONS = (
    Exemption(transforms.func_vmap_over_parameters, lambda case: not case.activation.learnable, "nothing is learned"),
    Exemption(
        transforms.traced_by_make_fx, lambda case: case.random, "a traced seed would be the same number at every call"
    ),
)


@over(checks_of(transforms), CASES, EXEMPTIONS)
def test_each_transform(check: Check, case: Case) -> None:
    check(case)
