"""Every fact as a field with a name: ``lipschitz``, ``range.low``, ``zeros.count``; what conditions and columns speak of.

The fields of a sheet follow from its layout: a record's entries are joined by dots, its main entry ``value`` goes
without saying, a pair of limits is ``left`` and ``right``, and of several places the ``count`` is told.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as entries
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from nonlin.errors import ArgumentError, suggestion
from nonlin.facts.filters import FILTERS
from nonlin.facts.lookup import of
from nonlin.facts.sheet import Fact, FactSheet
from nonlin.formula.declaration import Activation

Value = float | str | bool | None
Reach = Callable[[Any], Value]


@dataclass(frozen=True)
class Field:
    """One fact: its name, the type of its value (``"number"``, ``"word"`` or ``"truth"``), and how to read it."""

    name: str
    type: str
    read: Callable[[Activation], Value]


def value(activation: Activation, name: str) -> Value:
    """The value of a field; None where the activation's kind does not define it.

    Example:
        >>> from nonlin.catalogue import declarations
        >>> value(declarations()["relu"], "range.low"), value(declarations()["silu"], "year")
        (0.0, 2017.0)
    """
    return field(name).read(activation)


def field(name: str) -> Field:
    """The field of that name.

    Raises:
        ArgumentError: for an unknown one; the nearest are offered.
    """
    known = fields()
    if name not in known:
        inside = [other for other in known if other.startswith(f"{name}.")]
        hint = f" (did you mean {' or '.join(map(repr, inside[:3]))}?)" if inside else suggestion(name, known)
        raise ArgumentError(f"there is no fact {name!r}{hint}; nonlin list --help lists them")
    return known[name]


@lru_cache(maxsize=1)
def fields() -> dict[str, Field]:
    """All fields by name: those of the declaration, of the sheet, and the truths that ``nonlin list`` has flags for."""
    found = [*_DECLARED, *_of_the_sheet()]
    found += [Field(name, "truth", _filter(test)) for name, test in FILTERS.items()]
    return {field.name: field for field in found}


_DECLARED = (
    Field("name", "word", lambda a: a.name),
    Field("kind", "word", lambda a: a.kind),
    Field("family", "word", lambda a: a.family),
    Field("year", "number", lambda a: None if a.source is None or a.source.year is None else float(a.source.year)),
    Field("verified", "truth", lambda a: None if a.source is None else a.source.verified),
    Field("authors", "word", lambda a: None if a.source is None else a.source.authors),
    Field("torch", "truth", lambda a: a.torch_name is not None),
    Field("parameters", "number", lambda a: float(len(a.parameters))),
    Field("learnable", "truth", lambda a: learns(a)),
)


def learns(activation: Activation) -> bool:
    """Whether its module holds numbers that are trained."""
    if activation.learnable or not activation.rule:
        return bool(activation.learnable)
    seen = of(activation).observed
    return seen is not None and seen.value.learned > 0


def _filter(test: Callable[[FactSheet], bool | None]) -> Callable[[Activation], Value]:
    return lambda activation: test(of(activation))


def _of_the_sheet() -> Iterator[Field]:
    hints = get_type_hints(FactSheet)
    for entry in entries(FactSheet):
        inner = _without_none(hints[entry.name])
        if get_origin(inner) is Fact:
            for path, kind, reach in _leaves(entry.name, get_args(inner)[0]):
                yield Field(path, kind, _reader(entry.name, reach))


def _reader(fact: str, reach: Reach) -> Callable[[Activation], Value]:
    def read(activation: Activation) -> Value:
        held = getattr(of(activation), fact)
        return None if held is None or held.value is None else reach(held.value)

    return read


def _leaves(path: str, hint: Any) -> Iterator[tuple[str, str, Reach]]:
    smooth = hint == int | None  # of Continuity: None stands for derivatives of every order
    hint = _without_none(hint)
    arguments = get_args(hint)
    if get_origin(hint) is tuple and arguments[-1:] == (Ellipsis,):
        yield f"{path}.count", "number", _into(float, _into(len))
    elif get_origin(hint) is tuple:
        for i, side in enumerate(("left", "right")):
            yield f"{path}.{side}", "number", _into(operator.itemgetter(i))
    elif is_dataclass(hint):
        hints = get_type_hints(hint)
        for entry in entries(hint):
            inside = path if entry.name == "value" else f"{path}.{entry.name}"
            for name, kind, reach in _leaves(inside, hints[entry.name]):
                yield name, kind, _into(reach, operator.attrgetter(entry.name), always=True)
    elif hint is bool:
        yield path, "truth", lambda held: held
    elif hint in (int, float):
        nothing = math.inf if smooth else None
        yield path, "number", lambda held: nothing if held is None else float(held)
    else:
        yield path, "word", lambda held: held


def _into(reach: Callable[[Any], Value], before: Callable[[Any], Any] | None = None, *, always: bool = False) -> Reach:
    """``reach`` of what ``before`` finds; None of nothing, unless ``reach`` knows what nothing means (``always``)."""

    def read(held: Any) -> Value:
        if held is None:
            return None
        found = held if before is None else before(held)
        return None if found is None and not always else reach(found)

    return read


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, type(int | None)):
        kept = [argument for argument in get_args(hint) if argument is not type(None)]
        return kept[0] if len(kept) == 1 else hint
    return hint
