"""Compiled code run eagerly for a while: nothing is seen inside compiled code, and nothing is compiled anew for it."""

from __future__ import annotations

import sys
import threading
from contextlib import AbstractContextManager
from typing import Any

import torch

_lock = threading.Lock()
_users = 0
_stance: AbstractContextManager[Any] | None = None


def eager_begins() -> bool:
    """From now on compiled code runs eagerly, until as many calls of :func:`eager_ends`; False where nothing was compiled yet.

    Asked of ``sys.modules``: importing Dynamo takes a second that only those should spend who compile.
    """
    global _users, _stance
    if "torch._dynamo" not in sys.modules:
        return False
    with _lock:
        _users += 1
        if _users == 1:  # counted, for monitors end in any order, and a stance puts back what it found
            _stance = torch.compiler.set_stance("force_eager")
            _stance.__enter__()
    return True


def eager_ends() -> None:
    """As before the matching :func:`eager_begins` that returned True."""
    global _users, _stance
    with _lock:
        _users -= 1
        if _users == 0 and _stance is not None:
            _stance.__exit__(None, None, None)
            _stance = None
