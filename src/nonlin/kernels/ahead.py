"""Compiling before the first call: for images of containers, and for machines that lose their compiler later."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nonlin.errors import NonlinError
from nonlin.formula.declaration import Activation
from nonlin.kernels import compiler, native
from nonlin.kernels.library import library
from nonlin.kernels.row_kernels import row_library
from nonlin.kernels.rowwise import RULES, SAME
from nonlin.kernels.source import Family, Role
from nonlin.registry import all_activations, find, parse

FAMILIES: tuple[Family, ...] = ("single", "double")


def compile_ahead(names: Sequence[str], progress: Callable[[str, float], None] = lambda label, share: None) -> str:
    """Compile the C++ module and the kernels of ``names``, or of every activation; what is there now, in words.

    Raises:
        UnknownNameError: for an unknown name. NonlinError: where there is no compiler, or a source does not compile.
    """
    chosen = [parse(name)[0] for name in names] or list(all_activations().values())
    if compiler.compiler() is None:
        raise NonlinError(f"nothing can be compiled: {compiler.why_none() or 'NONLIN_COMPILE=0 turns compiling off'}")
    native.ready(timeout=0)  # begins in the background
    wanted = list(dict.fromkeys((*one, family) for a in chosen for one in _roles(a) for family in FAMILIES))
    rows = list(dict.fromkeys((RULES[name], family) for a in chosen for name in _rows(a) for family in FAMILIES))
    steps = len(wanted) + len(rows) + 1
    for done, (activation, role, family) in enumerate(wanted):
        progress(f"{activation.name} {role} {family}", done / steps)
        if library(activation, role, family) is None:
            raise NonlinError(
                f"the {role} kernels of {activation.name} did not compile; the notice above names the log"
            )
    for done, (rule, family) in enumerate(rows, len(wanted)):
        progress(f"{rule.name} rows {family}", done / steps)
        if row_library(rule, family) is None:
            raise NonlinError(f"the row kernels of {rule.name} did not compile; the notice above names the log")
    progress("the module that calls them", (steps - 1) / steps)
    if not native.ready() and native.problem() is not None:
        raise NonlinError(f"the module that calls kernels from C++ did not compile: {native.problem()}")
    libraries = "1 library" if steps == 2 else f"{steps - 1} libraries"
    return f"{libraries} of kernels, called {native.told()}"


def _rows(activation: Activation) -> list[str]:
    """The kernels of whole rows that calls of an activation use."""
    name = SAME.get(activation.name, activation.name)
    return [name] if name in RULES else ["softmax"] if activation.rule in ("softmax", "attention") else []


def _roles(activation: Activation) -> list[tuple[Activation, Role]]:
    """The kernels that calls of an activation use, and whose declaration they belong to."""
    if activation.rule:  # whose kernels, where it has any, belong to other declarations
        return []
    if activation.kind == "gated":
        assert activation.gate is not None
        return [(find(activation.gate), "gated")]
    if activation.kind == "rowwise" or activation.formula == "x":
        return []
    roles: list[tuple[Activation, Role]] = [(activation, "pointwise")]
    return [*roles, (activation, "learned")] if activation.learnable else roles
