"""What holds for every activation: one function a property, taking a :class:`tests.cases.Case`, raising where it fails.

The test files run them over the catalogue; ``test_define.py`` runs them on a formula of a user's; ``test_meta.py`` proves
that each catches an activation broken on purpose.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from tests.cases import Case

Check = Callable[[Case], None]


@dataclass(frozen=True)
class Exemption:
    """A check that does not apply to some cases, and why."""

    check: Check
    applies: Callable[[Case], bool]
    reason: str


def checks_of(module: ModuleType) -> list[Check]:
    """The public functions of a module of checks, in the order in which they are written."""
    named = vars(module).items()
    return [
        f
        for name, f in named
        if inspect.isfunction(f) and not name.startswith("_") and getattr(f, "__module__", "") == module.__name__
    ]


def over(checks: Sequence[Check], cases: Sequence[Case], exemptions: Sequence[Exemption] = ()) -> pytest.MarkDecorator:
    """Parametrise ``test(check, case)`` over the product, leaving out what is exempt."""
    unused = [e.reason for e in exemptions if e.check in checks and not any(e.applies(case) for case in cases)]
    assert not unused, f"exemptions that apply to no case: {unused}"
    chosen = [
        pytest.param(check, case, id=f"{check.__name__}-{case}")
        for check in checks
        for case in cases
        if not any(e.check is check and e.applies(case) for e in exemptions)
    ]
    return pytest.mark.parametrize(("check", "case"), chosen)


def same(actual: object, expected: object, *, rtol: float = 0.0, atol: float = 0.0) -> None:
    """Equal values, NaN for NaN; exactly, unless ``rtol`` and ``atol`` are given."""
    import torch

    torch.testing.assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=True)


def near(actual: Any, expected: Any, *, atol: float = 1e-37) -> None:
    """Equal within the bars of kernel and composite: an eager call against a transform, a compiled graph or an export."""
    import torch

    bars = {torch.float32: 5e-7, torch.float64: 2e-15}
    first = expected if isinstance(expected, torch.Tensor) else expected[0]
    rtol = bars.get(first.dtype, torch.finfo(first.dtype).eps)
    torch.testing.assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=True)
