"""What the tests are parametrised over: every scalar function of the catalogue, found there and never listed by hand.

A case is a function of one tensor: a pointwise activation, a stochastic one in evaluation, or a gated one as a function
of its gate (``gate``) or of its value (``value``) while the other stays fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import torch
from torch import Tensor

from nonlin import functional
from nonlin.catalogue import declarations
from nonlin.formula.behaviour import analyse
from nonlin.formula.declaration import Activation, Parameter
from tests.oracle import Oracle
from tests.paths import composite_only

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
GATE, VALUE = 1.375, -1.625  # exact in every dtype


@dataclass(frozen=True)
class Case:
    """One scalar function: how to call it, and its oracle."""

    activation: Activation
    parameters: Mapping[str, float] = field(default_factory=dict)
    variable: str = "x"
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        inside = [f"{name}={value:g}" for name, value in self.parameters.items()]
        return (
            self.activation.name
            + (f"({', '.join(inside)})" if inside else "")
            + (f"-{self.variable}" if self.fixed else "")
        )

    def __call__(self, x: Tensor) -> Tensor:
        function: Callable[..., Tensor] = getattr(functional, self.activation.name)
        if self.fixed:
            (other,) = (torch.full_like(x, value) for value in self.fixed.values())
            return function(x, value=other) if self.variable == "gate" else function(other, value=x)
        return function(
            x, **{**{p.name: p.default for p in self.activation.parameters if p.required}, **self.parameters}
        )

    def slope(self, x: Tensor) -> Tensor:
        """The derivative at every element, by reverse mode."""
        return self.slopes(x, 1)[1]

    def fused(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """f and f' as training sees them: one forward and one backward, by the C kernels where there is a compiler."""
        x = x.detach().clone().requires_grad_()
        y = self(x)
        slope = torch.autograd.grad(y, x, torch.ones_like(y))[0] if y.requires_grad else torch.zeros_like(x)
        return y.detach(), slope

    def slopes(self, x: Tensor, order: int) -> list[Tensor]:
        """f, f', ... up to ``order`` by the composite, each by reverse mode through the one before."""
        with composite_only():
            return self._slopes(x, order)

    def _slopes(self, x: Tensor, order: int) -> list[Tensor]:
        x = x.detach().clone().requires_grad_()
        found = [self(x)]
        for k in range(order):
            last = found[-1]
            if not last.requires_grad:
                found.append(torch.zeros_like(x))
                continue
            (derivative,) = torch.autograd.grad(
                last, x, torch.ones_like(last), create_graph=k + 1 < order, allow_unused=True, materialize_grads=True
            )
            found.append(derivative)
        return [f.detach() for f in found]

    @property
    def oracle(self) -> Oracle:
        return _oracle(self)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        return analyse(self.activation, self.parameters).breakpoints if not self.fixed else (0.0,)


@cache
def _oracle(case: Case) -> Oracle:
    return Oracle(case.activation, case.parameters, case.variable, case.fixed)


@cache
def cases() -> tuple[Case, ...]:
    """Every scalar function at its default parameters."""
    found = []
    for activation in declarations().values():
        if activation.rule:
            continue
        if activation.kind in ("pointwise", "stochastic"):
            found.append(Case(activation))
        elif activation.kind == "gated":
            found += [Case(activation, {}, "gate", {"value": VALUE}), Case(activation, {}, "value", {"gate": GATE})]
    return tuple(found)


@cache
def varied() -> tuple[Case, ...]:
    """Every pointwise function that has parameters, with other values for them (exact in binary)."""
    found = [
        Case(a, {p.name: _other(p) for p in a.parameters})
        for a in declarations().values()
        if a.kind == "pointwise" and a.parameters
    ]
    return tuple(found)


def _other(parameter: Parameter) -> float:
    value = min(round(8 * (1.25 * parameter.default + 0.25)) / 8, parameter.high)
    parameter.check(value, parameter.name)
    return value
