"""One record per way of calling an activation: what every test of the public API reads.

The records follow from the declarations: a new activation brings its own cases, at its defaults, at other values of its
parameters, in training where it is stochastic, packed and apart where it is gated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from nonlin import registry
from nonlin.builders import classes, functions, signatures
from nonlin.catalogue import declarations
from nonlin.formula import behaviour
from nonlin.formula.declaration import Activation, Parameter

SHAPE = (1, 3, 1, 2)  # batch, channels, height, width: small, for Jacobians; the last is even, for gates
CLEARANCE = 0.05  # how far samples stay from kinks: finite differences must not straddle them


@dataclass(frozen=True)
class Case:
    """An activation with its arguments fixed.

    Args:
        activation: the declaration.
        variant: "default", "other" (parameters), "training", "apart" (gate and value as two tensors) ...
        parameters: the numbers of its formula, by name.
        options: its other arguments: dim, training, gate_half, approximate.
        apart: True where a gated one gets gate and value as two tensors.
    """

    activation: Activation
    variant: str = "default"
    parameters: dict[str, float] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    apart: bool = False

    def __str__(self) -> str:
        return self.activation.name if self.variant == "default" else f"{self.activation.name}-{self.variant}"

    @property
    def kind(self) -> str:
        return self.activation.kind

    @property
    def random(self) -> bool:
        """True where two calls draw different numbers."""
        return bool(self.options.get("training"))

    @property
    def takes_inplace(self) -> bool:
        return signatures.takes_inplace(self.activation)

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """Where a branch of the formula changes, at these parameters."""
        if self.kind == "rowwise":
            return ()
        pointwise = registry.find(self.activation.gate) if self.activation.gate else self.activation
        return behaviour.analyse(pointwise, {**pointwise.defaults, **self.parameters}).breakpoints

    @property
    def raw(self) -> Callable[..., Tensor]:
        """``nonlin.functional.<name>`` itself."""
        return functions.of(self.activation)

    def __call__(self, *tensors: Tensor, **more: Any) -> Tensor:
        """The functional form of (input, learned parameters ...) or (gate, value); random numbers drawn alike each time."""
        if self.random:
            with torch.random.fork_rng():
                torch.manual_seed(0)
                return self.plain(*tensors, **more)
        return self.plain(*tensors, **more)

    def plain(self, *tensors: Tensor, **more: Any) -> Tensor:
        """The same without a seed."""
        return self.bound(**more)(*tensors)

    def bound(self, **more: Any) -> Callable[..., Tensor]:
        """``nonlin.functional.<name>`` with all but the tensors given: what torch.compile is to see."""
        function, given = self.raw, {**self.options, **more}
        if self.apart:
            return lambda gate, value: function(gate, value=value, **given)
        learned = [p.name for p in self.activation.learnable]
        given |= {name: value for name, value in self.parameters.items() if name not in learned}
        return lambda x, *tensors: function(x, **dict(zip(learned, tensors, strict=True)), **given)

    def module(self, *, channels: int = 1, **more: Any) -> nn.Module:
        """``nonlin.<Title>`` with these arguments, in evaluation mode unless the case is a training one."""
        accepted = {a.name for a in signatures.module(self.activation)}
        given = {name: value for name, value in self.options.items() if name in accepted}
        for p in self.activation.parameters:
            if p.name in self.parameters:
                given[(p.argument or p.name) if p.learnable else p.name] = self.parameters[p.name]
        if self.activation.learnable:
            given["num_parameters"] = channels
        return classes.of(self.activation)(**given, **more).train(self.random)

    def data(
        self,
        shape: tuple[int, ...] = SHAPE,
        dtype: torch.dtype = torch.float64,
        *,
        seed: int = 0,
        scale: float = 2.0,
        grad: bool = False,
    ) -> tuple[Tensor, ...]:
        """Samples away from kinks: (input,), or (gate, value) where they come apart."""
        generator = torch.Generator().manual_seed(seed)
        drawn = []
        for _ in range(2 if self.apart else 1):
            x = torch.randn(shape, generator=generator, dtype=torch.float64) * scale
            for b in self.breakpoints:
                x = torch.where((x - b).abs() < CLEARANCE, b + CLEARANCE * torch.where(x < b, -1.0, 1.0) + (x - b), x)
            drawn.append(x.to(dtype).requires_grad_(grad))
        return tuple(drawn)

    def learned(
        self, dtype: torch.dtype = torch.float64, *, channels: int = 1, grad: bool = False
    ) -> tuple[Tensor, ...]:
        """A tensor for each learnable parameter, one value or one a channel."""
        spread = torch.linspace(0.0, 0.5, channels, dtype=torch.float64)
        values = [self.parameters[p.name] for p in self.activation.learnable]
        return tuple((spread + value).to(dtype).requires_grad_(grad) for value in values)

    def tensors(
        self,
        shape: tuple[int, ...] = SHAPE,
        dtype: torch.dtype = torch.float64,
        *,
        channels: int = 1,
        grad: bool = False,
    ) -> tuple[Tensor, ...]:
        """All tensor arguments of a call: data, then learned parameters."""
        return (*self.data(shape, dtype, grad=grad), *self.learned(dtype, channels=channels, grad=grad))


def other_value(p: Parameter) -> float:
    """A value that is not the default, inside the bounds."""
    if p.unlimited_from is not None:
        return p.unlimited_from / 8
    value = p.default * 1.5 + 0.3
    return value if p.low <= value <= p.high else (p.low + p.high) / 2


def cases_of(activation: Activation) -> Iterator[Case]:
    """Every case of one activation, its defaults first."""
    a = activation
    if a.kind == "rowwise":
        yield Case(a, options={"dim": 1} if a.torch_name else {})
        if a.torch_name:
            yield Case(a, "last_dim", options={"dim": -1})
        return
    if a.kind == "gated":
        yield Case(a)
        yield Case(a, "first_half", options={"gate_half": "first"})
        yield Case(a, "apart", apart=True)
        return
    required = {p.name: p.default for p in a.parameters if p.required or p.learnable}
    yield Case(a, parameters=required)
    if a.parameters:
        yield Case(a, "other", parameters={p.name: other_value(p) for p in a.parameters})
    if a.kind == "stochastic":
        yield Case(a, "training", options={"training": True})
    for argument, values in a.choices.items():
        for value in list(values)[1:]:
            yield Case(a, value, parameters=required, options={argument: value})


CASES: tuple[Case, ...] = tuple(case for activation in declarations().values() for case in cases_of(activation))
DEFAULTS: tuple[Case, ...] = tuple(next(cases_of(activation)) for activation in declarations().values())


def torch_function(activation: Activation) -> Callable[..., Tensor] | None:
    """The function of ``torch.nn.functional`` that computes the same, if there is one."""
    return getattr(nn.functional, activation.torch_name) if activation.torch_name else None


def torch_class(activation: Activation) -> type[nn.Module] | None:
    """The class of ``torch.nn`` that computes the same, if there is one (``torch.nn.Bilinear`` is a layer)."""
    return getattr(nn.modules.activation, activation.title, None)
