"""Formulas of one's own as full members."""

from __future__ import annotations

import keyword
from typing import Any

from nonlin.errors import ArgumentError, BoundsError, FormulaError
from nonlin.formula.declaration import Activation, Parameter
from nonlin.registry.index import by_key, defined, key, keys, register


def define(
    name: str,
    formula: str,
    *,
    stable: str | None = None,
    summary: str | None = None,
    title: str | None = None,
    aliases: tuple[str, ...] = (),
    family: str = "defined",
    source: Any = None,
    **parameters: Any,
) -> Activation:
    """Make a formula a full member: module, functional, facts, guide page and checks follow from it.

    Args:
        name: an identifier that is not taken (a formula of your own may be defined anew);
            ``nonlin.functional.<name>`` and, in CamelCase, ``nonlin.<Name>`` follow.
        formula: a formula in ``x`` and the parameters' names, such as ``"x * tanh(exp(x))"``. Numbers, ``+ - * / **``,
            comparisons, ``where(condition, a, b)`` and the functions that :mod:`nonlin.formula.primitives` lists.
            It is parsed, never executed.
        stable: an equal formula that loses no digits, where the first does.
        summary, title, aliases, family, source: as in the catalogue.
        **parameters: a default for each parameter in the formula, or a :class:`nonlin.Parameter` for bounds or
            ``learnable=True`` (the module's argument for its initial value is then ``<name>_init``).

    Returns:
        The declaration.

    Raises:
        FormulaError: where the text is not a formula. ValueError: where the name is taken or not an identifier.

    Example:
        >>> import nonlin, torch
        >>> cubic = nonlin.define("cubic_gate", "x * sigmoid(s * x**3)", s=1.0)
        >>> nonlin.get("cubic_gate")(torch.tensor(1.0))
        tensor(0.7311)
    """
    from nonlin.formula import calculus

    title = title or "".join(part.capitalize() for part in name.split("_"))
    _check_names(name, title, aliases)
    declared = tuple(_parameter(name, key, value) for key, value in parameters.items())
    activation = Activation(
        name,
        formula,
        title=title,
        stable=stable,
        summary=summary or f"Computes {formula}.",
        family=family,
        aliases=aliases,
        parameters=declared,
        source=source,
    )
    expr = calculus.expression(activation, stable=False)
    calculus.expression(activation)
    unused = {p.name for p in declared} - {s.name for s in expr.free_symbols}
    if unused:
        raise FormulaError(f"the formula {formula!r} does not use the parameter(s) {', '.join(sorted(unused))}")
    from nonlin.builders import functions
    from nonlin.kernels.terms import formula as term

    term(activation)  # builds and runs it once: what cannot be computed is refused here, not at the first use
    for known in [known for known, owner in by_key.items() if owner == name]:
        del by_key[known]  # names of an earlier definition
    functions.forget_gates()
    defined[name] = activation
    register(activation)
    return activation


def _check_names(name: str, title: str, aliases: tuple[str, ...]) -> None:
    """Raise where a name is no identifier, or is taken by the catalogue or by another definition."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or name != name.lower():
        raise BoundsError(f"name={name!r}; expected a lower-case identifier such as 'tanhexp'")
    if not title.isidentifier() or not title[0].isupper() or keyword.iskeyword(title):
        raise BoundsError(f"title={title!r}; expected a class name such as 'TanhExp'")
    for given in (name, title, *aliases):
        taken = keys().get(key(given))
        if taken is not None and taken != name:
            owner = "another definition" if taken in defined else "the catalogue"
            raise BoundsError(f"{given!r} is taken by {owner}'s {taken!r}; choose another")
        if taken == name and name not in defined:
            raise BoundsError(f"{given!r} is taken by the catalogue's {taken!r}; choose another")


_RESERVED = {
    "x",
    "input",
    "inplace",
    "num_parameters",
    "device",
    "dtype",
    "training",
    "self",
    "forward",
}  # arguments of their own


def _parameter(owner: str, key: str, value: Any) -> Parameter:
    """The parameter of a definition; raise where its name means something else, or its default is out of bounds."""
    from nonlin.formula.primitives import CONSTANTS, PRIMITIVES

    parameter = value if isinstance(value, Parameter) else Parameter(key, _number(key, value))
    if parameter.name != key:
        raise BoundsError(f"{owner}: the parameter given as {key!r} is named {parameter.name!r}; expected one name")
    if key in _RESERVED or key in PRIMITIVES or key in CONSTANTS:
        raise BoundsError(
            f"{owner}: a parameter cannot be called {key!r}, which has a meaning already; choose another name"
        )
    parameter.check(parameter.default, owner)
    return parameter


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentError(
            f"parameter {name} is {type(value).__name__}; expected its default, a number, or a nonlin.Parameter"
        )
    return float(value)
