"""What holds for every activation: one function a property, taking a :class:`nonlin.contract.case.Case`.

A check raises where the property fails, and NotApplicableError where there is nothing to hold. Each group is a module here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module

from nonlin.contract.case import Case

Check = Callable[[Case], None]

GROUPS = (
    "values", "limits", "autograd", "learning", "memory", "dtypes", "devices", "layout", "modules", "pickling",
    "transforms", "compilation",
)  # fmt: skip


def checks_of(group: str) -> list[Check]:
    """The checks of a group, in the order in which they are written."""
    module = import_module(f"{__name__}.{group}")
    return [
        function
        for name, function in vars(module).items()
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == module.__name__
    ]


def group_of(check: Check) -> str:
    return check.__module__.rpartition(".")[2]
