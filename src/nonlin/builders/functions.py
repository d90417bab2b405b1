"""Functions from declarations: what ``nonlin.functional.<name>`` is built of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.fx.proxy import Proxy
from torch.overrides import handle_torch_function

from nonlin import registry
from nonlin.builders import signatures, written
from nonlin.builders.documentation import function_docstring
from nonlin.errors import ArgumentError, BoundsError
from nonlin.formula.declaration import Activation
from nonlin.kernels import gated as _gates
from nonlin.kernels.inputs import check_input
from nonlin.kernels.learned import per_channel
from nonlin.kernels.pointwise import pointwise
from nonlin.kernels.rowwise import rowwise
from nonlin.kernels.stochastic import training_form

MAX_KNOWN = 256  # values of parameters that are not checked again
MODULE = "nonlin.functional"  # where the functions are found


_built: dict[Activation, Callable[..., Tensor]] = {}


def of(activation: Activation) -> Callable[..., Tensor]:
    """The function of a declaration, built once."""
    if activation not in _built:
        _built[activation] = written.function(activation, MODULE) if activation.rule else _build(activation)
    return _built[activation]


def _build(activation: Activation) -> Callable[..., Tensor]:
    builder = {"pointwise": _pointwise, "stochastic": _stochastic, "gated": _gated, "rowwise": _rowwise}[
        activation.kind
    ]
    body, names = builder(activation)
    arguments = signatures.functional(activation)
    given = ", ".join(f"{a.name}={a.name}" if a.keyword else a.name for a in arguments)
    # a torch function mode sees these functions as it sees torch's own; asking whether there is one costs 80 ns at most (Intel Xeon)
    watched = f"    if _modes():\n        return _handed(_itself, {given})\n"
    text = f"def {activation.name}({signatures.render(arguments)}) -> Tensor:\n{watched}{body}"
    scope: dict[str, Any] = {"torch": torch, "Tensor": Tensor, "Any": Any, "_check": check_input, **names}
    scope |= {"_modes": torch._C._len_torch_function_stack, "_handed": _handed}
    exec(compile(text, f"<nonlin.functional.{activation.name}>", "exec"), scope)  # of names that the grammar admitted
    function: Callable[..., Tensor] = scope[activation.name]
    scope["_itself"] = function  # not by its name, which an argument may have too: threshold(input, threshold, value)
    # the declaration's own objects, not equal ones from the text: _calls compares by identity
    function.__defaults__ = tuple(
        a.default for a in arguments if not a.keyword and a.default is not signatures.REQUIRED
    )
    function.__module__ = (
        MODULE  # not as __name__ of the scope: torch.compile would look the scope's names up in that module
    )
    function.__doc__ = function_docstring(activation)
    function.activation = activation  # type: ignore[attr-defined]
    return function


def _handed(function: Callable[..., Tensor], input: Tensor, *arguments: Any, **options: Any) -> Tensor:
    """The call handed to the torch function modes that are on, innermost first."""
    found: Tensor = handle_torch_function(function, (input,), input, *arguments, **options)
    return found


def validator(activation: Activation) -> Callable[..., tuple[Any, ...]]:
    """A function that checks parameter values and returns them as the formula uses them."""
    parameters = activation.parameters
    index = {p.name: i for i, p in enumerate(parameters)}
    known: dict[tuple[float, ...], tuple[float, ...]] = {}  # a module gives the same ones at every call

    def validate(*values: Any) -> tuple[Any, ...]:
        if torch.compiler.is_compiling():  # an export tells of what a call leaves behind
            return checked(values)
        for value in values:
            if type(value) is not float:  # True, which is refused, equals 1.0
                return checked(values)
        if values not in known:
            found = checked(values)
            if len(known) >= MAX_KNOWN:
                known.clear()
            known[values] = found
        return known[values]

    def checked(values: tuple[Any, ...]) -> tuple[Any, ...]:
        used = []
        for p, value in zip(parameters, values, strict=True):
            if not isinstance(value, Tensor | Proxy):  # what torch.fx traces stands for a tensor
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


def _defaults(activation: Activation) -> dict[str, Any]:
    """The default objects, compared by identity: the usual call validates nothing."""
    table: dict[str, Any] = {}
    for p in activation.parameters:
        table[f"{p.name}_default"] = p.default
    return table


def _pointwise(activation: Activation) -> tuple[str, dict[str, Any]]:
    scope: dict[str, Any] = {"_call": pointwise(activation), "_validate": validator(activation)}
    scope |= {"_in_place": _in_place, "_into": _into, **_defaults(activation)}
    lines = ""
    for argument, options in activation.choices.items():
        others = {option: of(registry.find(name)) for option, name in options.items() if name != activation.name}
        scope |= {f"_{argument}": others, "_unknown_choice": unknown_choice}
        default = next(iter(options))
        lines += f"    if {argument} != {default!r}:\n        if {argument} not in _{argument}:\n"
        lines += f"            _unknown_choice({activation.name!r}, {argument!r}, {argument}, {tuple(options)})\n"
        lines += f"        _check(input, {activation.name!r})\n        return _{argument}[{argument}](input)\n"
    return lines + _calls(activation, "_call", signatures.takes_inplace(activation)), scope


def _calls(activation: Activation, call: str, inplace: bool) -> str:
    """Text that calls with the parameters as the formula uses them; the usual call, with the defaults, checks nothing."""
    names = [p.name for p in activation.parameters]

    def calls(indent: str, values: list[str]) -> str:
        arguments = ", ".join(["input", *values])
        text = f"{indent}if inplace:\n{indent}    return _in_place({call}, {arguments})\n" if inplace else ""
        if activation.kind == "pointwise":
            text += f"{indent}if out is not None:\n{indent}    return _into({call}, out, {arguments})\n"
        return f"{text}{indent}return {call}({arguments})\n"

    if not names:
        return calls("    ", [])
    lines = ""
    if not any(p.required for p in activation.parameters):
        same = " and ".join(f"{n} is {n}_default" for n in names)
        lines += f"    if {same}:\n" + calls("        ", [])
    if activation.learnable == activation.parameters:  # tensors have no bounds to check
        lines += f"    if {' and '.join(f'isinstance({n}, Tensor)' for n in names)}:\n" + calls("        ", names)
    packed = ", ".join(names) + ("," if len(names) == 1 else "")
    lines += f"    ({packed}) = _validate({packed})\n"
    if activation.kind != "pointwise":  # whose calls do that themselves
        for n in names:
            lines += (
                f"    if isinstance({n}, Tensor):\n        {n} = _per_channel({n}, input, {activation.name!r}, {n!r})\n"
            )
    return lines + calls("    ", names)


def unknown_choice(owner: str, argument: str, value: object, options: tuple[str, ...]) -> None:
    raise BoundsError(f"{owner}: {argument}={value!r}; expected one of {', '.join(repr(o) for o in options)}")


def _in_place(call: Callable[..., Tensor], input: Tensor, *parameters: Any) -> Tensor:
    """Write the result into the input; where a gradient will be asked for, the backward keeps the old values."""
    if torch.is_grad_enabled() and (
        input.requires_grad or any(isinstance(p, Tensor) and p.requires_grad for p in parameters)
    ):
        return input.copy_(call(input.clone(), *parameters))
    if torch.compiler.is_compiling() or not hasattr(call, "into"):
        return input.copy_(call(input, *parameters))
    return call.into(input, input, *parameters)  # type: ignore[no-any-return]


def _into(call: Callable[..., Tensor], out: Tensor, input: Tensor, *parameters: Any) -> Tensor:
    """Write the result into ``out``."""
    if not isinstance(out, Tensor) or out.shape != input.shape or out.dtype != input.dtype:
        given = f"{out.dtype} {tuple(out.shape)}" if isinstance(out, Tensor) else type(out).__name__
        raise ArgumentError(f"out= is {given}; expected a tensor of {input.dtype} {tuple(input.shape)}, as the input")
    if torch.is_grad_enabled() and (out.requires_grad or input.requires_grad):
        raise ArgumentError("out= cannot be differentiated; leave it away, or call under torch.no_grad()")
    if torch.compiler.is_compiling() or not hasattr(call, "into"):
        return out.copy_(call(input, *parameters))
    return call.into(out, input, *parameters)  # type: ignore[no-any-return]


def _stochastic(activation: Activation) -> tuple[str, dict[str, Any]]:
    scope: dict[str, Any] = {
        "_training": training_form(activation),
        "_evaluation": pointwise(activation),
        "_validate": validator(activation),
        "_in_place": _in_place,
        "_per_channel": per_channel,
        **_defaults(activation),
    }
    lines = f"    _check(input, {activation.name!r})\n    _call = _training if training else _evaluation\n"
    return lines + _calls(activation, "_call", inplace=True), scope


def _gated(activation: Activation) -> tuple[str, dict[str, Any]]:
    assert activation.gate is not None
    scope: dict[str, Any] = {
        "_product": _product,
        "_own": _gates.gated(registry.find(activation.gate)),
        "_gate_product": gate_product,
    }
    lines = f"    _check(input, {activation.name!r})\n"
    if activation.name == "glu":
        lines += f"    if gate != {activation.gate!r}:\n"
        lines += f"        return _product(_gate_product(gate), input, dim, value, gate_half, {activation.name!r})\n"
    return lines + f"    return _product(_own, input, dim, value, gate_half, {activation.name!r})\n", scope


def _product(
    multiply: Callable[..., Tensor], input: Tensor, dim: int, value: Tensor | None, gate_half: str, owner: str
) -> Tensor:
    """value * f(gate), of a packed tensor or of two."""
    if value is None:
        if hasattr(multiply, "packed") and not torch.compiler.is_compiling():
            return multiply.packed(input, dim, gate_half, owner)  # type: ignore[no-any-return]
        gate, value = _gates.halves(input, dim, gate_half, owner)
        return multiply(value, gate)
    check_input(value, owner)
    if value.dtype != input.dtype:
        raise ArgumentError(f"{owner}: the gate is {input.dtype} and the value {value.dtype}; expected one dtype")
    return multiply(value, input)


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
    if not used:
        return product

    def multiply(value: Tensor, gate: Tensor) -> Tensor:
        return product(value, gate, *used)

    def packed(input: Tensor, dim: int, gate_half: str, owner: str) -> Tensor:
        return product.packed(input, dim, gate_half, owner, *used)  # type: ignore[attr-defined, no-any-return]

    multiply.packed = packed  # type: ignore[attr-defined]
    return multiply


def _rowwise(activation: Activation) -> tuple[str, dict[str, Any]]:
    scope: dict[str, Any] = {"_call": rowwise(activation.name), "_dimension": _dimension, "_image": _image}
    lines = f"    _check(input, {activation.name!r})\n"
    if activation.torch_name is None:
        return lines + f"    return _call(input, _image(input, {activation.name!r}))\n", scope
    lines = "    if dtype is not None and isinstance(input, Tensor):\n        input = input.to(dtype)\n" + lines
    lines = "    if dim is not None and dtype is None:\n        return _call(input, dim)\n" + lines
    return lines + f"    return _call(input, _dimension(input, dim, _stacklevel, {activation.name!r}))\n", scope


def _dimension(input: Tensor, dim: int | None, stacklevel: int, owner: str) -> int:
    if dim is None:
        dim = 0 if input.ndim in (0, 1, 3) else 1
        warnings.warn(
            f"{owner}: dim is not given; {dim} is taken, as torch does. Give dim, usually dim=-1", stacklevel=stacklevel
        )
    return dim


def _image(input: Tensor, owner: str) -> int:
    if input.ndim not in (3, 4):
        raise BoundsError(
            f"{owner}: got shape {tuple(input.shape)}; expected (channels, height, width) or (batch, channels, height, width)"
        )
    return -3
