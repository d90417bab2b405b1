"""Where torch's own operation is quicker than a kernel and within the same bounds of error: a measured table.

``torch_ops.json`` holds, for a function's default parameters and a dtype, up to how many elements torch's forward is the
quicker one. ``python -m benchmarks.torch_ops`` measures it: a function enters where torch's worst error at every 16-bit
number, or over the sweep of the wider types, is within the kernels' bars, its limits and NaN are right, and it equals the
kernel bit for bit, so that no value depends on the number of elements. Gradients are always the kernels': torch's at NaN
are numbers, or depend on the position.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import torch
from torch import Tensor

from nonlin.formula.declaration import Activation


def torch_op(activation: Activation, dtype: torch.dtype) -> tuple[Callable[[Tensor], Tensor], int] | None:
    """Torch's operation for the default parameters, and up to how many elements it is to be used."""
    limit = _table().get(activation.name, {}).get(str(dtype).removeprefix("torch."))
    operation = spelled(activation)
    return (operation, limit) if limit and operation is not None else None


def spelled(activation: Activation) -> Callable[[Tensor], Tensor] | None:
    """The operation itself, without the checks of torch.nn.functional."""
    if activation.torch_name is None or any(p.required for p in activation.parameters):
        return None
    found = getattr(torch._C._nn, activation.torch_name, None) or getattr(torch, activation.torch_name, None)
    return found if callable(found) else None


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((files(__package__) / "torch_ops.json").read_text(encoding="utf-8"))
    return table
