"""What a rule may need to know of how a function was called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from torch import Tensor

from nonlin.doctor import names

ROWS: Final = frozenset({"softmax", "log_softmax", "softmin", "gumbel_softmax", "glu"})  # that run along an axis
NUMBERS: Final = frozenset(
    {"hardtanh", "leaky_relu", "elu", "celu", "softplus", "threshold", "gelu"}
)  # with parameters
INPLACE: Final = {  # where the flag stands among the positional arguments
    "relu": 1, "relu6": 1, "silu": 1, "mish": 1, "selu": 1, "hardswish": 1, "hardsigmoid": 1, "elu": 2, "leaky_relu": 2,
}  # fmt: skip


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors of a list or tuple."""
    return [part for part in value if isinstance(part, Tensor)] if isinstance(value, (list, tuple)) else []


def inplace(func: Any, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a call writes into its input: by its name, its flag, or its flag without a name."""
    place = INPLACE.get(name)
    flagged = place is not None and len(args) > place and args[place] is True
    return flagged or bool(kwargs.get("inplace", False)) or str(func.__name__).endswith("_")


def of(name: str, x: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """An axis, resolved as torch does; parameters; a dropout's rate."""
    if name in ROWS and isinstance(x, Tensor):
        place = 4 if name == "gumbel_softmax" else 1
        dim = kwargs.get("dim", args[place] if len(args) > place else -1 if name in ("glu", "gumbel_softmax") else None)
        if dim is None:  # torch's own choice where none was given
            dim = 0 if x.ndim in (0, 1, 3) else 1
        return {"dim": dim % x.ndim if x.ndim and isinstance(dim, int) else 0}
    if name in NUMBERS:
        given = {k: v for k, v in kwargs.items() if isinstance(v, int | float | str) and k != "inplace"}
        if name == "hardtanh":
            low, high = [*args[1:3], -1.0, 1.0][:2] if len(args) > 2 else (-1.0, 1.0)
            given = {"min_val": given.get("min_val", low), "max_val": given.get("max_val", high)}
        return given
    if name in names.DROPOUTS:
        return {
            "p": kwargs.get("p", args[1] if len(args) > 1 else 0.5),
            "training": kwargs.get("training", args[2] if len(args) > 2 else True),
        }
    if name == "cross_entropy":
        return {"label_smoothing": kwargs.get("label_smoothing", 0.0)}
    return {}
