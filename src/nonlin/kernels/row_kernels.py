"""The C entries of a function of whole rows, called on tensors."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from ctypes import addressof
from typing import Any

import torch
from torch import Tensor

from nonlin.kernels import cache as disk
from nonlin.kernels import eager, native
from nonlin.kernels.library import NUMBER, SUFFIX, fail, parallel_for
from nonlin.kernels.row_rules import RowRule
from nonlin.kernels.source import Family, row_source

_P, _N = ctypes.c_void_p, ctypes.c_int64
_lock = threading.RLock()
_libraries: dict[tuple[str, Family], ctypes.CDLL | None] = {}


def row_library(rule: RowRule, family: Family) -> ctypes.CDLL | None:
    """The kernels, compiled at the first request; None where there are none or no compiler."""
    key = (rule.name, family)
    if rule.kernel and key not in _libraries:
        with _lock:
            if key not in _libraries:
                source = row_source(rule.name, family, by_output=rule.by_output)
                found = disk.load(source, f"{rule.name}-rows-{family}", lambda loaded: {})
                if found is not None:
                    found[0].nonlin_bind.argtypes = [_P]
                    found[0].nonlin_bind.restype = None
                    found[0].nonlin_bind(parallel_for())
                _libraries[key] = None if found is None else found[0]
    return _libraries.get(key)


def saves_output(rule: RowRule, dtype: torch.dtype) -> bool:
    """Whether the backward keeps the output: not 16 bits of it, which would be too few for the gradient."""
    return rule.by_output and dtype.itemsize > 2


class RowKernels:
    """The C entries of one function for one dtype: ``values(x, dim, numbers)`` and ``slopes(grad, saved, dim, numbers)``."""

    def __init__(self, rule: RowRule, dtype: torch.dtype) -> None:
        found = row_library(rule, "double" if dtype is torch.float64 else "single")
        self.loaded = found is not None
        if found is None:
            return
        self._entries = tuple(getattr(found, f"{name}_{SUFFIX[dtype]}") for name in ("value", "slope"))
        for entry in self._entries:
            entry.argtypes, entry.restype = [_P, _P, _P, _N, _N, _N, _P], ctypes.c_int32
        self._dtype, self._saves_output = NUMBER[dtype], saves_output(rule, dtype)

    def values(self, x: Tensor, dim: int, numbers: tuple[float, ...]) -> Tensor:
        x, out = eager.dense(x)
        _run(self._entries[0], out, x, None, dim, numbers)
        return out

    def slopes(self, grad: Tensor, saved: Tensor, dim: int, numbers: tuple[float, ...]) -> Tensor:
        saved, out = eager.dense(saved)
        same = grad.stride() == saved.stride()
        _run(self._entries[1], out, saved, grad if same else torch.empty_like(out).copy_(grad.detach()), dim, numbers)
        return out

    def serve(self, quick: Any) -> None:
        """Hand the entries to a native callable."""
        quick.add(self._dtype, *map(native.address, self._entries), self._saves_output)


def _run(
    entry: Callable[..., int], out: Tensor, x: Tensor, grad: Tensor | None, dim: int, numbers: tuple[float, ...]
) -> None:
    columns = x.shape[dim]
    inner = 1 if columns == 1 else x.stride(dim)
    given = (ctypes.c_double * (len(numbers) or 1))(*numbers)
    at = None if grad is None else grad.data_ptr()
    outer = x.numel() // (columns * inner)
    if entry(out.data_ptr(), x.data_ptr(), at, outer, columns, inner, addressof(given)):
        fail()
