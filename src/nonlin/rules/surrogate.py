"""Steps that are trained through a surrogate: what the backward multiplies by is not the derivative, which is 0.

A finite difference, as ``torch.autograd.gradcheck`` takes, knows nothing of a surrogate and disagrees. torch.compile, vmap,
``torch.func`` and forward mode use the surrogate too; a program made by ``torch.export`` keeps the values alone.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nonlin.errors import BoundsError
from nonlin.kernels.autograd import differentiable
from nonlin.kernels.inputs import check_input
from nonlin.kernels.terms import Term, Zero


class Surrogate(Term):
    """A function with what stands for its derivative."""

    def __init__(self, label: str, wide: Callable[..., Tensor], slope: Term, roundings: int = 0) -> None:
        super().__init__(label, wide, roundings)
        self.slope = slope

    def partial(self, index: int) -> Term:
        return self.slope if index == 0 else Zero()


class FastSigmoidSlope(Term):
    """The ``order``-th derivative of 1 / (beta |x| + 1)^2; arguments: x and beta."""

    def __init__(self, order: int = 0) -> None:
        factor = float((-1) ** order)
        for i in range(2, order + 2):
            factor *= i

        def wide(x: Tensor, beta: float) -> Tensor:
            power = (beta * x.abs() + 1).pow(-(order + 2)) * (factor * beta**order)
            return power * x.sign() if order % 2 else power

        super().__init__("FastSigmoidSlope", wide, 2)
        self.order = order

    def partial(self, index: int) -> Term:
        return FastSigmoidSlope(self.order + 1) if index == 0 else Zero()


def _step(x: Tensor, value: float) -> Tensor:
    return torch.where(x > 0, 1.0, torch.where(x < 0, 0.0, torch.where(x == 0, value, x)))  # NaN stays


def _sign(x: Tensor, limit: float) -> Tensor:
    return torch.where(x != x, x, x.sign())


_one = Surrogate("One", lambda x, *numbers: torch.ones_like(x), Zero())
_window = Surrogate("Window", lambda x, limit: (x.abs() <= limit).to(x.dtype), Zero())

_heaviside = differentiable(Surrogate("Heaviside", _step, _one), prepare=(0,))
_sign_ste = differentiable(Surrogate("SignSTE", _sign, _window), prepare=(0,))
_round_ste = differentiable(Surrogate("RoundSTE", torch.round, _one), prepare=(0,))
_superspike = differentiable(Surrogate("SuperSpike", lambda x, beta: _step(x, 0.0), FastSigmoidSlope()), prepare=(0,))


def heaviside(input: Tensor, value: float = 0.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        value: the result at 0, as ``torch.heaviside`` takes it (default 0).

    The gradient passes straight through: the incoming gradient is handed on as it is, everywhere. The derivative is 0, so
    ``torch.autograd.gradcheck`` does not apply.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> x = torch.tensor([-2.0, 0.0, 0.5], requires_grad=True)
        >>> y = nonlin.functional.heaviside(x)
        >>> y.tolist(), torch.autograd.grad(y.sum(), x)[0].tolist()
        ([0.0, 0.0, 1.0], [1.0, 1.0, 1.0])
    """
    check_input(input, "heaviside")
    return _heaviside(input, float(value))


def sign_ste(input: Tensor, limit: float = 1.0) -> Tensor:
    """Args:
        input: floating point, of any shape.
        limit: the gradient passes where ``|x| <= limit`` (default 1); ``float("inf")`` lets it pass everywhere.

    The incoming gradient is handed on as it is where ``|x| <= limit`` and is 0 elsewhere, the derivative of hardtanh. The
    function's own derivative is 0, so ``torch.autograd.gradcheck`` does not apply. sign(0) is 0, as ``torch.sign`` has it;
    binarised networks take +1 there.

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: for a negative limit.

    Example:
        >>> import torch, nonlin
        >>> x = torch.tensor([-2.0, 0.0, 0.5], requires_grad=True)
        >>> y = nonlin.functional.sign_ste(x)
        >>> y.tolist(), torch.autograd.grad(y.sum(), x)[0].tolist()
        ([-1.0, 0.0, 1.0], [0.0, 1.0, 1.0])
    """
    check_input(input, "sign_ste")
    if not limit >= 0:
        raise BoundsError(f"sign_ste: limit={limit!r}; expected a number of at least 0 (default 1)")
    return _sign_ste(input, float(limit))


def round_ste(input: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.

    Rounds to the nearest integer, halves to the even one, as ``torch.round``. The gradient passes straight through: the
    incoming gradient is handed on as it is. The derivative is 0, so ``torch.autograd.gradcheck`` does not apply.

    Shape:
        any shape; the output has the input's.

    Example:
        >>> import torch, nonlin
        >>> x = torch.tensor([-1.7, 0.5, 2.6], requires_grad=True)
        >>> y = nonlin.functional.round_ste(x)
        >>> y.tolist(), torch.autograd.grad(y.sum(), x)[0].tolist()
        ([-2.0, 0.0, 3.0], [1.0, 1.0, 1.0])
    """
    check_input(input, "round_ste")
    return _round_ste(input)


def superspike(input: Tensor, beta: float = 10.0) -> Tensor:
    """Args:
        input: floating point, of any shape: a membrane potential less its threshold.
        beta: how narrow the surrogate is (default 10, above 0).

    A spike, 1, where x > 0. The incoming gradient is multiplied by ``1 / (beta |x| + 1)^2``, the slope of a fast sigmoid,
    and double backward by that surrogate's derivative. The function's own derivative is 0, so
    ``torch.autograd.gradcheck`` does not apply.

    Shape:
        any shape; the output has the input's.

    Raises:
        BoundsError: where beta is not above 0.

    Example:
        >>> import torch, nonlin
        >>> x = torch.tensor([-0.1, 0.0, 0.5], requires_grad=True)
        >>> y = nonlin.functional.superspike(x)
        >>> y.detach(), torch.autograd.grad(y.sum(), x)[0]
        (tensor([0., 0., 1.]), tensor([0.2500, 1.0000, 0.0278]))
    """
    check_input(input, "superspike")
    if not beta > 0:
        raise BoundsError(f"superspike: beta={beta!r}; expected a number above 0 (default 10)")
    return _superspike(input, float(beta))
