"""Which module of a model is running: a stack, kept by global hooks, which no model holds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook


class Running:
    """The modules that have begun and not ended, in the thread that made this; ``unseen`` is told of those that run unseen."""

    def __init__(self, model: nn.Module, unseen: dict[str, str]) -> None:
        self._paths = {id(m): name.replace("_orig_mod.", "") for name, m in model.named_modules()}
        self._stack: list[tuple[str, nn.Module]] = []
        self._failed: tuple[str, str] | None = None
        self._unseen, self._thread = unseen, threading.get_ident()

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Follow what begins and ends inside."""
        hooks = [
            register_module_forward_pre_hook(self.enter),
            register_module_forward_hook(self.leave, always_call=True),
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @property
    def here(self) -> bool:
        """Whether this is the thread that is followed: replicas of DataParallel run in others."""
        return threading.get_ident() == self._thread

    @property
    def place(self) -> tuple[str, str]:
        """(qualified name, class) of the innermost module that is running."""
        return (self._stack[-1][0], type(self._stack[-1][1]).__name__) if self._stack else ("", "")

    @property
    def module(self) -> nn.Module | None:
        """The innermost module that is running."""
        return self._stack[-1][1] if self._stack else None

    @property
    def failed_at(self) -> tuple[str, str]:
        """Where an exception came from: the innermost module that did not finish."""
        return self._failed or self.place

    def enter(self, module: nn.Module, args: Any) -> None:
        """A module begins."""
        if not self.here:
            return
        path = self._paths.get(id(module), "")
        self._stack.append((path, module))
        if isinstance(module, torch.jit.ScriptModule):
            where = path or type(module).__name__
            self._unseen.setdefault(where, "scripted code: its operations are not called from Python")

    def leave(self, module: nn.Module, args: Any, output: Any) -> None:
        """A module ends, by an exception perhaps."""
        if not self.here:
            return
        if output is None and self._failed is None and sys.exc_info()[0] is not None:
            self._failed = self.place
        if self._stack and self._stack[-1][1] is module:
            self._stack.pop()

    def clear(self) -> None:
        self._stack.clear()
