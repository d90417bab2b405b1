"""An activation's compiled kernels as Python callables: built, loaded, bound to torch's threads."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn

import torch

from nonlin.formula.declaration import Activation
from nonlin.kernels import cache as disk
from nonlin.kernels import precision
from nonlin.kernels.source import Family, Role, source

SUFFIX = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16", torch.float64: "f64"}
NUMBER = {dtype: i for i, dtype in enumerate(SUFFIX)}  # as dtype_index in cpp/tensors.h
_P, _N = ctypes.c_void_p, ctypes.c_int64

# the C entries' arguments before the settings
ENTRIES: dict[str, dict[str, list[Any]]] = {
    "pointwise": {"value": [_P, _P, _N], "slope": [_P, _P, _P, _N, _N]},
    "gated": {"product": [_P] * 3 + [_N] * 5, "gradients": [_P] * 5 + [_N] * 7},
    "learned": {
        "learned_values": [_P] * 3 + [_N] * 4, "learned_slopes": [_P] * 4 + [_N] * 5, "learned_sums": [_P] * 5 + [_N] * 5,
    },
}  # fmt: skip

_lock = threading.RLock()


class Library:
    """The kernels of one activation, one role and one family of dtypes."""

    def __init__(self, activation: Activation, role: Role, loaded: ctypes.CDLL, measured: dict[str, Any]) -> None:
        self._loaded = loaded
        self._held = ctypes.PyDLL(loaded._name)  # the same library, called without giving up the interpreter's lock
        self.intervals = {kind: (float(low), float(high)) for kind, (low, high) in measured.items()}
        self.entries = ENTRIES[role]
        self.defaults = tuple(p.effective(p.default) for p in activation.parameters)
        self.settings = lru_cache(maxsize=1024)(self._settings)

    def _settings(self, name: str, parameters: tuple[float, ...], sixteen: bool) -> ctypes.Array[ctypes.c_double]:
        """What an entry takes last: the float path's interval for these parameters, and the parameters."""
        if parameters != self.defaults and not name.endswith("_any"):
            name += "_any"
        return (ctypes.c_double * (2 + len(parameters)))(*self.interval(name, half=sixteen), *parameters)

    def interval(self, name: str, *, half: bool) -> tuple[float, float]:
        """(low, high) of the float path; ``half``: for results of 16 bits."""
        return self.intervals.get(f"{name}_16" if half else name, precision.NEVER)

    def intervals_of(self, name: str, *, half: bool) -> tuple[float, ...]:
        """The interval for the default parameters, then the one for others."""
        return *self.interval(name, half=half), *self.interval(f"{name}_any", half=half)

    @property
    def sum_pieces(self) -> Callable[..., int]:
        """How many partial sums a gradient of learned parameters comes in, by rows, columns, channels, varying."""
        function = self._loaded.sum_pieces
        function.argtypes, function.restype = [_N] * 4, _N
        return function

    def entry(self, name: str, dtype: torch.dtype, *, held: bool = False) -> Callable[..., int]:
        """The C function ``name`` for ``dtype``; ``held``: keep the interpreter's lock, 0.1 us less, for short work."""
        function = getattr(self._held if held else self._loaded, f"{name}_{SUFFIX[dtype]}")
        function.argtypes = [*self.entries[name], _P]
        function.restype = ctypes.c_int32
        return function  # type: ignore[no-any-return]


def fail() -> NoReturn:
    """Raise for an entry that returned anything but 0."""
    raise RuntimeError("torch's parallel loop failed inside a nonlin kernel")


_libraries: dict[tuple[Activation, str, str, Activation | None], Library | None] = {}


def library(activation: Activation, role: Role, family: Family, second: Activation | None = None) -> Library | None:
    """The kernels, compiled at the first request; None where there is no compiler. ``second`` as in :func:`source`."""
    key = (activation, role, family, second)
    if key not in _libraries:
        with _lock:
            if key not in _libraries:
                _libraries[key] = _load(activation, role, family, second)
    return _libraries[key]


def forget() -> None:
    """Load anew at the next request: for tests."""
    _libraries.clear()


def _load(activation: Activation, role: Role, family: Family, second: Activation | None) -> Library | None:
    def describe(loaded: ctypes.CDLL) -> dict[str, Any]:
        if family != "single":
            return {}
        measured = precision.measure(activation, role, loaded)
        alone = library(second, role, family) if second is not None else None
        return measured if alone is None else _common(measured, alone.intervals)

    text = source(activation, role, family, second)
    label = activation.name if second is None else f"{activation.name}-{second.name}"
    found = disk.load(text, f"{label}-{role}-{family}", describe)
    if found is None:
        return None
    loaded, measured = found
    loaded.nonlin_bind.argtypes = [_P]
    loaded.nonlin_bind.restype = None
    loaded.nonlin_bind(parallel_for())
    return Library(activation, role, loaded, measured)


def _common(measured: dict[str, Any], others: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """The intervals in which both functions of a two-sided unit may take the float path."""
    found = {}
    for name, (low, high) in others.items():
        low, high = max(low, float(measured[name][0])), min(high, float(measured[name][1]))
        found[name] = list(map(str, (low, high) if low < high else precision.NEVER))
    return found


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()  # another thread may have held it, and that thread is not here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@cache
def parallel_for() -> int | None:
    """The address of libtorch's own parallel loop, or None: then kernels run in one thread."""
    folder = Path(torch.__file__).parent / "lib"
    for name in ("libtorch_cpu.so", "libtorch_cpu.dylib", "torch_cpu.dll"):
        if (folder / name).exists():
            try:
                return ctypes.cast(ctypes.CDLL(str(folder / name)).torch_parallel_for, ctypes.c_void_p).value
            except (OSError, AttributeError):
                return None
    return None
