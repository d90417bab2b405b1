"""The other side of a comparison: eager torch, torch.compile of that, or a package's function of the same name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nonlin.bench.plan import COMPILE, EAGER
from nonlin.bench.subjects import Function, Subject, bound, product

SAMPLES = 4096
# largest difference of two right answers, relative to 1 + |y|: single operations in 16 bits round at each step
TOLERANCE = {torch.float64: 1e-6, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}


class Unavailable(Exception):  # noqa: N818  # told in the report, not an error
    """Why something is not compared."""


def rival(kind: str, subject: Subject) -> Function:
    """The function of ``kind``; one of torch.compile's compiles at its first call.

    Raises:
        Unavailable: where there is none.
    """
    if kind == EAGER:
        return subject.eager
    if kind == COMPILE:
        # one code object is compiled for few shapes only, and all gated units share one: forget the earlier ones
        torch.compiler.reset()
        return torch.compile(subject.eager, dynamic=False, fullgraph=True)
    return _of_package(kind, subject)


def _of_package(package: str, subject: Subject) -> Function:
    activation = subject.pointwise
    try:
        module = importlib.import_module(package)
    except Exception as error:  # whatever a foreign package raises
        raise Unavailable(f"{package} does not import: {first_line(error)}") from None
    if subject.packed or "(" in subject.name:
        raise Unavailable(f"{package} is asked for functions of one or two tensors at their defaults")
    lookup = LOOKUPS.get(package, getattr)
    for name in (activation.name, activation.torch_name, *activation.aliases):
        try:
            found = lookup(module, name) if name else None
        except (AttributeError, LookupError):
            continue
        if callable(found):
            factor = bound(found, activation, {})
            return product(factor) if subject.inputs == 2 else factor
    raise Unavailable(f"{package} has no function of that name")


# packages that keep their functions in a table of their own
LOOKUPS: dict[str, Callable[[Any, str], Any]] = {
    "transformers": lambda module, name: module.activations.ACT2FN[name],
    "timm": lambda module, name: module.layers.get_act_fn(name),
}


def checked(function: Function, subject: Subject, dtype: torch.dtype) -> None:
    """Call ``function`` once, and compare it with nonlin's: a time means little where another function is computed.

    Raises:
        Unavailable: where it fails or disagrees.
    """
    tensors = subject.tensors(SAMPLES, dtype, scale=2.0)
    own = subject.own(*tensors).detach()
    try:
        other = function(*tensors).detach()
    except Exception as error:
        raise Unavailable(first_line(error)) from None
    if other.shape != own.shape:
        raise Unavailable(f"it gives shape {tuple(other.shape)}; expected {tuple(own.shape)}")
    worst = _difference(own, other)
    if not worst <= TOLERANCE[dtype] and dtype.itemsize == 2:  # it may only lose digits: wider numbers tell
        checked(function, subject, torch.float32)
        return
    if not worst <= TOLERANCE[dtype]:
        raise Unavailable(f"it computes something else: it differs by {worst:.2g} of 1 + |y|")


def _difference(own: Tensor, other: Tensor) -> float:
    a, b = own.double(), other.double()
    return float(((a - b).abs() / (1.0 + a.abs())).max())


def first_line(error: Exception) -> str:
    """The kind of an error and the first line of what it says."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:160]}" if said else type(error).__name__
