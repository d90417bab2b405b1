"""nonlin: activation functions for PyTorch, each one declared formula from which everything else is derived."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# public name -> where it lives; nothing is imported before it is asked for
_PUBLIC = {
    "get": "nonlin.registry",
    "names": "nonlin.registry",
    "define": "nonlin.registry",
    "find": "nonlin.registry",
    "nearest": "nonlin.neighbours",
    "swap_": "nonlin.swap",
    "Swap": "nonlin.swap",
    "init_": "nonlin.init",
    "gain": "nonlin.init",
    "check": "nonlin.contract.run",
    "diagnose": "nonlin.doctor.diagnose",
    "Monitor": "nonlin.doctor.monitor",
    "no_decay": "nonlin.decay",
    "parameter_groups": "nonlin.decay",
    "empty_cache": "nonlin.kernels.native",
    "GatedMLP": "nonlin.layers",
    "ActLinear": "nonlin.layers",
    "Activation": "nonlin.formula.declaration",
    "Parameter": "nonlin.formula.declaration",
    "Source": "nonlin.formula.declaration",
    "NonlinError": "nonlin.errors",
    "FormulaError": "nonlin.errors",
    "UnknownNameError": "nonlin.errors",
}
_SUBMODULES = ("functional", "modules", "registry", "formula", "facts", "guide", "swap", "init", "contract")


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return import_module(f"nonlin.{name}")
    if name[:1].isupper():
        return getattr(import_module("nonlin.modules"), name)
    raise AttributeError(f"module 'nonlin' has no attribute {name!r}")


def __dir__() -> list[str]:
    from nonlin.catalogue import declarations

    return sorted(["__version__", "facts", *_PUBLIC, *_SUBMODULES, *(a.title for a in declarations().values())])
