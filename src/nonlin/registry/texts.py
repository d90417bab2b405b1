"""Short texts: a name, or a name with arguments, such as ``"leaky_relu(0.2)"`` or ``"keras:leaky_relu"``."""

from __future__ import annotations

import ast
from typing import Any

from nonlin import dialects
from nonlin.errors import ArgumentError, FormulaError, suggestion
from nonlin.formula.declaration import Activation
from nonlin.registry.index import find, key, keys


def parse(text: str) -> tuple[Activation, dict[str, Any]]:
    """``"leaky_relu(0.2)"`` as a declaration and the arguments given to it. Only literals are allowed inside.

    The name of another library brings that library's values; arguments beside it, by their names here, count more.
    """
    name, _, arguments = text.strip().partition("(")
    translated = dialects.translate(name.strip()) if key(name) not in keys() else None
    if translated is None:
        return _parse(text)
    activation, given = _parse(translated)
    if arguments:
        activation, others = _parse(f"{activation.name}({arguments}")
        given = {**given, **others}
    return activation, given


def _parse(text: str) -> tuple[Activation, dict[str, Any]]:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return find(text), {}
    if not isinstance(node, ast.Call):
        return find(text), {}
    if not isinstance(node.func, ast.Name):
        raise FormulaError(f"{text!r} is not a name with arguments; expected something like 'leaky_relu(0.2)'")
    activation = find(node.func.id)
    from nonlin.builders import signatures

    accepted = signatures.module(activation)
    positional = [a.name for a in accepted if not a.keyword]
    if len(node.args) > len(positional):
        takes = ", ".join(positional) or "none"
        raise ArgumentError(
            f"{text!r} gives {len(node.args)} arguments; {activation.name} takes {len(positional)}: {takes}"
        )
    given: dict[str, Any] = {}
    for name, value in [*zip(positional, node.args, strict=False), *((k.arg or "**", k.value) for k in node.keywords)]:
        if name not in {a.name for a in accepted}:
            hint = suggestion(name, [a.name for a in accepted])
            raise ArgumentError(
                f"{activation.name} has no argument {name!r}{hint}; it takes {', '.join(a.name for a in accepted) or 'none'}"
            )
        if name in given:
            raise ArgumentError(f"{text!r} gives {name} twice")
        try:
            given[name] = ast.literal_eval(value)
        except ValueError:
            raise FormulaError(
                f"{ast.unparse(value)!r} in {text!r} is not a plain value; expected a number, a string, True or False"
            ) from None
    return activation, given
