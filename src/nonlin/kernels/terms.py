"""Terms: what autograd differentiates. A term evaluates itself in a wide enough dtype and names its partial terms.

There are two: a formula of one tensor (:class:`Formula`), and a factor times a term (:class:`Scaled`). A backward pass
is the latter (incoming gradient times derivative), and so is a gated unit (value times gate): one rounding for both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from nonlin.formula.declaration import Activation
from nonlin.kernels.spec import compile_source, get_spec, names

_WIDER_ON_CPU = {torch.float16: torch.float64, torch.bfloat16: torch.float64, torch.float32: torch.float64}
_WIDER_ELSEWHERE = {torch.float16: torch.float32, torch.bfloat16: torch.float32}


def compute_dtype(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """The dtype in which many roundings become one: float64 on CPUs; float32 for 16 bit where float64 is slow or absent."""
    wider = _WIDER_ON_CPU if device.type in ("cpu", "meta") else _WIDER_ELSEWHERE
    return wider.get(dtype, dtype)


class Term(ABC):
    """A function of tensors and numbers, elementwise; ``zero`` where it is identically zero, ``identity`` where it is its argument."""

    roundings: int
    zero: bool
    label: str
    identity: bool = False

    @abstractmethod
    def wide(self, *args: Any) -> Tensor:
        """The value in the arguments' own dtype, without any cast."""

    @abstractmethod
    def partial(self, index: int) -> Term:
        """The term of the derivative with respect to argument ``index``; it takes the same arguments."""

    def evaluate(self, *args: Any) -> Tensor:
        """The value, computed wide where more than one rounding happens, rounded once to the first argument's dtype."""
        first: Tensor = args[0]
        dtype = first.dtype
        wide = compute_dtype(dtype, first.device) if self.roundings > 1 else dtype
        if wide is dtype:
            return self.wide(*args)
        return self.wide(*(a.to(wide) if isinstance(a, Tensor) else a for a in args)).to(dtype)


class Formula(Term):
    """A declared formula, differentiated once by each name in ``wrt``; arguments: x, then the parameters."""

    def __init__(self, activation: Activation, wrt: tuple[str, ...] = ()) -> None:
        self.activation = activation
        self.wrt = wrt
        spec = get_spec(activation, wrt)
        self.roundings = spec.roundings
        self.zero = spec.zero
        self.identity = not wrt and activation.formula == "x"
        self.label = activation.title + "".join(f"_{name}" for name in wrt)
        self.source = spec.source
        self._function = compile_source(spec.source, "'".join([activation.name, *wrt]))

    def wide(self, *args: Any) -> Tensor:
        value: Tensor = self._function(*args)
        return value

    def partial(self, index: int) -> Term:
        return formula(self.activation, (*self.wrt, names(self.activation)[index]))


class Scaled(Term):
    """A factor times a term; arguments: the factor, then the term's."""

    def __init__(self, inner: Term) -> None:
        self.inner = inner
        self.roundings = min(2, inner.roundings + 1)
        self.zero = inner.zero
        self.label = f"Scaled{inner.label}"
        self._partials: dict[int, Term] = {}

    def wide(self, *args: Any) -> Tensor:
        return args[0] * self.inner.wide(*args[1:])

    def partial(self, index: int) -> Term:
        if index not in self._partials:
            self._partials[index] = Unscaled(self.inner) if index == 0 else Scaled(self.inner.partial(index - 1))
        return self._partials[index]


class Unscaled(Term):
    """A term that ignores its first argument: the derivative of :class:`Scaled` with respect to the factor."""

    def __init__(self, inner: Term) -> None:
        self.inner = inner
        self.roundings = inner.roundings
        self.zero = inner.zero
        self.label = inner.label

    def wide(self, *args: Any) -> Tensor:
        return self.inner.wide(*args[1:])

    def partial(self, index: int) -> Term:
        return Zero() if index == 0 else Unscaled(self.inner.partial(index - 1))


class Zero(Term):
    """Zero, of any arguments."""

    roundings = 0
    zero = True
    label = "Zero"

    def wide(self, *args: Any) -> Tensor:
        return torch.zeros_like(args[0])

    def partial(self, index: int) -> Term:
        return self


class _Key:
    def __init__(self, activation: Activation, wrt: tuple[str, ...]) -> None:
        self.activation = activation
        order = {name: i for i, name in enumerate(names(activation))}
        self.wrt = tuple(sorted(wrt, key=order.__getitem__))
        self._value = (activation.name, activation.fingerprint, self.wrt)

    def __hash__(self) -> int:
        return hash(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._value == other._value


@lru_cache(maxsize=4096)
def _formula(key: _Key) -> Formula:
    return Formula(key.activation, key.wrt)


def formula(activation: Activation, wrt: tuple[str, ...] = ()) -> Formula:
    """The term of a pointwise formula's partial derivative, one object for each."""
    return _formula(_Key(activation, wrt))
