"""The errors and the notices of this library. Each message says what was given, what was expected and how to fix it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class NonlinError(Exception):
    """Base of every error that this library raises on purpose."""


class FormulaError(NonlinError, ValueError):
    """A text that is not a formula of the grammar."""


class UnknownNameError(NonlinError, LookupError):
    """A name that no activation has; the message offers the nearest ones."""


class ArgumentError(NonlinError, TypeError):
    """An argument that is not accepted, missing, given twice, or of the wrong type."""


class BoundsError(NonlinError, ValueError):
    """A value outside what is accepted; the message names the bounds."""


class DimensionError(NonlinError, IndexError):
    """A dimension that the tensor does not have."""


class MissingExtraError(NonlinError, ModuleNotFoundError):
    """A package that only an extra needs is not installed; the message names the pip command."""


class PerformanceNotice(UserWarning):
    """Something makes calls slower than they could be; the message says what to do about it."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """``" (did you mean 'relu'?)"`` for the nearest of ``known``, or an empty string."""
    near = difflib.get_close_matches(name.lower(), list(dict.fromkeys(known)), n=3, cutoff=0.6)
    near.sort(key=lambda n: sorted(n) != sorted(name.lower()))  # letters swapped are likelier than letters changed
    return f" (did you mean {' or '.join(repr(n) for n in near)}?)" if near else ""
