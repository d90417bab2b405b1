"""Every activation under torch.compile, torch.export and torch.jit.trace."""

from __future__ import annotations

import pytest
import torch

from tests.cases import CASES, DEFAULTS, Case
from tests.checks import Check, checks_of, compilation, over, same


@over(checks_of(compilation), CASES)
def test_each_compilation(check: Check, case: Case) -> None:
    check(case)
