"""Type stubs, derived from the catalogue: editors and mypy know every function and module and its arguments."""

from __future__ import annotations

import inspect
from pathlib import Path

from nonlin import _PUBLIC
from nonlin.builders import classes, signatures, written
from nonlin.catalogue import declarations
from nonlin.files import write_text
from nonlin.formula.declaration import Activation

_HEAD = '''"""Derived from the catalogue by ``python -m nonlin.derived``; a test fails where it is not current."""

from typing import Any, Literal

import torch
from torch import Tensor, nn
'''


def functional() -> str:
    """The text of ``functional.pyi``."""
    parts = [_HEAD.replace("Tensor, nn", "Tensor")]
    parts.extend(
        f"def {activation.name}({signatures.render(signatures.functional(activation))}) -> Tensor: ...\n"
        for activation in declarations().values()
    )
    return "".join(parts)


def modules() -> str:
    """The text of ``modules.pyi``."""
    parts = [
        _HEAD,
        "\nfrom nonlin.builders.classes import ActivationModule as ActivationModule, Function as Function\n\n",
    ]
    parts.extend(_class(activation) for activation in declarations().values())
    return "".join(parts)


def _class(activation: Activation) -> str:
    arguments = signatures.module(activation)
    lines = [f"class {activation.title}(ActivationModule):"]
    lines += [f"    {a.name}: {a.annotation}" for a in arguments if a.name not in ("device", "dtype")]
    if activation.rule:
        made = written.written_class(activation)
        lines += [f"    {name}: {text}" for name, text in getattr(made, "__annotations__", {}).items()]
    else:
        lines += [f"    {p.name}: nn.Parameter" for p in activation.learnable]
    given = f", {signatures.render(arguments)}" if arguments else ""
    lines.append(f"    def __init__(self{given}) -> None: ...")
    lines += [
        f"    def {method}(self, input: Tensor{_more(activation)}) -> Tensor: ..." for method in ("forward", "__call__")
    ]
    return "\n".join(lines) + "\n"


def _more(activation: Activation) -> str:
    """What a module's call takes beside the input."""
    if not activation.rule:
        return ", value: Tensor | None = None" if activation.kind == "gated" else ""
    _, _, *more = inspect.signature(classes.of(activation).forward).parameters.values()
    return "".join(f", {p}" for p in more)


def package() -> str:
    """The text of ``__init__.pyi``."""
    lines = [
        '"""Derived from the catalogue by ``python -m nonlin.derived``; a test fails where it is not current."""',
        "",
    ]
    lines += [
        f"from nonlin import {name} as {name}"
        for name in ("formula", "functional", "guide", "init", "modules", "registry", "swap")
    ]
    lines += [f"from {where} import {name} as {name}" for name, where in _PUBLIC.items()]
    lines += ["from nonlin.facts import facts as facts"]
    lines += [f"from nonlin.modules import {a.title} as {a.title}" for a in declarations().values()]
    lines += ["", "__version__: str", "_PUBLIC: dict[str, str]", ""]
    return "\n".join(lines)


def texts() -> dict[str, str]:
    """Every stub by its file name."""
    return {"__init__.pyi": package(), "functional.pyi": functional(), "modules.pyi": modules()}


def write() -> list[Path]:
    """Write the stubs beside the modules that they describe; return the paths that changed."""
    changed = []
    for name, text in texts().items():
        path = Path(__file__).parents[1] / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
            changed.append(path)
    return changed
