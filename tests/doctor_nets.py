"""Small networks for the tests of the doctor's rules, and what is found in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.doctor.diagnose import diagnose
from nonlin.doctor.report import Report

ROWS = 1200


class Net(nn.Module):
    """A layer, and whatever is done to its output."""

    def __init__(self, head: Callable[[Tensor], Any], width: int = 10) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.head = nn.Linear(20, width), head

    def forward(self, x: Tensor) -> Any:
        return self.head(self.layer(x))


def x(rows: int = 64) -> Tensor:
    return torch.randn(rows, 20, generator=torch.Generator().manual_seed(1))


def classes(rows: int = 64, count: int = 10) -> Tensor:
    return torch.randint(0, count, (rows,), generator=torch.Generator().manual_seed(2))


def found(report: Report) -> dict[str, str]:
    return {f.rule: f.severity for f in report.findings}


def of(
    head: Callable[[Tensor], Any], target: Any = None, loss: Any = "cross_entropy", width: int = 10
) -> dict[str, str]:
    return found(diagnose(Net(head, width), x(), classes() if target is None else target, loss=loss))


def layers(*modules: nn.Module) -> dict[str, str]:
    torch.manual_seed(0)
    return found(diagnose(nn.Sequential(*modules), x(), classes(), loss="cross_entropy"))
