"""Names: which activations there are, what a name or a short text such as ``"leaky_relu(0.2)"`` stands for.

Nothing here imports torch or sympy until a module or a function is asked for.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nonlin.catalogue import declarations
from nonlin.errors import ArgumentError, BoundsError, FormulaError, UnknownNameError, suggestion
from nonlin.formula.declaration import Activation, Parameter

if TYPE_CHECKING:
    from torch import nn

_defined: dict[str, Activation] = {}
_by_key: dict[str, str] = {}


def _key(name: str) -> str:
    """Names compare without case, underscores and hyphens: LeakyReLU, leaky_relu and leaky-relu are one."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def _index() -> dict[str, str]:
    if not _by_key:
        for activation in declarations().values():
            _register_names(activation)
    return _by_key


def _register_names(activation: Activation) -> None:
    for name in (activation.name, activation.title, *activation.aliases):
        _by_key[_key(name)] = activation.name


def all_activations() -> dict[str, Activation]:
    """The catalogue and what was defined, by name."""
    return {**declarations(), **_defined}


def find(name: str) -> Activation:
    """The declaration of a name, class name or alias.

    Raises:
        UnknownNameError: with the nearest known names.
    """
    found = _index().get(_key(name))
    if found is None:
        known = all_activations()
        spelled = [*known, *(a.title for a in known.values()), *(alias for a in known.values() for alias in a.aliases)]
        hint = suggestion(name, [s.lower() for s in spelled])
        raise UnknownNameError(f"there is no activation called {name!r}{hint}. nonlin.names() lists all {len(known)}")
    return all_activations()[found]


def by_title(title: str) -> Activation | None:
    """The declaration whose class is called exactly ``title``."""
    return next((a for a in all_activations().values() if a.title == title), None)


def is_catalogued(activation: Activation) -> bool:
    """Whether the declaration is the catalogue's own, and so will not change while the program runs."""
    return declarations().get(activation.name) is activation


def names(*, family: str | None = None, kind: str | None = None, **facts: object) -> list[str]:
    """The names of all activations, or of those that match.

    Args:
        family: only this family, such as ``"rectified"``.
        kind: only this kind: ``"pointwise"``, ``"gated"``, ``"rowwise"`` or ``"stochastic"``.
        **facts: only those whose fact of that name has that value: ``monotonic=True``, ``odd=True`` ...

    Raises:
        ValueError: for an unknown family or kind. TypeError: for an unknown fact.

    Example:
        >>> import nonlin
        >>> nonlin.names(family="shrinkage")
        ['hardshrink', 'softshrink', 'tanhshrink']
    """
    known = all_activations().values()
    for label, value, values in (
        ("family", family, {a.family for a in known}),
        ("kind", kind, {a.kind for a in known}),
    ):
        if value is not None and value not in values:
            raise BoundsError(
                f"{label}={value!r}{suggestion(value, values)}; expected one of {', '.join(sorted(values))}"
            )
    chosen = [a for a in known if (family is None or a.family == family) and (kind is None or a.kind == kind)]
    if facts:
        from nonlin.facts import filters

        chosen = [a for a in chosen if filters.matches(a, facts)]
    return [a.name for a in chosen]


def parse(text: str) -> tuple[Activation, dict[str, Any]]:
    """``"leaky_relu(0.2)"`` as a declaration and the arguments given to it. Only literals are allowed inside."""
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


def get(activation: Any = None, /, **arguments: Any) -> nn.Module:
    """A module for whatever names an activation.

    Args:
        activation: a name or alias (``"mish"``), a name with arguments (``"leaky_relu(0.2)"``), a class
            (``nn.ReLU``, ``nonlin.Mish``), a module, a callable, an :class:`Activation`, or None (the identity).
        **arguments: passed on to the class.

    Raises:
        UnknownNameError: for a name that no activation has; the nearest are offered.

    Example:
        >>> import nonlin
        >>> nonlin.get("leaky_relu(0.2)")
        LeakyReLU(negative_slope=0.2)
    """
    from torch import nn

    from nonlin.builders import classes

    if activation is None:
        activation = "identity"
    if isinstance(activation, str):
        declared, given = parse(activation)
        if twice := given.keys() & arguments.keys():
            raise ArgumentError(f"{', '.join(sorted(twice))} is given in {activation!r} and as an argument")
        return classes.of(declared)(**given, **arguments)
    if isinstance(activation, Activation):
        return classes.of(activation)(**arguments)
    if isinstance(activation, type) and issubclass(activation, nn.Module):
        return activation(**arguments)
    if arguments:
        raise ArgumentError(f"arguments {sorted(arguments)} need a name or a class; got {type(activation).__name__}")
    if isinstance(activation, nn.Module):
        return activation
    if callable(activation):
        known = getattr(activation, "activation", None)  # one of nonlin.functional's
        if isinstance(known, Activation) and _takes_nothing(known):
            return classes.of(known)()
        return classes.Function(activation)
    raise ArgumentError(
        f"got {type(activation).__name__}; expected a name such as 'mish', a class, a module, a callable or None"
    )


def _takes_nothing(activation: Activation) -> bool:
    return not any(p.required and not p.learnable for p in activation.parameters)


def resolve(activation: Any) -> tuple[Activation | None, tuple[Any, ...], Callable[..., Any]]:
    """(declaration, its parameter values, a callable) of whatever :func:`get` accepts; no declaration for a foreign callable."""
    if isinstance(activation, str) or activation is None:
        declared, given = parse(activation or "identity")
        if declared.kind == "pointwise" and not declared.learnable and not (given.keys() - declared.defaults.keys()):
            return (
                declared,
                tuple(given.get(p.name, p.default) for p in declared.parameters),
                lambda x: get(activation)(x),
            )
    declared = getattr(activation, "activation", activation)
    if isinstance(declared, Activation) and not isinstance(activation, type) and not declared.choices:
        values = tuple(getattr(activation, p.name, p.default) for p in declared.parameters)
        return declared, values, get(activation)
    module = get(activation)
    return None, (), module


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
    for key in [key for key, owner in _by_key.items() if owner == name]:
        del _by_key[key]  # names of an earlier definition
    functions.forget_gates()
    _defined[name] = activation
    _register_names(activation)
    return activation


def _check_names(name: str, title: str, aliases: tuple[str, ...]) -> None:
    """Raise where a name is no identifier, or is taken by the catalogue or by another definition."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or name != name.lower():
        raise BoundsError(f"name={name!r}; expected a lower-case identifier such as 'tanhexp'")
    if not title.isidentifier() or not title[0].isupper() or keyword.iskeyword(title):
        raise BoundsError(f"title={title!r}; expected a class name such as 'TanhExp'")
    for given in (name, title, *aliases):
        taken = _index().get(_key(given))
        if taken is not None and taken != name:
            owner = "another definition" if taken in _defined else "the catalogue"
            raise BoundsError(f"{given!r} is taken by {owner}'s {taken!r}; choose another")
        if taken == name and name not in _defined:
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
