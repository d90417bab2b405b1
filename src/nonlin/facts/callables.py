"""A curve of any callable on tensors, for functions that no declaration describes: derivatives by autograd, kinks by search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from nonlin.facts.curve import Array, Curve, tail

_STEP = 0.01
_REACH = 20.0


def curve_of(function: Callable[[Tensor], Tensor]) -> Curve:
    """``function`` (elementwise, on float64 tensors, differentiable by autograd) as a curve.

    Raises:
        ValueError: where it does not map 5 numbers to 5 numbers one by one.
    """
    _check(function)

    def f(x: Array) -> Array:
        with torch.no_grad():
            result: Array = function(torch.from_numpy(np.array(x, dtype=np.float64))).numpy()
        return result

    def df(x: Array) -> Array:
        return _gradient(function, torch.from_numpy(np.array(x, dtype=np.float64))).detach().numpy()

    def d2f(x: Array) -> Array:
        return (
            _gradient(lambda t: _gradient(function, t), torch.from_numpy(np.array(x, dtype=np.float64)))
            .detach()
            .numpy()
        )

    return Curve(f, df, d2f, find_kinks(f, df), (tail(f, -1), tail(f, +1)))


def _check(function: Callable[[Tensor], Tensor]) -> None:
    x = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0], dtype=torch.float64)
    with torch.no_grad():
        y = function(x)
        single = torch.stack([function(entry) for entry in x]) if isinstance(y, Tensor) and y.shape == x.shape else None
    if single is None or not torch.allclose(y, single, equal_nan=True):
        raise ValueError(
            "facts need a function that maps a tensor to one of the same shape, element by element; this callable does not"
        )


def _gradient(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    with torch.enable_grad():
        if not x.requires_grad:
            x = x.clone().requires_grad_()
        y = function(x)
        if not y.requires_grad:
            return torch.zeros_like(x)
        (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True, materialize_grads=True)
    return slope


def find_kinks(f: Callable[[Array], Array], df: Callable[[Array], Array]) -> tuple[float, ...]:
    """Points within ``|x| <= 20`` where f or f' jumps, by bisection of the steps that do not shrink with the grid."""
    # an offset grid: its points fall on no kink that people write down
    x = np.arange(-_REACH, _REACH, _STEP) + 0.00314159
    found: set[float] = set()
    for function in (f, df):
        change = np.abs(np.diff(function(x)))
        around = np.maximum(np.concatenate([change[1:], [0.0]]), np.concatenate([[0.0], change[:-1]]))
        for index in np.flatnonzero((change > 1e-6) & (change > 4 * around)):
            kink = _narrow(function, float(x[index]), float(x[index + 1]))
            if kink is not None:
                found.add(kink)
    return tuple(sorted(found))


def _narrow(function: Callable[[Array], Array], low: float, high: float) -> float | None:
    start = float(np.abs(np.diff(function(np.array([low, high])))[0]))
    while high - low > 1e-13 * max(1.0, abs(low)):
        middle = (low + high) / 2
        left, right = np.abs(np.diff(function(np.array([low, middle, high]))))
        low, high = (low, middle) if left > right else (middle, high)
        if max(left, right) < start / 4:
            return None
    near = round((low + high) / 2, 9) + 0.0
    return near if abs(near - low) < 1e-12 * max(1.0, abs(near)) else (low + high) / 2
