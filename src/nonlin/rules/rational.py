"""Quotients of learned polynomials.

Evaluated at u = x within [-1, 1] and s = 1 / max(1, |x|), in which numerator and denominator are homogeneous: no power
overflows, at infinity either, where the quotient of the leading terms is left.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn

from nonlin.builders.classes import WrittenModule
from nonlin.errors import BoundsError
from nonlin.kernels.curves import adaptive, columns
from nonlin.kernels.inputs import check_input
from nonlin.rules.coefficients import at_least, filled, held
from nonlin.rules.dimensions import dimension

# Least squares at 2,001 points of [-3, 3] by scipy.optimize.least_squares, best of 12 starts; rms error 0.0055 and 2.9e-7.
# Published coefficients are for the denominator 1 + sum |b_j x^j|: in 1 + |sum b_j x^j| they miss leaky ReLU by 0.017.
FITS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "leaky_relu": (
        (0.0335721, 0.505, 1.65267508, 2.00812272, 0.93057548, 0.15213276),
        (0.0, -3.97648061, 0.0, -0.30125299),
    ),
    "silu": ((0.0, 0.5, 0.24999737, 0.05326514, 0.00580255, 0.00027513), (0.0, -0.10653026, 0.0, -0.00055027)),
}


def _size(x: Tensor) -> Tensor:
    """|x|, with the derivative 1 at 0: a denominator that starts at 0 would not learn otherwise."""
    return torch.where(x < 0, -x, x)


def _curve(x: Tensor, numerator: Tensor, denominator: Tensor) -> Tensor:
    a, b = columns(numerator), columns(denominator)
    u, large = x.clamp(-1, 1), x.abs().clamp(min=1)
    s = 1 / large
    power, over = s, a[-1] * u + a[-2] * s if len(a) > 1 else a[0]
    for c in a[-3::-1]:
        power = power * s
        over = over * u + c * power
    power, under = torch.ones_like(s), b[-1] * u
    for c in b[-2::-1]:
        power = power * s
        under = (under + c * power) * u
    return large ** (len(a) - 1 - len(b)) * (over / (power * s + _size(under)))


def rational(input: Tensor, numerator: Tensor, denominator: Tensor) -> Tensor:
    """Args:
        input: floating point, of any shape.
        numerator: a_0 to a_m, of shape (m + 1,), or (channels, m + 1) for the channels in dimension 1.
        denominator: b_1 to b_n, of shape (n,) or (channels, n).

    Shape:
        the input's. At infinity the limit of a_m x^m / |b_n x^n|; NaN where the two do not give one.

    Raises:
        BoundsError: where the coefficients are those of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> a, b = torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0])
        >>> nonlin.functional.rational(torch.tensor([-2.0, 0.0, 2.0]), a, b)  # x / (1 + x^2)
        tensor([-0.4000,  0.0000,  0.4000])
    """
    check_input(input, "rational")
    return adaptive(_curve, "rational", input, numerator, denominator)


class Rational(WrittenModule):
    """Args:
        m, n: the degrees of numerator and denominator (default 5 and 4).
        init: what it starts as where m = 5 and n = 4: 'leaky_relu' (slope 0.01), 'silu' or 'identity'; at other degrees the
            identity. Fitted by least squares over [-3, 3], since the published coefficients are for another denominator.
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    Example:
        >>> import torch, nonlin
        >>> nonlin.Rational()(torch.tensor([-2.0, 0.0, 2.0])).detach()
        tensor([-0.0189,  0.0336,  2.0011])
    """

    numerator: nn.Parameter
    denominator: nn.Parameter

    def __init__(
        self,
        m: int = 5,
        n: int = 4,
        init: Literal["leaky_relu", "silu", "identity"] = "leaky_relu",
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("Rational", "m", m, 1)
        at_least("Rational", "n", n, 1)
        self.m, self.n, self.init, self.num_parameters = m, n, init, num_parameters
        a, b = self._initial()
        self.numerator, self.denominator = (held(c, num_parameters, device, dtype) for c in (a, b))

    def _initial(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if self.init not in (*FITS, "identity"):
            raise BoundsError(f"{type(self).__name__}: init={self.init!r}; expected 'leaky_relu', 'silu' or 'identity'")
        if self.init in FITS and (self.m, self.n) == (5, 4):
            return FITS[self.init]
        return (0.0, 1.0, *[0.0] * (self.m - 1)), (0.0,) * self.n

    def reset_parameters(self) -> None:
        for parameter, values in zip((self.numerator, self.denominator), self._initial(), strict=True):
            filled(parameter, values)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"numerator": self.numerator, "denominator": self.denominator}


def gr_kan(input: Tensor, numerator: Tensor, denominator: Tensor, dim: int = -1) -> Tensor:
    """Args:
        input: floating point, with at least one dimension.
        numerator: a_0 to a_m of each group, (groups, m + 1).
        denominator: b_1 to b_n of each group, (groups, n).
        dim: the dimension whose elements are split into groups of neighbours (default -1).

    Shape:
        the input's; the size of ``dim`` is a multiple of the number of groups.

    Raises:
        BoundsError: where it is not.

    Example:
        >>> import torch, nonlin
        >>> a, b = torch.tensor([[0.0, 1.0], [0.0, 2.0]]), torch.zeros(2, 1)
        >>> nonlin.functional.gr_kan(torch.ones(4), a, b)
        tensor([1., 1., 2., 2.])
    """
    check_input(input, "gr_kan")
    dim, groups = dimension(input, dim, "gr_kan"), len(numerator)
    if input.shape[dim] % groups:
        raise BoundsError(
            f"gr_kan: dimension {dim} has {input.shape[dim]} elements; expected a multiple of the {groups} groups"
        )
    moved = input.movedim(dim, -1)
    grouped = moved.reshape(-1, groups, moved.shape[-1] // groups) if input.numel() else moved.reshape(0, groups, 1)
    out = adaptive(_curve, "gr_kan", grouped, numerator, denominator)
    return out.reshape(moved.shape).movedim(-1, dim)


class GRKAN(WrittenModule):
    """Args:
        groups: how many groups of neighbouring channels have coefficients of their own (default 8).
        m, n: the degrees of numerator and denominator (default 5 and 4).
        init: what each starts as: 'silu' (default, as the paper's later layers), 'leaky_relu' or 'identity' (its first).
        dim: the dimension of the channels (default -1, as in a transformer).

    Example:
        >>> import torch, nonlin
        >>> nonlin.GRKAN(groups=2)(torch.tensor([-2.0, -1.0, 1.0, 2.0])).detach()
        tensor([-0.2384, -0.2689,  0.7311,  1.7616])
    """

    numerator: nn.Parameter
    denominator: nn.Parameter

    def __init__(
        self,
        groups: int = 8,
        m: int = 5,
        n: int = 4,
        init: Literal["leaky_relu", "silu", "identity"] = "silu",
        dim: int = -1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("GRKAN", "groups", groups, 1)
        self.groups, self.m, self.n, self.init, self.dim = groups, m, n, init, dim
        start = Rational(m, n, init, groups, device, dtype)
        self.numerator, self.denominator = (
            nn.Parameter(p.detach().reshape(groups, -1)) for p in (start.numerator, start.denominator)
        )

    def reset_parameters(self) -> None:
        start = Rational(self.m, self.n, self.init)
        for own, other in ((self.numerator, start.numerator), (self.denominator, start.denominator)):
            filled(own, other.tolist())

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"numerator": self.numerator, "denominator": self.denominator, "dim": self.dim}


# Least squares to leaky ReLU (slope 0.01) at 301 points of [-3, 3], best of 3 starts; rms error 0.021 and 0.025.
_ORTHOGONAL: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "hermite": (
        (2.52874695, 4.06478189, 2.55463991, 0.71752196, 0.05234124, -0.03451737),
        (3.71837963, 0.54460465, 0.001, 0.001),
    ),
    "chebyshev": (
        (0.50052924, 0.83927983, 0.39745364, 0.11074054, 0.01630687, 0.00107108),
        (0.43504425, 0.37397364, 0.001, 0.00446326),
    ),
}


def _orthogonal(basis: str, x: Tensor, numerator: Tensor, denominator: Tensor) -> Tensor:
    c, d = columns(numerator), columns(denominator)
    u, large = x.clamp(-1, 1), x.abs().clamp(min=1)
    s = 1 / large
    # f_i(x) = large^i g_i, with g_i of u and s: powers of `large` are kept out of the sums
    top = max(len(c) - 1, len(d))
    g = [torch.ones_like(x), u]
    for i in range(1, top):
        g.append(
            (2 * u * g[i] if basis == "chebyshev" else u * g[i]) - (1 if basis == "chebyshev" else i) * s * s * g[i - 1]
        )
    m, n = len(c) - 1, len(d)
    over = sum((c[i] * g[i] * s ** (m - i) for i in range(m)), start=c[m] * g[m])
    under = sum((_size(d[j - 1] * g[j]) * s ** (n - j) for j in range(1, n + 1)), start=s**n)
    return large ** (m - n) * (over / under)


_BASES = {basis: partial(_orthogonal, basis) for basis in _ORTHOGONAL}


def opau(
    input: Tensor, numerator: Tensor, denominator: Tensor, basis: Literal["hermite", "chebyshev"] = "hermite"
) -> Tensor:
    """Args:
        input: floating point, of any shape.
        numerator: c_0 to c_k, of shape (k + 1,), or (channels, k + 1) for the channels in dimension 1.
        denominator: d_1 to d_l, of shape (l,) or (channels, l).
        basis: 'hermite', the probabilist's polynomials He, or 'chebyshev', those of the first kind.

    Shape:
        the input's.

    Raises:
        BoundsError: for another basis, or coefficients of another number of channels.

    Example:
        >>> import torch, nonlin
        >>> c, d = torch.tensor([0.0, 0.0, 1.0]), torch.zeros(1)
        >>> nonlin.functional.opau(torch.tensor([0.0, 1.0, 3.0]), c, d)  # He_2 = x^2 - 1
        tensor([-1.,  0.,  8.])
    """
    check_input(input, "opau")
    if basis not in _BASES:
        raise BoundsError(f"opau: basis={basis!r}; expected 'hermite' or 'chebyshev'")
    return adaptive(_BASES[basis], "opau", input, numerator, denominator)


class OPAU(WrittenModule):
    """Args:
        k, l: how far the sums of the numerator and of the denominator go (default 5 and 4).
        basis: 'hermite' (probabilist's) or 'chebyshev' (first kind).
        num_parameters: 1: shared by all channels; else the number of channels (dimension 1).

    It starts as leaky ReLU of slope 0.01, fitted by least squares over [-3, 3]; at other orders as the identity.

    Example:
        >>> import torch, nonlin
        >>> nonlin.OPAU()(torch.tensor([-2.0, 0.0, 2.0])).detach()
        tensor([-0.0253,  0.0847,  1.9962])
    """

    numerator: nn.Parameter
    denominator: nn.Parameter

    def __init__(
        self,
        k: int = 5,
        l: int = 4,  # noqa: E741 - the publication's name
        basis: Literal["hermite", "chebyshev"] = "hermite",
        num_parameters: int = 1,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        at_least("OPAU", "k", k, 1)
        at_least("OPAU", "l", l, 1)
        if basis not in _BASES:
            raise BoundsError(f"OPAU: basis={basis!r}; expected 'hermite' or 'chebyshev'")
        self.k, self.l, self.basis, self.num_parameters = k, l, basis, num_parameters
        self.numerator, self.denominator = (held(c, num_parameters, device, dtype) for c in self._initial())

    def _initial(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if (self.k, self.l) == (5, 4):
            return _ORTHOGONAL[self.basis]
        return (0.0, 1.0, *[0.0] * (self.k - 1)), (0.0,) * self.l

    def reset_parameters(self) -> None:
        for parameter, values in zip((self.numerator, self.denominator), self._initial(), strict=True):
            filled(parameter, values)

    def arguments(self, input: Tensor) -> dict[str, Any]:
        return {"numerator": self.numerator, "denominator": self.denominator, "basis": self.basis}
