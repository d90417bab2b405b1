"""Whether samples of a batch leak into each other: an experiment in evaluation mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.doctor import given


def coupled(model: nn.Module, batch: Any) -> bool | None:
    """Whether sample 0's output changes when every other sample is replaced by a copy of sample 0; None: it cannot be told.

    In evaluation mode, where batch statistics and dropout do not count. The caller puts the model's mode back.
    """
    size = given.batch_size(batch)
    if size is None or size < 2:
        return None
    modes = [(m, m.training) for m in model.modules()]
    try:
        model.eval()
        with torch.no_grad():
            before = _first(given.called(model, given.copied(batch)), size)
            again = _first(given.called(model, given.copied(batch)), size)
            after = _first(given.called(model, _repeated(given.copied(batch))), size)
    except (RuntimeError, ValueError, IndexError, TypeError):
        return None
    finally:
        for module, mode in modes:
            module.training = mode
    if (
        before is None
        or after is None
        or again is None
        or before.shape != after.shape
        or not torch.equal(before, again)
    ):
        return None  # no output with an axis of samples, or one that is random by itself
    return not torch.allclose(before, after, rtol=1e-3, atol=1e-5)


def _first(output: Any, size: int) -> Tensor | None:
    out = given.prediction(output)
    return out[0].float() if isinstance(out, Tensor) and out.ndim and out.shape[0] == size else None


def _repeated(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value[:1].expand_as(value).clone() if value.ndim else value
    if isinstance(value, Mapping):
        return {k: _repeated(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_repeated(v) for v in value)
    return value
