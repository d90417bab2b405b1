"""What a row of the families' tables is, and how one becomes a model with its batch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Batch = dict[str, Any]
BatchMaker = Callable[[Any], Batch]  # reads sizes off the model's config


@dataclass(frozen=True)
class Family:
    """An architecture family: ``build`` is seeded and returns a model in train mode with its batch, labels included.

    A few are published with a fault: ``expected`` are the rules that are rightly reported of it, ``allowed`` those that are true
    of it too, and ``sources`` tell of the fault. All others are healthy.
    """

    name: str
    build: Callable[[], tuple[nn.Module, Batch]]
    expected: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def nested(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The overrides with each ``(name of a config class, overrides)`` made into that config."""
    return {
        key: config(value[0], value[1]) if isinstance(value, tuple) and value and isinstance(value[0], str) and value[0].endswith("Config") else value
        for key, value in overrides.items()
    }  # fmt: skip


def config(name: str, overrides: Mapping[str, Any]) -> Any:
    """A config of transformers by its class name."""
    return getattr(importlib.import_module("transformers"), name)(**nested(overrides))


def family(name: str, config_class: str, model_class: str, batch: BatchMaker, **overrides: Any) -> Family:
    """One row. transformers is imported when it is built: reading a table costs nothing."""

    def build() -> tuple[nn.Module, Batch]:
        torch.manual_seed(0)
        settings = config(config_class, overrides)
        model: nn.Module = getattr(importlib.import_module("transformers"), model_class)(settings)
        return model.train(), batch(settings)

    return Family(name, build)
