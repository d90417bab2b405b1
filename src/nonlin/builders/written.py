"""Functions and classes that are written by hand in :mod:`nonlin.rules`, dressed as the built ones are.

The signature is the written function's own. Of its arguments after ``input``, those that are tensors are given at every
call; the others are the module's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from types import FunctionType
from typing import Any

from torch import Tensor, nn

from nonlin.builders.documentation import function_docstring
from nonlin.formula.declaration import Activation


def rule(activation: Activation) -> FunctionType:
    """The function as it is written."""
    found: FunctionType = getattr(import_module(f"nonlin.rules.{activation.rule}"), activation.name)
    return found


def written_class(activation: Activation) -> Any:
    """The class as it is written, None where the rule holds no state."""
    return getattr(import_module(f"nonlin.rules.{activation.rule}"), activation.title, None)


def function(activation: Activation, module: str) -> Callable[..., Tensor]:
    """A copy of the written function that knows its declaration and is found in ``module``."""
    source = rule(activation)
    copy = FunctionType(
        source.__code__, source.__globals__, activation.name, source.__defaults__, source.__closure__
    )  # the written one keeps its name and docstring, whose example runs where it stands
    copy.__kwdefaults__ = source.__kwdefaults__
    copy.__annotations__ = dict(source.__annotations__)
    copy.__module__ = module
    copy.__doc__ = function_docstring(activation)
    copy.activation = activation  # type: ignore[attr-defined]
    return copy


def is_tensor(parameter: inspect.Parameter) -> bool:
    """Whether an argument is a tensor, given at every call."""
    return str(parameter.annotation).split(" ")[0] == "Tensor"


def stateless_methods(activation: Activation, call: Callable[..., Tensor]) -> dict[str, Any]:
    """``__init__`` and ``forward`` of a module that only keeps the function's arguments."""
    _, *arguments = inspect.signature(rule(activation)).parameters.values()
    kept = [p for p in arguments if not is_tensor(p)]
    tensors = [p for p in arguments if is_tensor(p)]
    given = "".join(f", {p}" for p in _starred(kept))
    text = f"def __init__(self{given}) -> None:\n    nn.Module.__init__(self)\n"
    text += "".join(f"    self.{p.name} = {p.name}\n" for p in kept)
    passed = "".join(f", {p.name}=self.{p.name}" for p in kept) + "".join(f", {p.name}={p.name}" for p in tensors)
    taken = "".join(f", {p.name}: Tensor | None = None" for p in tensors)
    text += f"def forward(self, input: Tensor{taken}) -> Tensor:\n    return _function(input{passed})\n"
    scope: dict[str, Any] = {"nn": nn, "Tensor": Tensor, "Any": Any, "_function": call}
    exec(compile(text, f"<nonlin.{activation.title}>", "exec"), scope)  # of a signature that is written in this package
    for name in ("__init__", "forward"):
        scope[name].__qualname__ = f"{activation.title}.{name}"
    return {"__init__": scope["__init__"], "forward": scope["forward"], "__constants__": [p.name for p in kept]}


def _starred(parameters: list[inspect.Parameter]) -> list[str]:
    parts: list[str] = []
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        parts.append(str(p))
    return parts
