"""Module classes from declarations: what ``nonlin.<Title>`` is built of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from nonlin import registry
from nonlin.builders import functions, signatures, written
from nonlin.builders.documentation import module_docstring
from nonlin.formula.declaration import Activation
from nonlin.kernels import gated

MODULE = "nonlin.modules"  # where the classes are found, by pickle too


class ActivationModule(nn.Module):
    """Base of every module that is built from a declaration, which is its class attribute ``activation``."""

    activation: ClassVar[Activation]
    __constants__: ClassVar[list[str]] = []

    def extra_repr(self) -> str:
        """The arguments, as torch.nn shows them: numbers always, a flag where it is set."""
        shown = []
        for argument in signatures.module(self.activation):
            if argument.name in ("device", "dtype"):
                continue
            value = getattr(self, argument.name)
            if value is not False and not isinstance(value, nn.Module):  # a held gate shows as a child
                shown.append(f"{argument.name}={value!r}")
        return ", ".join(shown)

    def __reduce__(self) -> Any:
        if registry.is_catalogued(self.activation):
            return super().__reduce__()
        return _rebuild, (self.activation,), self.__dict__


def _rebuild(activation: Activation) -> nn.Module:
    """An empty module of a defined formula: it loads in a process that has never heard of the formula."""
    module: nn.Module = of(activation).__new__(of(activation))
    return module


class Function(nn.Module):
    """Any callable as a module, so that it can stand wherever a module is wanted."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def extra_repr(self) -> str:
        return getattr(self.function, "__name__", repr(self.function))


_built: dict[Activation, type[ActivationModule]] = {}


def of(activation: Activation) -> type[ActivationModule]:
    """The class of a declaration, built once."""
    if activation not in _built:
        _built[activation] = _written(activation) if activation.rule else _build(activation)
    return _built[activation]


class WrittenModule(ActivationModule):
    """Base of the modules that are written in :mod:`nonlin.rules`: state, and how it becomes the function's arguments."""

    _function: ClassVar[Callable[..., Tensor]]  # not looked up at each call: torch.compile cannot follow that
    _names: ClassVar[tuple[str, ...]]

    def arguments(self, input: Tensor) -> dict[str, Any]:
        """The arguments of the function beside ``input``; a small network computes them from the input."""
        return {name: getattr(self, name) for name in self._names}

    def forward(self, input: Tensor) -> Tensor:
        return self._function(input, **self.arguments(input))


def _written(activation: Activation) -> type[ActivationModule]:
    """The class written beside the rule, or, where it holds no state, one made of the function's arguments."""
    base = written.written_class(activation)
    body: dict[str, Any] = {"__module__": MODULE, "__doc__": module_docstring(activation), "activation": activation}
    if base is None:
        base = ActivationModule
        body |= written.stateless_methods(activation, functions.of(activation))
    else:
        names = tuple(a.name for a in signatures.module(activation))
        body |= {"_function": staticmethod(functions.of(activation)), "_names": names}
    return type(activation.title, (base,), body)


def _build(activation: Activation) -> type[ActivationModule]:
    arguments = signatures.module(activation)
    text = f"def __init__(self{', ' if arguments else ''}{signatures.render(arguments)}) -> None:\n    nn.Module.__init__(self)\n"
    learned = {p.argument or p.name for p in activation.learnable}
    for argument in arguments:
        if argument.name not in {"device", "dtype"}:
            kept = "_held_gate(gate)" if argument.name == "gate" else argument.name
            text += f"    self.{argument.name} = {kept}\n"
    if activation.parameters and activation.kind != "gated":
        values = ", ".join(p.name if not p.learnable else (p.argument or p.name) for p in activation.parameters)
        text += f"    _validate({values})\n"
    for p in activation.learnable:
        text += f"    self.{p.name} = nn.Parameter(torch.full((num_parameters,), float({p.argument or p.name}), device=device, dtype=dtype))\n"
    for name, options in activation.choices.items():
        text += f"    if {name} not in {tuple(options)}:\n        _unknown_choice({activation.title!r}, {name!r}, {name}, {tuple(options)})\n"
    if any(argument.name == "gate" for argument in arguments):
        text += "    _gate_product(self.gate)\n"  # an unknown name is an error here, and torch.compile finds it built
    if activation.kind == "gated":
        text += f"    _check_half(gate_half, {activation.title!r})\n"
    text += _FORWARD[activation.kind](activation)
    if learned:
        fills = "".join(f"    nn.init.constant_(self.{p.name}, self.{p.argument})\n" for p in activation.learnable)
        text += f"def reset_parameters(self) -> None:\n{fills}"
    scope: dict[str, Any] = {
        "torch": torch, "nn": nn, "Tensor": Tensor, "Any": Any, "_function": functions.of(activation),
        "_validate": functions.validator(activation), "_unknown_choice": functions.unknown_choice, "_gate_product": functions.gate_product,
        "_held_gate": functions.held_gate, "_check_half": gated.check_half,
    }  # fmt: skip
    exec(compile(text, f"<nonlin.{activation.title}>", "exec"), scope)  # of names that the grammar admitted
    body: dict[str, Any] = {
        "__module__": MODULE,
        "__doc__": module_docstring(activation),
        "__constants__": [a.name for a in arguments if a.name not in ("device", "dtype", "gate")],
        "activation": activation,
        "__init__": scope["__init__"],
        "forward": scope["forward"],
    }
    if learned:
        body["reset_parameters"] = scope["reset_parameters"]
    for method in ("__init__", "forward", "reset_parameters"):
        if method in body:
            body[method].__module__, body[method].__qualname__ = MODULE, f"{activation.title}.{method}"
    return type(activation.title, (ActivationModule,), body)


def _elementwise(activation: Activation) -> str:
    given = [f"self.{p.name}" for p in activation.parameters] + [f"self.{name}" for name in activation.choices]
    if activation.kind == "stochastic":
        given.append("self.training")
    if signatures.takes_inplace(activation):
        given.append("self.inplace")
    return f"def forward(self, input: Tensor) -> Tensor:\n    return _function({', '.join(['input', *given])})\n"


def _gated(activation: Activation) -> str:
    gate = ", gate=self.gate" if activation.name == "glu" else ""
    return (
        "def forward(self, input: Tensor, value: Tensor | None = None) -> Tensor:\n"
        f"    return _function(input, self.dim, value=value, gate_half=self.gate_half{gate})\n"
    )


def _rowwise(activation: Activation) -> str:
    # a warning passes forward and torch's two frames of a module call before it reaches the caller's line
    arguments = "input, self.dim, _stacklevel=6" if activation.torch_name else "input"
    return f"def forward(self, input: Tensor) -> Tensor:\n    return _function({arguments})\n"


_FORWARD: dict[str, Callable[[Activation], str]] = {
    "pointwise": _elementwise, "stochastic": _elementwise, "gated": _gated, "rowwise": _rowwise,
}  # fmt: skip
