"""What importing loads, and what the public surface is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

import pytest

import nonlin
from nonlin import _PUBLIC
from nonlin.builders import classes, functions, signatures
from nonlin.catalogue import declarations

SUBMODULES: tuple[str, ...] = vars(nonlin)["_SUBMODULES"]
HEAVY = ("torch", "sympy", "mpmath", "numpy", "jinja2", "matplotlib", "sklearn")


def loaded_by(code: str) -> set[str]:
    """The top-level modules in a fresh process after ``code``."""
    script = f"{code}\nimport sys, json\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import nonlin", ()),
        ("import nonlin; nonlin.names(); nonlin.names(family='smooth'); nonlin.find('swish')", ()),
        ("import nonlin; nonlin.Activation, nonlin.FormulaError; dir(nonlin)", ()),
        ("import nonlin\ntry: nonlin.find('relo')\nexcept nonlin.UnknownNameError: pass", ()),
    ],
)
def test_light(code: str, allowed: tuple[str, ...]) -> None:
    assert sorted(loaded_by(code) & set(HEAVY)) == sorted(allowed)


@pytest.mark.parametrize(
    "kind",
    ["pointwise", "gated", "rowwise", "stochastic"],
)
def test_functions_need_torch_alone(kind: str) -> None:
    """Building and differentiating an activation imports no more than torch does: its derivatives are shipped."""
    every = "; ".join(f"nonlin.functional.{name}" for name in nonlin.names(kind=kind))
    code = f"import torch, nonlin; {every}; x = torch.ones(2, requires_grad=True); nonlin.functional.mish(x).sum().backward(); nonlin.SiLU()(x)"
    mine = loaded_by(code) - loaded_by("import torch") - {"nonlin"}
    assert not mine & set(HEAVY), f"a first call loads {sorted(mine & set(HEAVY))}: run `python -m nonlin.derived`"


def test_no_submodule_is_loaded_early() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import nonlin, sys; print([m for m in sys.modules if m.startswith('nonlin.')])"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(_PUBLIC))
def test_public_names_resolve(name: str) -> None:
    assert getattr(nonlin, name) is not None
    assert name in dir(nonlin)


@pytest.mark.parametrize("name", SUBMODULES)
def test_submodules_resolve(name: str) -> None:
    assert find_spec(f"nonlin.{name}") is not None
    assert getattr(nonlin, name) is not None


def test_dir_names_only_what_is_there() -> None:
    for name in dir(nonlin):
        assert getattr(nonlin, name) is not None
    with pytest.raises(AttributeError, match="nonlin has no"):
        getattr(nonlin, "No_such_thing")  # noqa: B009
    with pytest.raises(AttributeError, match="has no attribute 'no_such_thing'"):
        getattr(nonlin, "no_such_thing")  # noqa: B009


def test_star_import() -> None:
    scope: dict[str, object] = {}
    exec("from nonlin.functional import mish, silu\nfrom nonlin import Mish, get", scope)
    assert callable(scope["mish"])


def test_public_surface(golden: Callable[[str, str], None]) -> None:
    """Names and signatures that users write; a change is a decision, not an accident."""
    lines = [f"nonlin.{name}" for name in sorted({*_PUBLIC, *SUBMODULES})]
    for activation in declarations().values():
        lines.append(
            f"nonlin.functional.{functions.of(activation).__name__}({signatures.render(signatures.functional(activation))})"
        )
        lines.append(f"nonlin.{classes.of(activation).__name__}({signatures.render(signatures.module(activation))})")
    golden("public_surface.txt", "\n".join(sorted(lines)) + "\n")
