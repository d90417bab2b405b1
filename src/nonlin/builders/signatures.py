"""The arguments of every function and module, derived from a declaration: the builders, stubs and docstrings read them.

They are torch's, in torch's order, with torch's defaults, wherever torch has the activation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nonlin.formula.declaration import Activation

REQUIRED = object()


@dataclass(frozen=True)
class Argument:
    """One argument: ``default`` is REQUIRED where there is none; ``keyword`` where it is keyword-only."""

    name: str
    annotation: str
    default: object = REQUIRED
    meaning: str = ""
    keyword: bool = False

    def __str__(self) -> str:
        text = f"{self.name}: {self.annotation}"
        return text if self.default is REQUIRED else f"{text} = {self.default!r}"


_INPUT = Argument("input", "Tensor", meaning="floating point, of any shape")
_INPLACE = Argument("inplace", "bool", False, "write the result into the input")
_OUT = Argument(
    "out",
    "Tensor | None",
    None,
    "write the result here, of the input's shape and dtype; not differentiable",
    keyword=True,
)
_DTYPE = Argument("dtype", "torch.dtype | None", None, "convert the input to this dtype first")
_VALUE = Argument(
    "value", "Tensor | None", None, "the values, where the input is the gate alone and not packed", keyword=True
)
_GATE_HALF = Argument(
    "gate_half",
    "str",
    "second",
    "which half of a packed input is the gate: 'second' (torch's convention) or 'first'",
    keyword=True,
)
_GATE = Argument("gate", "Any", "sigmoid", "the gate's function: whatever nonlin.get accepts", keyword=True)


def _gated(activation: Activation) -> list[Argument]:
    dim = Argument("dim", "int", -1, "the dimension along which a packed input is split")
    return [dim, _GATE, _GATE_HALF] if activation.name == "glu" else [dim, _GATE_HALF]


def _numbers(activation: Activation, *, learnable: bool) -> list[Argument]:
    return [
        Argument(p.name, "float | Tensor", REQUIRED if p.required else p.default, p.meaning)
        for p in activation.parameters
        if learnable or not p.learnable
    ]


def _choices(activation: Activation) -> list[Argument]:
    return [
        Argument(name, "str", next(iter(options)), "one of " + ", ".join(repr(option) for option in options))
        for name, options in activation.choices.items()
    ]


def functional(activation: Activation) -> list[Argument]:
    """The arguments of ``nonlin.functional.<name>``."""
    if activation.rule:
        from nonlin.builders import written  # imports torch

        return _inspected(written.rule(activation))
    if activation.kind == "gated":
        dim, *rest = _gated(activation)
        return [_INPUT, dim, _VALUE, *rest]
    if activation.kind == "rowwise":
        if activation.torch_name is None:
            return [_INPUT]
        dim = Argument("dim", "int | None", None, "the dimension that sums to 1")
        return [_INPUT, dim, Argument("_stacklevel", "int", 3, "how far up a warning points"), _DTYPE]
    arguments = [_INPUT, *_numbers(activation, learnable=True), *_choices(activation)]
    if activation.kind == "stochastic":
        arguments.append(Argument("training", "bool", False, "draw anew for every element, rather than take the mean"))
    if takes_inplace(activation):
        arguments.append(_INPLACE)
    return [*arguments, _OUT] if activation.kind == "pointwise" else arguments


def module(activation: Activation) -> list[Argument]:
    """The arguments of ``nonlin.<Title>``."""
    if activation.rule:
        from nonlin.builders import written  # imports torch

        made = written.written_class(activation)
        if made is not None:
            return _inspected(made.__init__)[1:]
        return [a for a in _inspected(written.rule(activation))[1:] if not a.annotation.startswith("Tensor")]
    if activation.kind == "gated":
        return _gated(activation)
    if activation.kind == "rowwise":
        return (
            []
            if activation.torch_name is None
            else [Argument("dim", "int | None", None, "the dimension that sums to 1")]
        )
    arguments = [*_numbers(activation, learnable=False), *_choices(activation)]
    if activation.learnable:
        arguments += [
            Argument(
                "num_parameters", "int", 1, "1: shared by all channels; else the number of channels (dimension 1)"
            ),
            *(
                Argument(p.argument or p.name, "float", p.default, f"initial value of {p.name}")
                for p in activation.learnable
            ),
            Argument("device", "Any", None),
            Argument("dtype", "torch.dtype | None", None),
        ]
    return [*arguments, _INPLACE] if takes_inplace(activation) else arguments


def _inspected(function: Callable[..., Any]) -> list[Argument]:
    """The arguments of a written function; all rules have ``from __future__ import annotations``: theirs are text."""
    return [
        Argument(
            p.name,
            str(p.annotation),
            REQUIRED if p.default is p.empty else p.default,
            keyword=p.kind is p.KEYWORD_ONLY,
        )
        for p in inspect.signature(function).parameters.values()
    ]


def takes_inplace(activation: Activation) -> bool:
    """Torch's habit where torch has the activation; everywhere else, wherever nothing is learned."""
    return activation.inplace or (
        activation.torch_name is None and activation.kind == "pointwise" and not activation.learnable
    )


def render(arguments: list[Argument]) -> str:
    """The arguments as Python text; keyword-only ones behind a star."""
    parts: list[str] = []
    for argument in arguments:
        if argument.keyword and "*" not in parts:
            parts.append("*")
        parts.append(str(argument))
    return ", ".join(parts)
