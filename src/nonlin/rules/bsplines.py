"""A sum of B-splines, of which those around x are computed: degree + 1 of them, however many there are."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nonlin.builders.classes import WrittenModule
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least, held
from nonlin.rules.tables import check_interval, entries, place


def _uniform(t: Tensor, degree: int) -> list[Tensor]:
    """The degree + 1 B-splines over evenly spaced knots that are not 0 at ``t`` of [0, 1), the leftmost first (Cox-de Boor)."""
    weights = [torch.ones_like(t)]
    for k in range(1, degree + 1):
        rising = [(t + (k - 1 - j)) / k for j in range(k)]  # what spline j of degree k - 1 hands to its right neighbour
        parts = [torch.zeros_like(t) for _ in range(k + 1)]
        for j, w in enumerate(weights):
            parts[j] = parts[j] + (1 - rising[j]) * w
            parts[j + 1] = parts[j + 1] + rising[j] * w
        weights = parts
    return weights


def _bspline(low: float, high: float, degree: int, x: Tensor, weight: Tensor, base: Tensor, scale: Tensor) -> Tensor:
    count = weight.shape[-1]  # grid + degree
    step = (high - low) / (count - degree)
    segments = count + degree
    start = low - degree * step
    padded = F.pad(weight, (degree, degree))
    inside = (x - start).clamp(0, segments * step) / step
    index, t = place(inside, segments)
    spline = sum(
        (w * c for w, c in zip(_uniform(t, degree), entries(padded, index, degree + 1), strict=True)),
        start=torch.zeros_like(x),
    )
    (b,), (s,) = columns(base), columns(scale)
    return b * F.silu(x) + s * spline


def bspline(
    input: Tensor, weight: Tensor, base: Tensor, scale: Tensor, low: float = -1.0, high: float = 1.0, degree: int = 3
) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: c_1 to c_(grid + degree), of shape (grid + degree,), or (channels, grid + degree).
        base: the factor of silu(x), of shape (1,) or (channels,).
        scale: the factor of the spline, of shape (1,) or (channels,).
        low, high: the grid is spread evenly over this interval; splines fade to 0 beyond it, ``degree`` steps away.
        degree: of the splines (default 3, cubic).

    Shape:
        the input's. At infinity the limit of base * silu(x).

    Raises:
        BoundsError: where the weights are too few for the degree, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> one = torch.ones(1)
        >>> nonlin.functional.bspline(torch.tensor([-0.5, 0.0, 9.0]), torch.ones(8), 0 * one, one)  # splines sum to 1
        tensor([1., 1., 0.])
    """
    check_input(input, "bspline")
    at_least("bspline", "degree", degree, 0)
    at_least("bspline", "the number of weights", weight.shape[-1], degree + 1)
    curve = partial(_bspline, low, high, degree)
    return adaptive(curve, "bspline", input, weight, base.reshape(-1, 1), scale.reshape(-1, 1))


class BSpline(WrittenModule):
    """Args:
        grid: the number of intervals (default 5).
        degree: of the splines (default 3, cubic).
        low, high: the interval that the grid covers (default -1 and 1).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    The weights start normal, of deviation 0.1; ``base`` and ``scale`` at 1. A layer of a KAN draws ``base`` as Xavier does the
    weight of a linear map, which one function on its own has not got.

    Example:
        >>> import torch, nonlin
        >>> tuple(nonlin.BSpline(num_parameters=4).weight.shape)
        (4, 8)
    """

    weight: nn.Parameter
    base: nn.Parameter
    scale: nn.Parameter

    def __init__(
        self,
        grid: int = 5,
        degree: int = 3,
        low: float = -1.0,
        high: float = 1.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("BSpline", "grid", grid, 1)
        at_least("BSpline", "degree", degree, 0)
        check_interval("BSpline", low, high)
        self.grid, self.degree, self.low, self.high, self.num_parameters = grid, degree, low, high, num_parameters
        self.weight = held([0.0] * (grid + degree), num_parameters, device, dtype)
        self.base, self.scale = (
            nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype)) for _ in range(2)
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=0.1)
        nn.init.ones_(self.base)
        nn.init.ones_(self.scale)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        learned = {"weight": self.weight, "base": self.base, "scale": self.scale}
        return {**learned, "low": self.low, "high": self.high, "degree": self.degree}
