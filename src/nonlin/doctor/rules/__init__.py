"""The rules, one module a group."""

from __future__ import annotations

from importlib import import_module
from typing import Final

MODULES: Final = (
    "logits",
    "losses",
    "targets",
    "axes",
    "layers",
    "bounds",
    "selu",
    "connection",
    "inplace",
    "vanishing",
    "units",
    "signal",
    "finite",
)


def load() -> None:
    """Import every module of rules, which registers them."""
    for name in MODULES:
        import_module(f"nonlin.doctor.rules.{name}")
