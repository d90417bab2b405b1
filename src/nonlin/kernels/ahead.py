"""Compiling before the first call: for images of containers, and for machines that lose their compiler later."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nonlin.errors import NonlinError
from nonlin.formula.declaration import Activation
from nonlin.kernels import compiler, native
from nonlin.kernels.library import library
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
    for done, (activation, role, family) in enumerate(wanted):
        progress(f"{activation.name} {role} {family}", done / (len(wanted) + 1))
        if library(activation, role, family) is None:
            raise NonlinError(
                f"the {role} kernels of {activation.name} did not compile; the notice above names the log"
            )
    progress("the module that calls them", len(wanted) / (len(wanted) + 1))
    if not native.ready() and native.problem() is not None:
        raise NonlinError(f"the module that calls kernels from C++ did not compile: {native.problem()}")
    libraries = "1 library" if len(wanted) == 1 else f"{len(wanted)} libraries"
    return f"{libraries} of kernels, called {native.told()}"


def _roles(activation: Activation) -> list[tuple[Activation, Role]]:
    """The kernels that calls of an activation use, and whose declaration they belong to."""
    if activation.kind == "gated":
        assert activation.gate is not None
        return [(find(activation.gate), "gated")]
    if activation.kind == "rowwise" or activation.formula == "x":
        return []
    roles: list[tuple[Activation, Role]] = [(activation, "pointwise")]
    return [*roles, (activation, "learned")] if activation.learnable else roles
