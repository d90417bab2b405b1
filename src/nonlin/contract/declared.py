"""The cases of an activation whose formula is declared: they follow from the declaration.

A new activation brings its own cases, at its defaults, at other values of its parameters, in training where it is
stochastic, packed and apart where it is gated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp
import torch
from torch import Tensor, nn

from nonlin import registry
from nonlin.builders import classes, functions, signatures
from nonlin.contract.case import GATE, VALUE, Case, Scalar
from nonlin.contract.oracle import Oracle
from nonlin.formula import behaviour, calculus
from nonlin.formula.declaration import Activation, Parameter
from nonlin.formula.symbols import Where

CLEARANCE = 0.05  # how far samples stay from kinks: finite differences must not straddle them


@dataclass(frozen=True)
class Declared(Case):
    """An activation of the catalogue, or of :func:`nonlin.define`, with its arguments fixed.

    Args:
        activation: the declaration.
        variant: "default", "other" (parameters), "training", "apart" (gate and value as two tensors) ...
        parameters: the numbers of its formula, by name.
        options: its other arguments: dim, training, gate_half, approximate.
        apart: True where a gated one gets gate and value as two tensors.
    """

    activation: Activation
    variant: str = "default"
    parameters: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    apart: bool = False

    def __str__(self) -> str:
        return super().__str__()

    @property
    def name(self) -> str:
        return self.activation.name

    @property
    def elementwise(self) -> bool:
        return self.kind in ("pointwise", "stochastic") or self.apart

    @property
    def random(self) -> bool:
        return bool(self.options.get("training"))

    @property
    def takes_inplace(self) -> bool:
        return signatures.takes_inplace(self.activation)

    @property
    def learns(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.activation.learnable)

    @cached_property
    def on_a_kink(self) -> bool:
        if self.kind != "pointwise" or self.activation.rule:
            return False
        formula = calculus.expression(self._computed)
        values = {s: self.parameters[s.name] for s in formula.free_symbols if s.name in self.learns}
        conditions = [where.args[0] for where in formula.atoms(Where)]
        of_parameters = [
            c for c in conditions if len(c.args) == 2 and c.free_symbols and c.free_symbols <= values.keys()
        ]
        return any(sp.Add(c.args[0], -c.args[1]).subs(values).is_zero for c in of_parameters)

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """Where a branch of the formula changes, at these parameters."""
        if self.kind == "rowwise":
            return ()
        pointwise = registry.find(self.activation.gate) if self.activation.gate else self._computed
        known = {p.name for p in pointwise.parameters}
        return behaviour.breakpoints(pointwise, {n: v for n, v in self.parameters.items() if n in known})

    @property
    def _computed(self) -> Activation:
        """The declaration of what is computed: a choice such as ``approximate="tanh"`` is another formula."""
        for argument, names in self.activation.choices.items():
            if argument in self.options:
                return registry.find(names[self.options[argument]])
        return self.activation

    @property
    def function(self) -> Callable[..., Tensor]:
        return functions.of(self.activation)

    def bound(self, **more: Any) -> Callable[..., Tensor]:
        function, given = self.function, {**self.options, **more}
        if self.apart:
            return lambda gate, value: function(gate, value=value, **given)
        given |= {name: value for name, value in self.parameters.items() if name not in self.learns}
        names = self.learns
        return lambda x, *tensors: function(x, **dict(zip(names, tensors, strict=True)), **given)

    def module(self, *, channels: int = 1, **more: Any) -> nn.Module:
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
        shape: tuple[int, ...] | None = None,
        dtype: torch.dtype = torch.float64,
        *,
        seed: int = 0,
        scale: float = 2.0,
        grad: bool = False,
    ) -> tuple[Tensor, ...]:
        """Samples away from kinks."""
        generator = torch.Generator().manual_seed(seed)
        drawn = []
        for _ in range(2 if self.apart else 1):
            x = torch.randn(self.small if shape is None else shape, generator=generator, dtype=torch.float64) * scale
            for b in self.breakpoints:
                x = torch.where((x - b).abs() < CLEARANCE, b + CLEARANCE * torch.where(x < b, -1.0, 1.0) + (x - b), x)
            drawn.append(x.to(dtype).requires_grad_(grad))
        return tuple(drawn)

    def learned(
        self, dtype: torch.dtype = torch.float64, *, channels: int = 1, grad: bool = False
    ) -> tuple[Tensor, ...]:
        """One value each, or one a channel."""
        spread = torch.linspace(0.0, 0.5, channels, dtype=torch.float64)
        values = [self.parameters[name] for name in self.learns]
        return tuple((spread + value).to(dtype).requires_grad_(grad) for value in values)

    def scalars(self, dtype: torch.dtype) -> Iterator[Scalar]:
        function = self.function
        if self.kind == "gated":
            by_gate, by_value = self._gate_oracles
            yield Scalar(
                "of the gate", lambda x: function(x, value=torch.full_like(x, VALUE)), by_gate, self.breakpoints
            )
            yield Scalar("of the value", lambda x: function(torch.full_like(x, GATE), value=x), by_value, ())
        elif self.kind != "rowwise":
            given = {**self.parameters, **self.options}
            yield Scalar("", lambda x: function(x, **given), self._oracle, self.breakpoints)

    @cached_property
    def _gate_oracles(self) -> tuple[Oracle, Oracle]:
        return (
            Oracle(self.activation, {}, "gate", {"value": VALUE}),
            Oracle(self.activation, {}, "value", {"gate": GATE}),
        )

    @cached_property
    def _oracle(self) -> Oracle:
        return Oracle(self._computed, self.parameters if self._computed is self.activation else {})


def other_value(p: Parameter) -> float:
    """A value that is not the default, inside the bounds."""
    if p.unlimited_from is not None:
        return p.unlimited_from / 8
    value = round(8 * (p.default * 1.5 + 0.3)) / 8  # exact in every dtype
    return value if p.low <= value <= p.high else (p.low + p.high) / 2


def cases_of(activation: Activation) -> Iterator[Declared]:
    """Every case of a declared formula, its defaults first."""
    a = activation
    if a.kind == "rowwise":
        yield Declared(a, options={"dim": 1} if a.torch_name else {})
        if a.torch_name:
            yield Declared(a, "last_dim", options={"dim": -1})
        return
    if a.kind == "gated":
        yield Declared(a)
        yield Declared(a, "first_half", options={"gate_half": "first"})
        yield Declared(a, "apart", apart=True)
        return
    required = {p.name: p.default for p in a.parameters if p.required or p.learnable}
    yield Declared(a, parameters=required)
    if a.parameters:
        yield Declared(a, "other", parameters={p.name: other_value(p) for p in a.parameters})
    if a.kind == "stochastic":
        yield Declared(a, "training", options={"training": True})
    for argument, values in a.choices.items():
        for value in list(values)[1:]:
            yield Declared(a, value, parameters=required, options={argument: value})


def case_with(activation: Activation, arguments: Mapping[str, Any]) -> Declared:
    """The one case of arguments that a module is given, as in ``"leaky_relu(0.2)"``."""
    named = {(p.argument or p.name) if p.learnable else p.name: p for p in activation.parameters}
    needed = {p.name: p.default for p in activation.parameters if p.required or p.learnable}
    numbers = {named[name].name: float(value) for name, value in arguments.items() if name in named}
    skipped = {"inplace", "num_parameters", "device", "dtype"}
    options = {name: value for name, value in arguments.items() if name not in named and name not in skipped}
    return Declared(activation, parameters={**needed, **numbers}, options=options)
