"""How a check says what it expects: equal values, an error, or that it does not apply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor


class NotApplicableError(Exception):
    """Raised by a check that has nothing to say of an activation; its text is the reason that the report gives."""


def applies(condition: object, reason: str) -> None:
    """Raise NotApplicableError, with the reason, where the condition does not hold."""
    if not condition:
        raise NotApplicableError(reason)


@contextmanager
def raises(expected: type[Exception] | tuple[type[Exception], ...], match: str = "") -> Iterator[None]:
    """Fail unless the block raises one of these errors, with a message in which ``match`` is found."""
    kinds = expected if isinstance(expected, tuple) else (expected,)
    names = " or ".join(kind.__name__ for kind in kinds)
    try:
        yield
    except kinds as error:
        if not re.search(match, str(error)):
            raise AssertionError(f"the {names} says {str(error)!r}; expected {match!r} in it") from error
    else:
        raise AssertionError(f"nothing was raised; expected {names}" + (f" saying {match!r}" if match else ""))


def same(actual: object, expected: object, *, rtol: float = 0.0, atol: float = 0.0) -> None:
    """Equal values, NaN for NaN; exactly, unless ``rtol`` and ``atol`` are given."""
    torch.testing.assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=True)


def near(actual: Any, expected: Any, *, atol: float = 1e-37, layers: bool = False) -> None:
    """Equal within the bars of kernel and composite: an eager call against a transform, a compiled graph or an export."""
    if layers:
        alike(actual, expected, layers=True)
        return
    bars = {torch.float32: 5e-7, torch.float64: 2e-15}
    first = expected if isinstance(expected, Tensor) else expected[0]
    rtol = bars.get(first.dtype, torch.finfo(first.dtype).eps)
    torch.testing.assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=True)


SUMS = {torch.float32: 1e-5, torch.float64: 1e-13}  # of the largest entry, or of 1


def alike(actual: Any, expected: Any, *, layers: bool) -> None:
    """Equal; where ``layers`` inside take sums of products, whose order depends on the shape, up to their rounding."""
    if not layers:
        same(actual, expected)
        return
    bar = SUMS.get(expected.dtype, 4 * torch.finfo(expected.dtype).eps)
    torch.testing.assert_close(
        actual, expected, rtol=bar, atol=bar * max(1.0, float(expected.detach().abs().max())), equal_nan=True
    )
