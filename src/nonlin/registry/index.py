"""The index of names: the catalogue's, those of what was defined, and what other libraries call them."""

from __future__ import annotations

from collections.abc import Iterable

from nonlin import dialects
from nonlin.catalogue import declarations
from nonlin.errors import BoundsError, UnknownNameError, suggestion
from nonlin.formula.declaration import KINDS, Activation
from nonlin.registry import ambiguous

defined: dict[str, Activation] = {}
by_key: dict[str, str] = {}  # every name, alias and class name, as :func:`key` spells it -> the declaration's name


def key(name: str) -> str:
    """Names compare without case, underscores and hyphens: LeakyReLU, leaky_relu and leaky-relu are one."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def keys() -> dict[str, str]:
    """``by_key``, filled."""
    if not by_key:
        for activation in declarations().values():
            register(activation)
    return by_key


def register(activation: Activation) -> None:
    """Let the names of ``activation`` find it."""
    for name in (activation.name, activation.title, *activation.aliases):
        by_key[key(name)] = activation.name


def all_activations() -> dict[str, Activation]:
    """The catalogue and what was defined, by name."""
    return {**declarations(), **defined}


def find(name: str) -> Activation:
    """The declaration of a name, class name or alias, or of another library's name (``"keras:leaky_relu"``).

    Raises:
        UnknownNameError: with the nearest known names.
    """
    found = keys().get(key(name))
    if found is None:
        found = keys().get(key((dialects.translate(name) or "").partition("(")[0]))
    if found is None:
        known = all_activations()
        spelled = [*known, *(a.title for a in known.values()), *(alias for a in known.values() for alias in a.aliases)]
        if (meanings := ambiguous.advice(key(name))) is not None:
            raise UnknownNameError(f"there is no activation called {name!r}, because {meanings}")
        hint = suggestion(name, [s.lower() for s in spelled])
        raise UnknownNameError(f"there is no activation called {name!r}{hint}. nonlin.names() lists all {len(known)}")
    return all_activations()[found]


def by_title(title: str) -> Activation | None:
    """The declaration whose class is called exactly ``title``."""
    return next((a for a in all_activations().values() if a.title == title), None)


def is_catalogued(activation: Activation) -> bool:
    """Whether the declaration is the catalogue's own, and so will not change while the program runs."""
    return declarations().get(activation.name) is activation


def names(
    *, family: str | None = None, kind: str | None = None, where: str | Iterable[str] = (), **facts: object
) -> list[str]:
    """The names of all activations, or of those that match.

    Args:
        family: only this family, such as ``"rectified"``.
        kind: only this kind: ``"pointwise"``, ``"gated"``, ``"rowwise"``, ``"stochastic"``, ``"shape_changing"``,
            ``"adaptive"``, ``"surrogate"`` or ``"complex"``.
        where: a comparison of a fact with a value, or several that must all hold: ``"lipschitz <= 1"``,
            ``["range.low >= 0", "year = 2019..2021"]``. :func:`nonlin.facts.fields.fields` lists the facts.
        **facts: only those whose fact of that name has that value: ``monotonic=True``, ``odd=True`` ...

    Raises:
        ValueError: for an unknown family or kind, or a comparison that is none. TypeError: for an unknown fact.

    Example:
        >>> import nonlin
        >>> nonlin.names(family="shrinkage")
        ['hardshrink', 'softshrink', 'tanhshrink']
        >>> nonlin.names(family="shrinkage", where="lipschitz <= 1")
        ['softshrink', 'tanhshrink']
    """
    known = all_activations().values()
    for label, value, values in (("family", family, {a.family for a in known}), ("kind", kind, set(KINDS))):
        if value is not None and value not in values:
            raise BoundsError(
                f"{label}={value!r}{suggestion(value, values)}; expected one of {', '.join(sorted(values))}"
            )
    chosen = [a for a in known if (family is None or a.family == family) and (kind is None or a.kind == kind)]
    if where:
        from nonlin.facts import conditions

        asked = [conditions.parse(text) for text in ([where] if isinstance(where, str) else where)]
        chosen = [a for a in chosen if all(condition.holds(a) for condition in asked)]
    if facts:
        from nonlin.facts import filters

        chosen = [a for a in chosen if filters.matches(a, facts)]
    return [a.name for a in chosen]
