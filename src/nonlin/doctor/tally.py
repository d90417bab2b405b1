"""What a monitor adds up: sums that may be added over calls, steps and processes alike, and the figures that follow from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import torch
from torch import Tensor

POSITIONS: Final = (
    1000  # as of rule D03: a unit that fires on 1 % of the positions is silent on 1,000 with probability 4e-5
)
Sums = dict[str, Tensor]  # "fc.weight/grad_rms" -> float64 on the CPU


def add(sums: Sums, key: str, values: Iterable[float] | Tensor) -> bool:
    """Add to what is there; False, and nothing added, where that has another length."""
    new = values.to("cpu", torch.float64) if isinstance(values, Tensor) else torch.tensor(list(values)).double()
    if key not in sums:
        sums[key] = new
        return True
    if sums[key].shape != new.shape:
        return False
    sums[key] = sums[key] + new
    return True


def finished(key: str, values: Tensor) -> bool:
    """Whether the figure can be told; units that may be dead wait until they were seen on enough positions."""
    return not key.endswith("/dead") or float(values[0]) >= POSITIONS


def figures(sums: Mapping[str, Tensor]) -> dict[str, float]:
    """The figures of the sums, those left out that have nothing behind them."""
    found = {}
    for key, values in sums.items():
        value = _FIGURES[key.rpartition("/")[2]](values)
        if value is not None:
            found[key] = value
    return found


def _root_mean_square(values: Tensor) -> float | None:
    """Of (sum of squares, how many)."""
    total, count = values.tolist()
    return math.sqrt(total / count) if count else None


def _share(values: Tensor) -> float | None:
    """Of (how many are so, how many)."""
    some, count = values.tolist()
    return some / count if count else None


def _never(values: Tensor) -> float | None:
    """Of (positions, then how often each unit was seen to fire): the share of units that never did."""
    return float((values[1:] == 0).double().mean()) if values[0] >= POSITIONS else None


def _ratio(values: Tensor) -> float | None:
    """Of (sum of squares of the gradient, that of the weight): the ratio of root mean squares."""
    grad, weight = values.tolist()
    return math.sqrt(grad / weight) if weight else None


def _total(values: Tensor) -> float | None:
    return float(values)


_FIGURES: Final[dict[str, Callable[[Tensor], float | None]]] = {
    "rms": _root_mean_square,
    "grad_rms": _root_mean_square,
    "flat": _share,
    "dead": _never,
    "update": _ratio,
    "nonfinite": _total,
}
