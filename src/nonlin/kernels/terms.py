"""Terms: what autograd differentiates. A term evaluates itself in a wide enough dtype and names its partial terms.

Two do most of the work: a formula of one tensor (:class:`Formula`), and a factor times a term (:class:`Scaled`). A backward
pass is the latter (incoming gradient times derivative), and so is a gated unit (value times gate): one rounding for both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from nonlin.formula.declaration import Activation
from nonlin.kernels import blocks
from nonlin.kernels.spec import compile_source, get_spec, names, ordered

_WIDER_ON_CPU = {torch.float16: torch.float64, torch.bfloat16: torch.float64, torch.float32: torch.float64}
_WIDER_ELSEWHERE = {torch.float16: torch.float32, torch.bfloat16: torch.float32}


def compute_dtype(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """The dtype in which many roundings become one: float64 on CPUs; float32 for 16 bit where float64 is slow or absent."""
    wider = _WIDER_ON_CPU if device.type in ("cpu", "meta") else _WIDER_ELSEWHERE
    return wider.get(dtype, dtype)


def rounded_once(wide: Callable[..., Tensor], roundings: int) -> Callable[..., Tensor]:
    """``wide`` computed in a wider dtype where more than one rounding happens, rounded once to the first argument's dtype."""

    def evaluate(*args: Any) -> Tensor:
        first: Tensor = args[0]
        dtype = first.dtype
        wider = compute_dtype(dtype, first.device) if roundings > 1 else dtype
        if wider is dtype:
            return wide(*args).to(dtype)  # under autocast a parameter is wider than the input
        if not torch.compiler.is_compiling() and blocks.worthwhile(args):
            return blocks.evaluate(wide, wider, args)
        return wide(*(a.to(wider) if isinstance(a, Tensor) else a for a in args)).to(dtype)

    return evaluate


class Term(ABC):
    """A function of tensors and numbers, elementwise.

    ``wide`` and ``evaluate`` are plain functions, not methods: in the backward of an autograd function torch.compile
    follows functions, never an object.

    Args:
        label: its name in graphs.
        wide: the value in the arguments' own dtype, without any cast.
        roundings: how many roundings ``wide`` makes: 0, 1, or 2 for "many".
        zero: True where it is identically zero.
        identity: True where it is its first argument.
    """

    def __init__(
        self, label: str, wide: Callable[..., Tensor], roundings: int, *, zero: bool = False, identity: bool = False
    ) -> None:
        self.label = label
        self.wide = wide
        self.evaluate = rounded_once(wide, roundings)
        self.roundings = roundings
        self.zero = zero
        self.identity = identity

    @abstractmethod
    def partial(self, index: int) -> Term:
        """The term of the derivative with respect to argument ``index``; it takes the same arguments."""


class Formula(Term):
    """A declared formula, differentiated once by each name in ``wrt``; arguments: x, then the parameters."""

    def __init__(self, activation: Activation, wrt: tuple[str, ...] = ()) -> None:
        spec = get_spec(activation, wrt)
        super().__init__(
            activation.title + "".join(f"_{name}" for name in wrt),
            compile_source(spec.source, "'".join([activation.name, *wrt])),
            spec.roundings,
            zero=spec.zero,
            identity=not wrt and activation.formula == "x",
        )
        self.activation = activation
        self.wrt = wrt
        self.source = spec.source

    def partial(self, index: int) -> Term:
        return formula(self.activation, (*self.wrt, names(self.activation)[index]))


class Scaled(Term):
    """A factor times a term; arguments: the factor, then the term's."""

    def __init__(self, inner: Term) -> None:
        inside = inner.wide
        super().__init__(
            f"Scaled{inner.label}",
            lambda factor, *args: factor * inside(*args),
            min(2, inner.roundings + 1),
            zero=inner.zero,
        )
        self.inner = inner
        self._partials: dict[int, Term] = {}

    def partial(self, index: int) -> Term:
        if index not in self._partials:
            self._partials[index] = Unscaled(self.inner) if index == 0 else Scaled(self.inner.partial(index - 1))
        return self._partials[index]


class Unscaled(Term):
    """A term that ignores its first argument: the derivative of :class:`Scaled` with respect to the factor."""

    def __init__(self, inner: Term) -> None:
        inside = inner.wide
        super().__init__(inner.label, lambda factor, *args: inside(*args), inner.roundings, zero=inner.zero)
        self.inner = inner

    def partial(self, index: int) -> Term:
        return Zero() if index == 0 else Unscaled(self.inner.partial(index - 1))


class Product(Term):
    """A function of a value times one of a gate; arguments: value, gate, then the parameters, the same of both.

    The parameters are numbers: nothing is differentiated by them.
    """

    def __init__(self, of_value: Term, of_gate: Term) -> None:
        left, right = of_value.wide, of_gate.wide
        super().__init__(
            f"{of_gate.label}Times{of_value.label}",
            lambda value, gate, *parameters: left(value, *parameters) * right(gate, *parameters),
            min(2, of_value.roundings + of_gate.roundings + 1),
            zero=of_value.zero or of_gate.zero,
        )
        self.of_value, self.of_gate = of_value, of_gate
        self._partials: dict[int, Term] = {}

    def partial(self, index: int) -> Term:
        if index not in self._partials:
            value, gate = self.of_value, self.of_gate
            pair = (value.partial(0), gate) if index == 0 else (value, gate.partial(0))
            self._partials[index] = Product(*pair)
        return self._partials[index]


class Difference(Term):
    """A function of one tensor minus the same of another; arguments: both, then the function's parameters, numbers."""

    def __init__(self, inner: Term) -> None:
        inside = inner.wide
        super().__init__(
            f"{inner.label}Difference",
            lambda first, second, *parameters: inside(first, *parameters) - inside(second, *parameters),
            min(2, 2 * inner.roundings + 1),
            zero=inner.zero,
        )
        self.inner = inner

    def partial(self, index: int) -> Term:
        return At(self.inner.partial(0), index, -1.0 if index else 1.0)


class At(Term):
    """A sign times a function of one of two tensors; arguments as of :class:`Difference`."""

    def __init__(self, inner: Term, index: int, sign: float) -> None:
        inside = inner.wide
        super().__init__(
            inner.label,
            lambda first, second, *parameters: sign * inside(second if index else first, *parameters),
            inner.roundings,
            zero=inner.zero,
        )
        self.inner, self.index, self.sign = inner, index, sign

    def partial(self, index: int) -> Term:
        return At(self.inner.partial(0), index, self.sign) if index == self.index else Zero()


class Zero(Term):
    """Zero, of any arguments."""

    def __init__(self) -> None:
        super().__init__("Zero", lambda first, *args: torch.zeros_like(first), 0, zero=True)

    def partial(self, index: int) -> Term:
        return self


def formula(activation: Activation, wrt: tuple[str, ...] = ()) -> Formula:
    """The term of a pointwise formula's partial derivative, one object for each."""
    return _formula(activation, ordered(activation, wrt))


_formula = lru_cache(maxsize=4096)(Formula)
