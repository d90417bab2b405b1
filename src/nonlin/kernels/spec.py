"""The torch and the C text of a formula and of its partial derivatives: read from the shipped record, or derived now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nonlin import derived
from nonlin.formula.declaration import Activation

# x at which a formula that is only right for moderate x shows it (1e160 squared and 1e120 cubed overflow)
_PROBES = (float("inf"), float("-inf"), 1e300, -1e300, 1e200, -1e200, 1e160, -1e160, 1e120, -1e120)


@dataclass(frozen=True)
class Spec:
    """One formula as text.

    Args:
        source: ``def formula(x, ...)`` over torch.
        c: the same in C, ``T NL(formula)(T x, ...)``; ``formula_x`` is its derivative by x.
        roundings: 0, 1 or 2 ("many"): with at most one, the input's own dtype is wide enough.
        zero: True where the formula is identically zero.
    """

    source: str
    c: str
    roundings: int
    zero: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": self.source.splitlines(), "c": self.c.splitlines(), "roundings": self.roundings, "zero": self.zero,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Spec:
        return cls("\n".join([*data["source"], ""]), "\n".join([*data["c"], ""]), data["roundings"], data["zero"])


def names(activation: Activation) -> tuple[str, ...]:
    """The arguments of every spec of a pointwise formula: x, then its parameters in order."""
    return ("x", *(p.name for p in activation.parameters))


def ordered(activation: Activation, wrt: tuple[str, ...]) -> tuple[str, ...]:
    """The names to differentiate by, in the order of the arguments: mixed derivatives do not depend on it."""
    return tuple(sorted(wrt, key=names(activation).index))


@lru_cache(maxsize=4096)
def get_spec(activation: Activation, wrt: tuple[str, ...] = ()) -> Spec:
    """The spec of the formula differentiated once by each name in ``wrt``."""
    shipped = derived.current(activation)
    key = ",".join(ordered(activation, wrt))
    if shipped is not None and key in shipped["terms"]:
        return Spec.from_dict(shipped["terms"][key])
    return derive_spec(activation, ordered(activation, wrt))


def derive_spec(activation: Activation, wrt: tuple[str, ...]) -> Spec:
    """Derive a spec by SymPy, and probe whether it needs its limits or NaN put in (see :func:`writers.torch.source`)."""
    from nonlin.formula import behaviour, calculus
    from nonlin.writers import c
    from nonlin.writers import torch as writer

    expr = calculus.expression(activation)
    for name in wrt:
        expr = calculus.derivative(expr, name)
    arguments = names(activation)
    text = writer.source(expr, arguments)
    nan_lost, limit_lost = _probe(compile_source(text, activation.name), activation)
    if expr.is_number:
        nan_lost = False
    ends = (behaviour.limit(expr, -1), behaviour.limit(expr, +1)) if limit_lost else None
    if limit_lost or nan_lost:
        text = writer.source(expr, arguments, limits=ends, keep_nan=nan_lost and not limit_lost)
    in_c = c.function("_".join(["formula", *wrt]), expr, arguments, limits=ends, keep_nan=nan_lost)
    return Spec(text, in_c + "\n", calculus.roundings(expr), expr == 0)


def _probe(formula: Callable[..., Any], activation: Activation) -> tuple[bool, bool]:
    """Whether NaN in does not give NaN out; whether NaN comes out of an x that is not NaN."""
    import torch

    values = [p.effective(p.default) for p in activation.parameters]
    y = formula(torch.tensor([float("nan"), *_PROBES], dtype=torch.float64), *values)
    bad = torch.isnan(y)
    return not bool(bad[0]), bool(bad[1:].any())


def compile_source(text: str, name: str) -> Callable[..., Any]:
    """Turn a spec's text into a function; it shows in tracebacks as ``<nonlin NAME>``."""
    import linecache

    from nonlin.kernels.numerics import NAMESPACE

    filename = f"<nonlin {name} {abs(hash(text)):x}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    scope: dict[str, Any] = dict(NAMESPACE)
    exec(compile(text, filename, "exec"), scope)  # the text comes from the torch writer, never from a user
    function: Callable[..., Any] = scope["formula"]
    return function
