"""Relatives of the softmax: with one more entry, a temperature, other functions than the exponential, noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.inputs import check_input
from nonlin.kernels.rowwise import row_dimension, rowwise
from nonlin.rules.rows import along_rows, per_row, row_function, share_infinities

_softmax, _log_softmax = (
    rowwise("softmax"),
    rowwise("log_softmax"),
)  # once: torch.compile cannot follow how they are built


def softmax_one(input: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        dim: the dimension along which the shares are taken (default -1).

    Shape:
        any; the output has the input's. The shares sum to less than 1: the rest is what an entry of 0 would get. A row of
        -inf alone gives zeros; +inf entries share the row.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.softmax_one(torch.tensor([0.0, 0.0]))
        tensor([0.3333, 0.3333])
    """
    check_input(input, "softmax_one")
    return _beside_zero(_softmax, input, row_dimension(input, dim, "softmax_one"))


def log_softmax_one(input: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        dim: the dimension along which the shares are taken (default -1).

    Shape:
        any; the output has the input's. A row of -inf alone gives -inf.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.log_softmax_one(torch.tensor([0.0, 0.0]))
        tensor([-1.0986, -1.0986])
    """
    check_input(input, "log_softmax_one")
    return _beside_zero(_log_softmax, input, row_dimension(input, dim, "log_softmax_one"))


def _beside_zero(function: Callable[..., Tensor], input: Tensor, dim: int) -> Tensor:
    """The softmax of a row and one more entry, 0, without that entry."""
    if input.ndim == 0:
        return _beside_zero(function, input.reshape(1), 0).reshape(())
    longer = torch.cat([input, torch.zeros_like(input.narrow(dim, 0, 1))], dim) if input.numel() else input
    return function(longer, dim).narrow(dim, 0, input.shape[dim])


def log_softmin(input: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        dim: the dimension along which the shares are taken (default -1).

    Shape:
        any; the output has the input's. +inf entries give -inf; a row of +inf alone gives NaN.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.log_softmin(torch.tensor([1.0, 2.0, 3.0]))
        tensor([-0.4076, -1.4076, -2.4076])
    """
    check_input(input, "log_softmin")
    return _log_softmax(-input, row_dimension(input, dim, "log_softmin"))


@row_function
def _cooled(x: Tensor, dim: int, tau: Any) -> Tensor:
    return _softmax(x / tau, dim)


def temperature_softmax(input: Tensor, tau: float | Tensor = 1.0, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        tau: the temperature, above 0 (default 1): below 1 the largest entry's share grows, above 1 the shares even out. A
            number, or a tensor of one number or one for each channel (dimension 1), which may learn.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. +inf entries share the row; a row of -inf alone gives NaN.

    Raises:
        BoundsError: where tau is a number that is not above 0.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.temperature_softmax(torch.tensor([1.0, 2.0, 3.0]), tau=0.5)
        tensor([0.0159, 0.1173, 0.8668])
    """
    check_input(input, "temperature_softmax")
    dim = row_dimension(input, dim, "temperature_softmax")
    if isinstance(tau, Tensor):
        return _cooled(input, dim, per_row(tau, input, dim, "temperature_softmax", "tau"))
    if not tau > 0:
        raise BoundsError(f"temperature_softmax: tau={tau!r}; expected a number above 0 (default 1.0)")
    if tau == 1.0:
        return _softmax(input, dim)
    return along_rows(_cooled, input, dim, "temperature_softmax", tau)


class TemperatureSoftmax(WrittenModule):
    """Args:
    tau: the temperature, above 0 (default 1); what it starts from where it learns.
    dim: the dimension that sums to 1 (default -1).
    learnable: whether the temperature learns, as its logarithm ``log_tau``, which keeps it above 0.
    num_parameters: 1 for all channels, or their number (dimension 1).
    device, dtype: of the parameter.
    """

    log_tau: nn.Parameter | None

    def __init__(
        self,
        tau: float = 1.0,
        dim: int = -1,
        learnable: bool = False,
        num_parameters: int = 1,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        nn.Module.__init__(self)
        if not tau > 0:
            raise BoundsError(f"TemperatureSoftmax: tau={tau!r}; expected a number above 0 (default 1.0)")
        self.tau, self.dim, self.learnable, self.num_parameters = tau, dim, learnable, num_parameters
        empty = nn.Parameter(torch.empty(num_parameters, device=device, dtype=dtype)) if learnable else None
        self.register_parameter("log_tau", empty)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        if self.log_tau is not None:
            nn.init.constant_(self.log_tau, math.log(self.tau))

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"tau": self.tau if self.log_tau is None else self.log_tau.exp(), "dim": self.dim}


def taylor_softmax(input: Tensor, order: int = 2, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        order: of the exponential's Taylor polynomial: even and at least 2 (default 2), so that it is positive everywhere.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. Infinite entries, of either sign, share the row.

    Raises:
        BoundsError: where the order is odd or below 2.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.taylor_softmax(torch.tensor([0.0, 1.0, 2.0]))
        tensor([0.1176, 0.2941, 0.5882])
    """
    check_input(input, "taylor_softmax")
    if isinstance(order, bool) or not isinstance(order, int) or order < 2 or order % 2:
        raise BoundsError(f"taylor_softmax: order={order!r}; expected an even integer of at least 2 (default 2)")

    return along_rows(_taylor, input, dim, "taylor_softmax", order)


@row_function
def _taylor(x: Tensor, dim: int, order: int) -> Tensor:
    total = torch.ones_like(x)
    for k in range(order, 0, -1):
        total = total * x / k + 1.0
    return share_infinities(torch.where(torch.isinf(x), x.abs(), total), dim)


def spherical_softmax(input: Tensor, eps: float = 1e-6, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        eps: what is added to every square (default 1e-6), at least 0: a row of zeros is shared equally then, and NaN with 0.
        dim: the dimension that sums to 1 (default -1).

    Shape:
        any; the output has the input's. Infinite entries, of either sign, share the row.

    Raises:
        BoundsError: where eps is negative.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.spherical_softmax(torch.tensor([-1.0, 1.0, 2.0]))
        tensor([0.1667, 0.1667, 0.6667])
    """
    check_input(input, "spherical_softmax")
    if not eps >= 0:
        raise BoundsError(f"spherical_softmax: eps={eps!r}; expected a number of at least 0 (default 1e-6)")
    return along_rows(_spherical, input, dim, "spherical_softmax", eps)


@row_function
def _spherical(x: Tensor, dim: int, eps: float) -> Tensor:
    return share_infinities(x * x + eps, dim)


def solu(input: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, of any shape.
        dim: the dimension along which the softmax is taken (default -1).

    Shape:
        any; the output has the input's. A -inf entry gives 0; a row of -inf alone gives NaN.

    Example:
        >>> import torch, nonlin
        >>> nonlin.functional.solu(torch.tensor([1.0, 2.0, 3.0]))
        tensor([0.0900, 0.4895, 1.9957])
    """
    check_input(input, "solu")

    return along_rows(_unit, input, dim, "solu")


@row_function
def _unit(x: Tensor, dim: int) -> Tensor:
    return torch.where(x == -torch.inf, torch.zeros_like(x), x) * _softmax(x, dim)


def gumbel_softmax(
    input: Tensor,
    tau: float = 1.0,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Args:
        input: unnormalised log probabilities, floating point, of any shape.
        tau: the temperature, above 0 (default 1).
        hard: True for one-hot rows, whose gradient is the soft sample's (the straight-through estimator).
        eps: without effect, as in torch, whose signature this is.
        dim: the dimension that sums to 1 (default -1).
        generator: where the noise is drawn from (default: torch's own, so that torch.manual_seed gives torch's noise).

    Shape:
        any; the output has the input's.

    Raises:
        BoundsError: where tau is not above 0.

    Example:
        >>> import torch, nonlin
        >>> seeded = torch.Generator().manual_seed(0)
        >>> nonlin.functional.gumbel_softmax(torch.tensor([0.0, 1.0, 2.0]), hard=True, generator=seeded).sum()
        tensor(1.)
    """
    check_input(input, "gumbel_softmax")
    dim = row_dimension(input, dim, "gumbel_softmax")
    noise = (
        -torch.empty_like(input, memory_format=torch.legacy_contiguous_format).exponential_(generator=generator).log()
    )
    soft = temperature_softmax(input + noise, tau, dim)
    if not hard or input.numel() == 0:
        return soft
    at = soft.detach().argmax(dim, keepdim=True)
    one_hot = torch.zeros_like(soft).scatter(dim, at, 1.0) if input.ndim else torch.ones_like(soft)
    return one_hot + (soft - soft.detach())  # exactly one-hot: the difference is 0
