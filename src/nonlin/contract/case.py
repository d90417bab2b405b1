"""One way of calling an activation: what every check takes.

A case knows its activation as a function of tensors (the data, then whatever is learned) and as a module, draws inputs for
it, and tells what a check must know to ask the right question: whether it is elementwise, whether it draws random numbers,
which shapes it takes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.contract.expect import NotApplicableError, same
from nonlin.contract.oracle import Oracle
from nonlin.formula.declaration import Activation

SHAPE = (1, 3, 1, 2)  # batch, channels, height, width: small, for Jacobians; the last is even, for gates
IMAGE = (2, 4, 3, 6)
VOLUME = (2, 4, 3, 2, 6)
GATE, VALUE = 1.375, -1.625  # exact in every dtype: the input of a gated one that stays while the other varies
SEVERAL_SUMS = {"rtol": 1e-5, "atol": 1e-6}  # float32: sums over other elements, in another order


@dataclass(frozen=True)
class Scalar:
    """A function of one number that is judged by its formula."""

    label: str
    function: Callable[[Tensor], Tensor]
    oracle: Oracle
    breakpoints: tuple[float, ...]


class Case(ABC):
    """An activation with its arguments fixed.

    Attributes:
        activation: its declaration, None where nothing is known of it but how to call it.
        variant: "default", "other" (parameters), "training" ...
        shape: the one shape that it takes, None where it takes any.
        own: True where it is this library's, whose errors and whose state are promised as well.
    """

    activation: Activation | None
    variant: str
    shape: tuple[int, ...] | None = None
    own: bool = True
    apart: bool = False

    @property
    @abstractmethod
    def name(self) -> str:
        """What messages and reports call it."""

    def __str__(self) -> str:
        return self.name if self.variant == "default" else f"{self.name}-{self.variant}"

    @property
    def kind(self) -> str:
        """As declared; ``"unknown"`` where there is no declaration."""
        return self.activation.kind if self.activation is not None else "unknown"

    @property
    @abstractmethod
    def elementwise(self) -> bool:
        """True where an element of the output depends on the elements of the inputs at its place and on nothing else."""

    @property
    @abstractmethod
    def random(self) -> bool:
        """True where two calls draw different numbers."""

    @property
    def takes_inplace(self) -> bool:
        return False

    @property
    def on_a_kink(self) -> bool:
        """Whether a learned parameter stands where the formula changes its branch: there second derivatives may jump."""
        return False

    @property
    def layers(self) -> tuple[nn.Module, ...]:
        """The layers of a network inside: they compute in the dtype that they are in, are autocast and keep what layers keep."""
        return ()

    @property
    def estimated(self) -> bool:
        """True where the gradient is declared to be another than the derivative: a surrogate's, or straight through."""
        return self.kind == "surrogate"

    @property
    @abstractmethod
    def learns(self) -> tuple[str, ...]:
        """The names of what is learned, in the order in which a call takes it."""

    @abstractmethod
    def bound(self, **more: Any) -> Callable[..., Tensor]:
        """A function of (input, learned parameters ...) or (gate, value): what torch.compile is to see."""

    @abstractmethod
    def module(self, *, channels: int = 1, **more: Any) -> nn.Module:
        """The same as a module, in evaluation mode unless the case is a training one."""

    @abstractmethod
    def data(
        self,
        shape: tuple[int, ...] | None = None,
        dtype: torch.dtype = torch.float64,
        *,
        seed: int = 0,
        scale: float = 2.0,
        grad: bool = False,
    ) -> tuple[Tensor, ...]:
        """Inputs: (input,), or (gate, value) where they come apart."""

    @abstractmethod
    def learned(
        self, dtype: torch.dtype = torch.float64, *, channels: int = 1, grad: bool = False
    ) -> tuple[Tensor, ...]:
        """A tensor for each learned parameter."""

    @abstractmethod
    def scalars(self, dtype: torch.dtype) -> Iterator[Scalar]:
        """The functions of one number that its formula makes of it, with what the dtype holds of its parameters."""

    def __call__(self, *tensors: Tensor, **more: Any) -> Tensor:
        """The value of a call; random numbers are drawn alike each time."""
        if self.random:
            with torch.random.fork_rng():
                torch.manual_seed(0)
                return self.plain(*tensors, **more)
        return self.plain(*tensors, **more)

    def plain(self, *tensors: Tensor, **more: Any) -> Tensor:
        """The same without a seed."""
        return self.bound(**more)(*tensors)

    @property
    def function(self) -> Callable[..., Tensor] | None:
        """``nonlin.functional.<name>`` itself, where it has one."""
        return None

    @property
    def small(self) -> tuple[int, ...]:
        """A shape for Jacobians."""
        return self.shape or SHAPE

    @property
    def image(self) -> tuple[int, ...]:
        """A shape of batch, channels, height and width, or the one that it takes."""
        return self.shape or IMAGE

    def shaped(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """``shape``, where inputs may have it."""
        if self.shape is not None and shape not in (self.shape, (0, *self.shape[1:])):
            raise NotApplicableError(f"it is given inputs of shape {self.shape} alone")
        return shape

    def tensors(
        self,
        shape: tuple[int, ...] | None = None,
        dtype: torch.dtype = torch.float64,
        *,
        channels: int = 1,
        grad: bool = False,
    ) -> tuple[Tensor, ...]:
        """All tensor arguments of a call: data, then learned parameters."""
        return (*self.data(shape, dtype, grad=grad), *self.learned(dtype, channels=channels, grad=grad))

    def total(self, y: Tensor) -> Tensor:
        """The sum of an output; of a complex one, of its parts: a real number, which has a gradient."""
        return (torch.view_as_real(y) if y.is_complex() else y).sum()

    def same(self, actual: object, expected: object) -> None:
        """The same bits, where nothing is summed; two orders of a sum apart, where something may be."""
        exact = self.elementwise or (self.own and self.activation is not None and not self.activation.rule)
        same(actual, expected, **({} if exact else SEVERAL_SUMS))
