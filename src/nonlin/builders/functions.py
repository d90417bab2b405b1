"""Functions from declarations: what ``nonlin.functional.<name>`` is built of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nonlin import registry
from nonlin.builders import signatures
from nonlin.builders.documentation import function_docstring
from nonlin.errors import ArgumentError, BoundsError, DimensionError
from nonlin.formula.declaration import Activation
from nonlin.kernels import gated as _gates
from nonlin.kernels.autograd import differentiable
from nonlin.kernels.rowwise import rowwise
from nonlin.kernels.stochastic import training_form
from nonlin.kernels.terms import formula

_FLOATING = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
MODULE = "nonlin.functional"  # where the functions are found


_built: dict[Activation, Callable[..., Tensor]] = {}


def of(activation: Activation) -> Callable[..., Tensor]:
    """The function of a declaration, built once."""
    if activation not in _built:
        _built[activation] = _build(activation)
    return _built[activation]


def _build(activation: Activation) -> Callable[..., Tensor]:
    builder = {"pointwise": _pointwise, "stochastic": _stochastic, "gated": _gated, "rowwise": _rowwise}[
        activation.kind
    ]
    body, names = builder(activation)
    arguments = signatures.functional(activation)
    text = f"def {activation.name}({signatures.render(arguments)}) -> Tensor:\n{body}"
    scope: dict[str, Any] = {"torch": torch, "Tensor": Tensor, "Any": Any, "_check": check_input, **names}
    exec(compile(text, f"<nonlin.functional.{activation.name}>", "exec"), scope)  # of names that the grammar admitted
    function: Callable[..., Tensor] = scope[activation.name]
    function.__module__ = (
        MODULE  # not as __name__ of the scope: torch.compile would look the scope's names up in that module
    )
    function.__doc__ = function_docstring(activation)
    function.activation = activation  # type: ignore[attr-defined]
    return function


def check_input(input: Any, owner: str) -> None:
    """Raise where ``input`` is not a floating point tensor."""
    if not isinstance(input, Tensor):
        raise ArgumentError(
            f"{owner}: got {type(input).__name__}; expected a torch.Tensor (wrap numbers with torch.tensor(...))"
        )
    if input.dtype not in _FLOATING:
        kind = "it is a function of real numbers" if input.is_complex() else "call it on x.float()"
        raise ArgumentError(
            f"{owner}: got a tensor of {input.dtype}; expected float32, bfloat16, float16 or float64; {kind}"
        )


def validator(activation: Activation) -> Callable[..., tuple[Any, ...]]:
    """A function that checks parameter values and returns them as the formula uses them."""
    parameters = activation.parameters
    index = {p.name: i for i, p in enumerate(parameters)}

    def validate(*values: Any) -> tuple[Any, ...]:
        used = []
        for p, value in zip(parameters, values, strict=True):
            if not isinstance(value, Tensor):
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise ArgumentError(
                        f"{activation.name}: {p.name} is {type(value).__name__}; expected a number or a tensor"
                    )
                p.check(value, activation.name)
                if p.below is not None and isinstance(other := values[index[p.below]], int | float) and value > other:
                    raise BoundsError(
                        f"{activation.name}: {p.name}={value!r} exceeds {p.below}={other!r}; expected {p.name} <= {p.below}"
                    )
                value = p.effective(value)
            used.append(value)
        return tuple(used)

    return validate


def _values(activation: Activation) -> tuple[str, list[str]]:
    """Text that validates parameters where they are not the defaults, and their names."""
    names = [p.name for p in activation.parameters]
    if not names:
        return "", []
    same = " and ".join(f"{p.name} is {p.name}_default" for p in activation.parameters if not p.required)
    packed = ", ".join(names) + ("," if len(names) == 1 else "")
    check = f"({packed}) = _validate({packed})"
    if len([p for p in activation.parameters if not p.required]) == len(names):
        effective = ", ".join(f"{n}_effective" for n in names) + ("," if len(names) == 1 else "")
        return f"    if {same}:\n        ({packed}) = ({effective})\n    else:\n        {check}\n", names
    return f"    {check}\n", names


def _defaults(activation: Activation) -> dict[str, Any]:
    """The default objects (compared by identity: the usual call validates nothing) and what the formula uses for them."""
    table: dict[str, Any] = {}
    for p in activation.parameters:
        table[f"{p.name}_default"] = p.default
        table[f"{p.name}_effective"] = p.effective(p.default)
    return table


def _pointwise(activation: Activation) -> tuple[str, dict[str, Any]]:
    term = formula(activation)
    learned = [i + 1 for i, p in enumerate(activation.parameters) if p.learnable]
    scope: dict[str, Any] = {"_call": differentiable(term, prepare=(0, *learned)), "_validate": validator(activation)}
    scope |= {"_in_place": _in_place, "_per_channel": per_channel}
    lines = f"    _check(input, {activation.name!r})\n"
    for argument, options in activation.choices.items():
        others = {option: of(registry.find(name)) for option, name in options.items() if name != activation.name}
        scope |= {f"_{argument}": others, "_unknown_choice": unknown_choice}
        default = next(iter(options))
        lines += f"    if {argument} != {default!r}:\n        if {argument} not in _{argument}:\n"
        lines += f"            _unknown_choice({activation.name!r}, {argument!r}, {argument}, {tuple(options)})\n"
        lines += f"        return _{argument}[{argument}](input)\n"
    text, names = _values(activation)
    scope |= _defaults(activation)
    lines += text
    for p in activation.parameters:
        lines += f"    if isinstance({p.name}, Tensor):\n        {p.name} = _per_channel({p.name}, input, {activation.name!r}, {p.name!r})\n"
    call = ", ".join(["input", *names])
    if signatures.takes_inplace(activation):
        lines += f"    if inplace:\n        return _in_place(_call, {call})\n"
    return lines + f"    return _call({call})\n", scope


def unknown_choice(owner: str, argument: str, value: object, options: tuple[str, ...]) -> None:
    raise BoundsError(f"{owner}: {argument}={value!r}; expected one of {', '.join(repr(o) for o in options)}")


def _in_place(call: Callable[..., Tensor], input: Tensor, *parameters: Any) -> Tensor:
    """Write the result into the input; where a gradient will be asked for, the backward keeps the old values."""
    keep = torch.is_grad_enabled() and (
        input.requires_grad or any(isinstance(p, Tensor) and p.requires_grad for p in parameters)
    )
    return input.copy_(call(input.clone() if keep else input, *parameters))


def per_channel(parameter: Tensor, input: Tensor, owner: str, name: str) -> Tensor:
    """A parameter's view that broadcasts against ``input``: one number, one a channel (dimension 1), or the input's shape."""
    if parameter.numel() == 1:
        return parameter.reshape(())
    if parameter.ndim > 1 or (input.ndim == 1 and parameter.shape == input.shape):
        return parameter
    channels = input.shape[1] if input.ndim >= 2 else 1
    if parameter.numel() != channels:
        raise BoundsError(
            f"{owner}: {name} has {parameter.numel()} elements and the input, of shape {tuple(input.shape)}, has {channels} channel(s) "
            f"in dimension 1; expected 1 or {channels} elements"
        )
    return parameter.view(channels, *[1] * (input.ndim - 2))


def _stochastic(activation: Activation) -> tuple[str, dict[str, Any]]:
    scope: dict[str, Any] = {
        "_training": training_form(activation),
        "_evaluation": differentiable(formula(activation), prepare=(0,)),
        "_validate": validator(activation),
        "_in_place": _in_place,
        **_defaults(activation),
    }
    text, names = _values(activation)
    call = ", ".join(["input", *names])
    lines = f"    _check(input, {activation.name!r})\n{text}    _call = _training if training else _evaluation\n"
    return lines + f"    if inplace:\n        return _in_place(_call, {call})\n    return _call({call})\n", scope


def _gated(activation: Activation) -> tuple[str, dict[str, Any]]:
    assert activation.gate is not None
    scope: dict[str, Any] = {
        "_split": _split,
        "_own": _gates.gated(registry.find(activation.gate)),
        "_gate_product": gate_product,
    }
    lines = f"    _check(input, {activation.name!r})\n    gate_, value = _split(input, dim, value, gate_half, {activation.name!r})\n"
    if activation.name == "glu":
        lines += f"    if gate != {activation.gate!r}:\n        return _gate_product(gate)(value, gate_)\n"
    return lines + "    return _own(value, gate_)\n", scope


def _split(input: Tensor, dim: int, value: Tensor | None, gate_half: str, owner: str) -> tuple[Tensor, Tensor]:
    if value is None:
        return _gates.halves(input, dim, gate_half, owner)
    check_input(value, owner)
    if value.dtype != input.dtype:
        raise ArgumentError(f"{owner}: the gate is {input.dtype} and the value {value.dtype}; expected one dtype")
    return input, value


_products: dict[str, Callable[..., Tensor]] = {}  # by the gate's text: torch.compile cannot follow how a text is parsed


def forget_gates() -> None:
    """Resolve the texts of gates anew: a name may stand for another formula now."""
    _products.clear()


def gate_product(gate: Any) -> Callable[..., Tensor]:
    """``f(value, gate)`` for whatever names an activation; fused where it has a pointwise formula."""
    if isinstance(gate, str):
        if torch.compiler.is_compiling():
            return _products[gate] if gate in _products else _gate_product(gate)
        if gate not in _products:
            _products[gate] = _gate_product(gate)
        return _products[gate]
    if not torch.compiler.is_compiling():
        return _gate_product(gate)
    own = registry.get(gate)
    return lambda value, gate: value * own(gate)


def held_gate(gate: Any) -> Any:
    """What a module keeps of its gate: a text where a formula without state says it all, else a module of its own."""
    if isinstance(gate, str):
        activation, _ = registry.parse(gate)
        return gate if activation.kind == "pointwise" and not activation.learnable else registry.get(gate)
    return registry.get(gate)


def _gate_product(gate: Any) -> Callable[..., Tensor]:
    activation, parameters, function = registry.resolve(gate)
    if isinstance(gate, str) and held_gate(gate) is not gate:
        raise ArgumentError(
            f"the gate {gate!r} learns, draws at random or needs its own module; give the module, such as "
            f"gate=nonlin.get({gate!r}), or use nonlin.GLU(gate={gate!r}), which holds one"
        )
    if activation is None or activation.kind != "pointwise" or activation.learnable:
        return lambda value, gate: value * function(gate)
    product, used = _gates.gated(activation), validator(activation)(*parameters)
    return lambda value, gate: product(value, gate, *used)


def _rowwise(activation: Activation) -> tuple[str, dict[str, Any]]:
    scope: dict[str, Any] = {"_call": rowwise(activation.name), "_dimension": _dimension, "_image": _image}
    lines = f"    _check(input, {activation.name!r})\n"
    if activation.torch_name is None:
        return lines + f"    return _call(input, _image(input, {activation.name!r}))\n", scope
    lines = "    if dtype is not None and isinstance(input, Tensor):\n        input = input.to(dtype)\n" + lines
    return lines + f"    return _call(input, _dimension(input, dim, _stacklevel, {activation.name!r}))\n", scope


def _dimension(input: Tensor, dim: int | None, stacklevel: int, owner: str) -> int:
    if dim is None:
        dim = 0 if input.ndim in (0, 1, 3) else 1
        warnings.warn(
            f"{owner}: dim is not given; {dim} is taken, as torch does. Give dim, usually dim=-1", stacklevel=stacklevel
        )
    ndim = max(input.ndim, 1)
    if not -ndim <= dim < ndim:
        raise DimensionError(
            f"{owner}: dim={dim} for a tensor of {input.ndim} dimension(s); expected {-ndim} to {ndim - 1}"
        )
    return dim


def _image(input: Tensor, owner: str) -> int:
    if input.ndim not in (3, 4):
        raise BoundsError(
            f"{owner}: got shape {tuple(input.shape)}; expected (channels, height, width) or (batch, channels, height, width)"
        )
    return -3
