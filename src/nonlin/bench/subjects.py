"""What is compared: a function of nonlin's, and the same computed by torch's own operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nonlin import registry
from nonlin.bench.spelling import spelled
from nonlin.builders import functions
from nonlin.errors import ArgumentError, NonlinError
from nonlin.facts.lookup import declared
from nonlin.formula.declaration import Activation

Function = Callable[..., Tensor]
MAX_COLUMNS = 1024  # of a packed gated unit's output: rows as long as a layer's features


@dataclass(frozen=True)
class Subject:
    """A function with the arguments fixed that are not tensors.

    Args:
        name: as it was asked for, such as ``"leaky_relu(0.2)"``.
        own: nonlin's function of the tensors that :meth:`tensors` makes.
        eager: the same in eager torch.
        eager_is: what that is: torch's own function, or the formula in several of its operations.
        pointwise: the declaration of the function of one number in it: itself, or a gated unit's gate.
        inputs: how many tensors, of the output's size each, it reads.
        packed: True where these are halves of one tensor.
        learned: the initial values of learned parameters.
    """

    name: str
    own: Function
    eager: Function
    eager_is: str
    pointwise: Activation
    inputs: int = 1
    packed: bool = False
    learned: tuple[float, ...] = ()

    def shape(self, elements: int) -> tuple[int, ...]:
        """The shape of an output of ``elements`` elements: one row, or the rows that a packed input has."""
        columns = math.gcd(elements, MAX_COLUMNS)
        return (elements // columns, columns) if self.packed else (elements,)

    def tensors(self, elements: int, dtype: torch.dtype, *, scale: float = 1.0) -> tuple[Tensor, ...]:
        """Normal values for an output of ``elements`` elements, and the learned parameters: always the same ones."""
        generator = torch.Generator().manual_seed(0)
        shape, count = self.shape(elements), self.inputs
        if self.packed:
            shape, count = (*shape[:-1], shape[-1] * self.inputs), 1
        drawn = [(torch.randn(shape, generator=generator) * scale).to(dtype) for _ in range(count)]
        return (*drawn, *(torch.tensor([value], dtype=dtype) for value in self.learned))

    def traffic(self, *, training: bool) -> int:
        """Tensors of the output's size that must be read or written at least: backward reads inputs and gradient again."""
        forward = self.inputs + 1
        return forward + self.inputs + 1 + self.inputs if training else forward


def default_names() -> list[str]:
    """Every pointwise and gated formula but the identity, which computes nothing."""
    known = registry.all_activations().values()
    return [a.name for a in known if a.kind in ("pointwise", "gated") and a.formula != "x" and not a.rule]


def subject(text: str) -> Subject:
    """What a name, with arguments where given, stands for.

    Raises:
        UnknownNameError: for an unknown name, with the nearest. NonlinError: for one that works on whole rows.
    """
    activation, given = registry.parse(text)
    if activation.rule:
        raise NonlinError(
            f"nonlin bench times formulas, each against its spelling in torch operations; {activation.name} "
            f"({activation.kind}) has none. Leave it out; nonlin.names(kind='pointwise') lists what can be named"
        )
    if activation.kind == "rowwise":
        raise NonlinError(
            f"nonlin bench times functions of single numbers and gated units; {activation.name} works on whole rows. "
            "Leave it out; nonlin.names(kind='pointwise') and nonlin.names(kind='gated') list what can be named"
        )
    return _gated(text, activation, given) if activation.kind == "gated" else _pointwise(text)


def _pointwise(text: str) -> Subject:
    activation, values = declared(text)
    eager, eager_is = eager_function(activation, values)
    return Subject(
        text,
        bound(functions.of(activation), activation, values),
        eager,
        eager_is,
        activation,
        learned=_learned(activation, values),
    )


def _gated(text: str, activation: Activation, given: Mapping[str, Any]) -> Subject:
    if unknown := sorted(given.keys() - {"gate"}):
        raise ArgumentError(
            f"{text!r} gives {unknown[0]}; nonlin bench multiplies a gate by a value, each a tensor of its own: give gate alone"
        )
    function = functions.of(activation)
    gate, values = declared(given.get("gate", activation.gate))
    if gate.learnable:
        raise ArgumentError(
            f"{text!r}: the gate {gate.name} learns; nonlin bench takes gates without learned parameters"
        )
    if activation.torch_name and "gate" not in given:  # torch's takes one tensor, its second half the gate
        return Subject(text, function, *torch_function(activation, {}), gate, inputs=2, packed=True)
    factor, factor_is = eager_function(gate, values)
    own = partial(function, gate=given["gate"]) if "gate" in given else function
    return Subject(
        text,
        lambda gate, value: own(gate, value=value),
        product(factor) if gate.formula != "x" else torch.mul,
        f"{factor_is}, times the value" if gate.formula != "x" else "torch.mul",
        gate,
        inputs=2,
    )


def product(factor: Function) -> Function:
    """A gated unit of any function."""
    return lambda gate, value: factor(gate) * value


def bound(function: Function, activation: Activation, values: Mapping[str, float]) -> Function:
    """``function`` of x and learned parameters: the others fixed where they are given or have no default of their own."""
    learned = [p.name for p in activation.learnable]
    fixed = {
        p.name: values.get(p.name, p.default)
        for p in activation.parameters
        if not p.learnable and (p.required or p.name in values)
    }
    if activation.parameters[: len(learned)] == activation.learnable:  # they follow x: no names needed
        return partial(function, **fixed) if fixed else function
    return lambda x, *tensors: function(x, **dict(zip(learned, tensors, strict=True)), **fixed)


def _learned(activation: Activation, values: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(values.get(p.name, p.default) for p in activation.learnable)


def eager_function(activation: Activation, values: Mapping[str, float]) -> tuple[Function, str]:
    """A pointwise function in eager torch, and in words what it is."""
    if activation.formula == "x":
        return torch.nn.Identity().forward, "its input"
    if activation.torch_name:
        return torch_function(activation, values)
    for other in registry.all_activations().values():
        for argument, options in other.choices.items():
            chosen = [option for option, name in options.items() if name == activation.name]
            if chosen and other.torch_name:
                own, name = _named(other.torch_name)
                return partial(own, **{argument: chosen[0]}), f"{name}({argument}={chosen[0]!r})"
    return spelled(activation, values), "its formula in torch operations"


def torch_function(activation: Activation, values: Mapping[str, float]) -> tuple[Function, str]:
    """Torch's own function of a declaration that names one."""
    assert activation.torch_name is not None
    function, name = _named(activation.torch_name)
    return bound(function, activation, values), name


def _named(name: str) -> tuple[Function, str]:
    # torch.relu is quicker at 64 elements than torch.nn.functional.relu, which looks for subclasses first
    if hasattr(torch, name):
        return getattr(torch, name), f"torch.{name}"
    return getattr(functional, name), f"torch.nn.functional.{name}"


def subjects(names: Sequence[str]) -> list[Subject]:
    """The functions named, or all; each at most once."""
    chosen = [subject(name) for name in (names or default_names())]
    seen = [s.name for s in chosen]
    if twice := sorted({name for name in seen if seen.count(name) > 1}):
        raise NonlinError(f"{', '.join(twice)} is named more than once; name each function once")
    return chosen
