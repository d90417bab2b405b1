"""Learned sums of powers and of Chebyshev polynomials, of x or of what a fixed function makes of it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import Weighted, at_least


def _horner(x: Tensor, weights: Tensor) -> Tensor:
    *rest, y = columns(weights)
    y = y.expand_as(x) if not rest else y
    for w in reversed(rest):
        y = y * x + w
    return y


def poly(input: Tensor, weight: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: a_0 to a_(K-1), of shape (K,), or (channels, K) for the channels in dimension 1.

    Shape:
        the input's. At infinity the limit of the leading term, NaN where its weight is 0.

    Raises:
        BoundsError: where the weights are those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.poly(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 0.0, 2.0]))  # 1 + 2 x^2
        tensor([ 3.,  9., 19.])
    """
    check_input(input, "poly")
    return adaptive(_horner, "poly", input, weight)


def _nearest_to_relu(terms: int) -> list[float]:
    """The powers' weights of the polynomial closest to ReLU under N(0, 1), from ReLU's Hermite series."""
    weights = [0.0] * terms
    he = [[1.0], [0.0, 1.0]]
    for n in range(1, terms - 1):
        he.append([(he[n][i - 1] if i else 0.0) - (n * he[n - 1][i] if i < n else 0.0) for i in range(n + 2)])
    for n in range(terms):
        if n == 1:
            c = 0.5
        elif n % 2:
            c = 0.0
        else:
            odd = math.prod(range(1, n - 2, 2))  # (n - 3)!!
            c = (
                (-1) ** (n // 2 - 1) * odd / (math.sqrt(2 * math.pi) * math.factorial(n))
                if n
                else 1 / math.sqrt(2 * math.pi)
            )
        for i, h in enumerate(he[n]):
            weights[i] += c * h
    return weights


class Poly(Weighted):
    """Args:
        K: how many powers there are, x^0 to x^(K-1) (default 4).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as the polynomial of its degree that is nearest to ReLU for inputs of N(0, 1).

    Example:
        >>> import torch, nonlin
        >>> nonlin.Poly()(torch.tensor([-1.0, 0.0, 1.0])).detach()
        tensor([-0.1011,  0.1995,  0.8989])
    """

    def __init__(
        self, K: int = 4, num_parameters: int = 1, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        at_least("Poly", "K", K, 2)
        self.K = K
        self._hold(num_parameters, device, dtype)

    def _initial(self) -> list[float]:
        return _nearest_to_relu(self.K)


def _chebyshev(x: Tensor, weight: Tensor) -> Tensor:
    t, w = torch.tanh(x), columns(weight)
    before, last = torch.ones_like(t), t  # T_0, T_1
    y = w[0] + w[1] * t
    for c in w[2:]:
        before, last = last, 2 * t * last - before
        y = y + c * last
    return y


def chebyshev(input: Tensor, weight: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: a_0 to a_(K-1), K at least 2, of shape (K,), or (channels, K) for the channels in dimension 1.

    Shape:
        the input's.

    Raises:
        BoundsError: for fewer than two weights, or those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.chebyshev(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([0.0, 1.0, 1.0]))
        tensor([-0.6015, -1.0000,  0.9216])
    """
    check_input(input, "chebyshev")
    at_least("chebyshev", "the number of weights", weight.shape[-1], 2)
    return adaptive(_chebyshev, "chebyshev", input, weight)


class Chebyshev(Weighted):
    """Args:
        K: how many polynomials there are, T_0 to T_(K-1) (default 4).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as tanh: the weight of T_1 is 1, the others are 0.

    Example:
        >>> import torch, nonlin
        >>> nonlin.Chebyshev()(torch.tensor([-1.0, 0.0, 1.0])).detach()
        tensor([-0.7616,  0.0000,  0.7616])
    """

    def __init__(
        self, K: int = 4, num_parameters: int = 1, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        at_least("Chebyshev", "K", K, 2)
        self.K = K
        self._hold(num_parameters, device, dtype)

    def _initial(self) -> list[float]:
        return [float(k == 1) for k in range(self.K)]


def _poly_relu(x: Tensor, weight: Tensor) -> Tensor:
    return _horner(torch.relu(x), weight)


def poly_relu(input: Tensor, weight: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: a_0 to a_r, of shape (r + 1,), or (channels, r + 1) for the channels in dimension 1.

    Shape:
        the input's.

    Raises:
        BoundsError: where the weights are those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.poly_relu(torch.tensor([-1.0, 1.0, 2.0]), torch.tensor([0.5, 1.0, 1.0]))
        tensor([0.5000, 2.5000, 6.5000])
    """
    check_input(input, "poly_relu")
    return adaptive(_poly_relu, "poly_relu", input, weight)


class PolyReLU(Weighted):
    """Args:
        r: the highest power (default 3).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts with 0 for the constant and 1/r for each power.

    Example:
        >>> import torch, nonlin
        >>> nonlin.PolyReLU()(torch.tensor([-1.0, 1.0, 2.0])).detach()
        tensor([0.0000, 1.0000, 4.6667])
    """

    def __init__(
        self, r: int = 3, num_parameters: int = 1, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        at_least("PolyReLU", "r", r, 1)
        self.r = r
        self._hold(num_parameters, device, dtype)

    def _initial(self) -> list[float]:
        return [0.0] + [1.0 / self.r] * self.r
