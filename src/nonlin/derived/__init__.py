"""What was derived from the catalogue once and is shipped as data, one file an activation.

The files spare a first call SymPy's import and derivation, and let ``nonlin list`` filter by facts without torch. They
are never needed: a missing or outdated file (its fingerprint differs from the declaration's) is derived again in
memory. ``python -m nonlin.derived`` writes them; a test fails where they are not current.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from nonlin.formula.declaration import Activation


@cache
def record(activation_name: str) -> dict[str, Any] | None:
    """The shipped file of a name, whatever its fingerprint."""
    path = files(__name__) / "data" / f"{activation_name}.json"
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return loaded


def current(activation: Activation) -> dict[str, Any] | None:
    """The shipped record of an activation, or None where it is missing or was derived from another formula."""
    found = record(activation.name)
    return found if found is not None and found.get("fingerprint") == activation.fingerprint else None
