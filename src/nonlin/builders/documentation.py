"""Docstrings, written from declarations: the equation, arguments, shapes, an example with its output, the source."""

from __future__ import annotations

import inspect

from nonlin import derived
from nonlin.builders import signatures
from nonlin.formula.declaration import Activation

_SHAPES = {
    "pointwise": "any shape and strides; the output has the input's shape, dtype and memory format.",
    "stochastic": "any shape; the output has the input's shape and dtype.",
    "gated": "packed: an even size along ``dim``, halved in the output; gate and value apart: shapes that broadcast.",
    "rowwise": "any shape; the output has the input's.",
}


def function_docstring(activation: Activation) -> str:
    """The docstring of ``nonlin.functional.<name>``."""
    if activation.rule:
        return _written(activation, "function")
    return _docstring(activation, signatures.functional(activation), "function")


def module_docstring(activation: Activation) -> str:
    """The docstring of ``nonlin.<Title>``."""
    if activation.rule:
        return _written(activation, "module")
    return _docstring(activation, signatures.module(activation), "module")


_WIDE = "float64; float32, bfloat16 and float16, on CPUs computed in float64 and rounded once."
_FUSED = (
    "float64; float32, within 2 ULP; bfloat16 and float16, rounded once. Eager CPU calls run a fused kernel, compiled once, "
    "where there is a C compiler."
)
_DTYPES = {"pointwise": _FUSED, "gated": _FUSED}


def _written(activation: Activation, key: str) -> str:
    """The declared summary and equation, the rest of the written docstring, the declared source."""
    from nonlin.builders import written

    made = written.written_class(activation) if key == "module" else None
    body = inspect.getdoc(made if made is not None else written.rule(activation)) or ""
    lines = [activation.summary, "", f"    {activation.title}: {activation.formula}", "", body, ""]
    if activation.source is not None:
        lines += ["Source:", f"    {activation.source}"]
    return "\n".join(lines).rstrip() + "\n"


def _docstring(activation: Activation, arguments: list[signatures.Argument], key: str) -> str:
    lines = [activation.summary, "", f"    {activation.title}: {activation.formula}", ""]
    described = [a for a in arguments if a.meaning]
    if described:
        lines += ["Args:", *(f"    {a.name}: {a.meaning}{_default(a)}." for a in described), ""]
    lines += ["Shape:", f"    {_SHAPES[activation.kind]}", ""]
    lines += [
        "Dtypes:",
        f"    {_DTYPES.get(activation.kind, _WIDE)}",
        "",
    ]
    shipped = derived.current(activation)
    if shipped is not None and "examples" in shipped:
        prompt = ["Example:", "    >>> import torch, nonlin", f"    >>> {examples(activation)[key]}"]
        lines += [*prompt, *(f"    {line}" for line in shipped["examples"][key]), ""]
    if activation.torch_name is not None:
        lines += [f"Takes the arguments of ``torch.nn.functional.{activation.torch_name}``.", ""]
    if activation.source is not None:
        lines += ["Source:", f"    {activation.source}"]
    return "\n".join(lines).rstrip() + "\n"


def _default(argument: signatures.Argument) -> str:
    shown = argument.default is not signatures.REQUIRED and argument.default is not None
    return f" (default {argument.default!r})" if shown else ""


def example_tensor(activation: Activation) -> str:
    """The input of a docstring's example, as text."""
    if activation.kind == "rowwise":
        return "torch.tensor([1.0, 2.0, 3.0])" if activation.torch_name else "torch.tensor([[[1.0]], [[2.0]], [[3.0]]])"
    return "torch.tensor([-2.0, -0.5, 0.5, 2.0])"


def examples(activation: Activation) -> dict[str, str]:
    """The calls that the two docstrings show; the shipped record holds what they print."""
    tensor = example_tensor(activation)
    dim = ["dim=-1"] if activation.kind == "rowwise" and activation.torch_name else []
    required = [p for p in activation.parameters if p.required]
    numbers = [f"torch.tensor({p.default})" if p.learnable else repr(p.default) for p in required]
    given = [repr(p.default) for p in required if not p.learnable]
    mode = ".eval()" if activation.kind == "stochastic" else ""  # no example draws at random
    shown = ".flatten()" if activation.kind == "rowwise" and not activation.torch_name else ""
    return {
        "function": f"nonlin.functional.{activation.name}({', '.join([tensor, *numbers, *dim])}){shown}",
        "module": f"nonlin.{activation.title}({', '.join([*given, *dim])}){mode}({tensor}){shown}",
    }
