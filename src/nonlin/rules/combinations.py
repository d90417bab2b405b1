"""Fixed activations among learned numbers: plus sines, of a learned slope, or several of them weighted."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nonlin import registry
from nonlin.builders.classes import WrittenModule
from nonlin.errors import ArgumentError, BoundsError
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import Weighted, at_least

_acts: dict[str, Any] = {}  # by text: torch.compile cannot follow how a text is parsed


def _act(owner: str, text: str) -> Any:
    """A pointwise activation without learned parameters, by its text."""
    if text not in _acts:
        declared, _ = registry.parse(text)
        if declared.kind != "pointwise" or declared.learnable:
            raise ArgumentError(f"{owner}: {text!r} is not a fixed pointwise activation; expected one such as 'tanh'")
        _acts[text] = registry.get(text).forward
    return _acts[text]


def _sines(x: Tensor, weight: Tensor, scale: Tensor) -> Tensor:
    (n,) = columns(scale)
    y = torch.zeros_like(x)
    for k, a in enumerate(columns(weight), start=1):
        y = y + n * a * torch.sin(k * n * x)
    return y


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


class Rowdy(Weighted):
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


class LinComb(Weighted):
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
