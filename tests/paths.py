"""The ways an eager CPU call can take: the C kernels, from C++ or from Python, and the composite."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest import mock

from nonlin.kernels import compiler, eager, native, pointwise


@contextlib.contextmanager
def composite_only() -> Iterator[None]:
    """Every call takes the composite, as it does under a tracer."""
    with (
        native.paused(),
        mock.patch.object(pointwise, "_traced", return_value=True),
        mock.patch.object(eager, "TRACED", return_value=True),
    ):
        yield


def from_cpp() -> bool:
    """Whether calls go to the kernels from C++."""
    return native.ready()


def compiles() -> bool:
    """Whether this machine has a C compiler."""
    return compiler.compiler() is not None
