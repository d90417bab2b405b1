"""Sums of powers, polynomials, sines and of other activations, with learned weights."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin import registry
from nonlin.builders.classes import WrittenModule
from nonlin.errors import ArgumentError, BoundsError
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least, filled, held


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


class _Weighted(WrittenModule):
    """One table of weights, which starts as ``_initial()`` says."""

    weight: nn.Parameter
    num_parameters: int

    def _initial(self) -> list[float]:
        raise NotImplementedError

    def _hold(self, num_parameters: int, device: Any, dtype: torch.dtype | None) -> None:
        self.num_parameters = num_parameters
        self.weight = held(self._initial(), num_parameters, device, dtype)

    def reset_parameters(self) -> None:
        filled(self.weight, self._initial())

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight}


class Poly(_Weighted):
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


class Chebyshev(_Weighted):
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


class PolyReLU(_Weighted):
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


def _sines(x: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    (n,) = columns(scale)
    y = torch.zeros_like(x)
    for k, a in enumerate(columns(weight), start=1):
        y = y + n * a * torch.sin(k * n * x)
    return y


_acts: dict[str, Any] = {}  # by text: torch.compile cannot follow how a text is parsed


def _act(owner: str, text: str) -> Any:
    """A pointwise activation without learned parameters, by its text."""
    if text not in _acts:
        declared, _ = registry.parse(text)
        if declared.kind != "pointwise" or declared.learnable:
            raise ArgumentError(f"{owner}: {text!r} is not a fixed pointwise activation; expected one such as 'tanh'")
        _acts[text] = registry.get(text).forward
    return _acts[text]


def _with_sines(act: Any, x: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    return act(x) + _sines(x, weight, scale)  # type: ignore[no-any-return]


def rowdy(input: Tensor, weight: Tensor, act: str = "tanh", n: float = 1.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: a_2 to a_K, of shape (K - 1,), or (channels, K - 1) for the channels in dimension 1.
        act: the activation to which sines are added: a pointwise one that learns nothing (default 'tanh').
        n: the scale of the sines: factor and frequency (default 1).

    Shape:
        the input's. NaN at infinity, where a sine has no limit.

    Raises:
        ArgumentError: where ``act`` learns or is not pointwise.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.rowdy(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([1.0]))  # tanh x + sin x
        tensor([-1.6031,  0.0000,  1.6031])
    """
    check_input(input, "rowdy")
    scale = torch.tensor([float(n)], dtype=weight.dtype, device=weight.device)
    return adaptive(partial(_with_sines, _act("rowdy", act)), "rowdy", input, weight, scale)


class Rowdy(_Weighted):
    """Args:
        K: how many terms there are, the activation among them (default 3).
        act: the activation to which sines are added: a pointwise one that learns nothing (default 'tanh').
        n: the scale of the sines: factor and frequency (default 1).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as the activation: the weights of the sines are 0.

    Example:
        >>> import torch, nonlin
        >>> nonlin.Rowdy()(torch.tensor([-1.0, 0.0, 1.0])).detach()
        tensor([-0.7616,  0.0000,  0.7616])
    """

    def __init__(
        self,
        K: int = 3,
        act: str = "tanh",
        n: float = 1.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("Rowdy", "K", K, 2)
        self.K, self.act, self.n = K, act, n
        _act("Rowdy", act)
        self._hold(num_parameters, device, dtype)

    def _initial(self) -> list[float]:
        return [0.0] * (self.K - 1)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight, "act": self.act, "n": self.n}


def _sloped(act: Any, n: float, x: Tensor, slope: Tensor) -> Tensor:
    return act(n * columns(slope)[0] * x)  # type: ignore[no-any-return]


def laaf(input: Tensor, weight: Tensor, act: str = "tanh", n: float = 1.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: the slope a, of shape (1,), or (channels,) for the channels in dimension 1.
        act: the activation: a pointwise one that learns nothing (default 'tanh').
        n: the fixed factor of the slope, which speeds its learning up (default 1).

    Shape:
        the input's.

    Raises:
        ArgumentError: where ``act`` learns or is not pointwise.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.laaf(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([2.0]))
        tensor([-0.9640,  0.0000,  0.9640])
    """
    check_input(input, "laaf")
    return adaptive(partial(_sloped, _act("laaf", act), n), "laaf", input, weight.reshape(-1, 1))


class LAAF(WrittenModule):
    """Args:
        act: the activation: a pointwise one that learns nothing (default 'tanh').
        n: the fixed factor of the slope, which speeds its learning up (default 1).
        num_parameters: 1: one slope a layer (L-LAAF); else the number of channels (N-LAAF, dimension 1).

    It starts as the activation: a = 1/n.

    Example:
        >>> import torch, nonlin
        >>> nonlin.LAAF(n=10.0)(torch.tensor([-1.0, 0.0, 1.0])).detach()
        tensor([-0.7616,  0.0000,  0.7616])
    """

    weight: nn.Parameter

    def __init__(
        self,
        act: str = "tanh",
        n: float = 1.0,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if n == 0:
            raise BoundsError("LAAF: n=0; expected another number, 1 or more in the publication")
        self.act, self.n, self.num_parameters = act, n, num_parameters
        _act("LAAF", act)
        self.weight = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, 1 / self.n)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight, "act": self.act, "n": self.n}


def _combined(acts: tuple[Any, ...], normalize: bool, x: Tensor, weights: Tensor) -> Tensor:
    if normalize:
        weights = weights / torch.linalg.vector_norm(weights, dim=-1, keepdim=True)
    total: Tensor
    total, *rest = (w * act(x) for act, w in zip(acts, columns(weights), strict=True))
    for part in rest:
        total = total + part
    return total


def lin_comb(
    input: Tensor,
    weight: Tensor,
    acts: tuple[str, ...] = ("relu", "sigmoid", "tanh", "softsign"),
    normalize: bool = False,
) -> Tensor:
    """Args:
        input: floating point, of any shape.
        weight: w_1 to w_K, one for each activation, of shape (K,), or (channels, K) for the channels in dimension 1.
        acts: the activations: pointwise ones that learn nothing.
        normalize: divide the weights by their Euclidean length (NormLinComb).

    Shape:
        the input's.

    Raises:
        BoundsError: where there are not as many weights as activations.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.lin_comb(torch.tensor([-1.0, 2.0]), torch.tensor([1.0, 0.5]), ("relu", "identity"))
        tensor([-0.5000,  3.0000])
    """
    check_input(input, "lin_comb")
    if weight.shape[-1] != len(acts):
        raise BoundsError(f"lin_comb: {weight.shape[-1]} weights for {len(acts)} activations; expected one for each")
    functions = tuple(_act("lin_comb", a) for a in acts)
    return adaptive(partial(_combined, functions, normalize), "lin_comb", input, weight)


class LinComb(_Weighted):
    """Args:
        acts: the activations: pointwise ones that learn nothing.
        normalize: divide the weights by their Euclidean length (NormLinComb).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as the mean of the activations; normalised, as their sum over the root of their number.

    Example:
        >>> import torch, nonlin
        >>> nonlin.LinComb()(torch.tensor([-1.0, 0.0, 1.0])).detach()
        tensor([-0.2482,  0.1250,  0.7482])
    """

    def __init__(
        self,
        acts: tuple[str, ...] = ("relu", "sigmoid", "tanh", "softsign"),
        normalize: bool = False,
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("LinComb", "the number of activations", len(acts), 1)
        self.acts, self.normalize = tuple(acts), normalize
        for act in acts:
            _act("LinComb", act)
        self._hold(num_parameters, device, dtype)

    def _initial(self) -> list[float]:
        return [1 / len(self.acts)] * len(self.acts)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"weight": self.weight, "acts": self.acts, "normalize": self.normalize}
