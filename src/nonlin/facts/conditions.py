"""Comparisons of a fact with a value, as texts: ``"lipschitz <= 1"``, ``"year = 2019..2021"``, ``"not odd"``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nonlin.errors import ArgumentError, FormulaError
from nonlin.facts.fields import Field, field
from nonlin.formula.declaration import Activation

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "!=": operator.ne, "==": operator.eq, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
_SHAPE = re.compile(r"\s*([\w.]+)\s*(<=|>=|!=|==|<|>|=)\s*(.+?)\s*")


@dataclass(frozen=True)
class Condition:
    """``field comparison value``; an activation whose kind does not define the field never satisfies it."""

    field: Field
    comparison: str
    low: float | str | bool
    high: float | None = None  # of an interval, both ends inside

    def holds(self, activation: Activation) -> bool:
        """Whether it is true of the activation."""
        held = self.field.read(activation)
        if held is None:
            return False
        if self.high is not None:
            return bool(self.low <= held <= self.high) is (self.comparison != "!=")  # type: ignore[operator]
        return _COMPARISONS[self.comparison](held, self.low)


def parse(text: str) -> Condition:
    """The condition that a text states.

    Raises:
        ArgumentError: for an unknown fact, or a value of the wrong type. FormulaError: where it is no comparison.

    Example:
        >>> from nonlin.catalogue import declarations
        >>> [parse("range.low >= 0").holds(declarations()[name]) for name in ("relu", "silu")]
        [True, False]
    """
    told = _SHAPE.fullmatch(text)
    if told is None:
        name = text.strip()
        negated = name.startswith("not ")
        name = name.removeprefix("not ").strip()
        if not re.fullmatch(r"[\w.]+", name):
            raise FormulaError(f"{text!r} is not a comparison; expected one such as 'lipschitz <= 1' or 'not odd'")
        known = field(name)
        if known.type != "truth":
            raise ArgumentError(f"{text!r}: {name} is a {known.type}; compare it, such as '{name} {_example(known)}'")
        return Condition(known, "=", not negated)
    name, comparison, value = told.groups()
    known = field(name)
    low, dots, high = value.partition("..")
    if dots:
        if comparison not in ("=", "==", "!=") or known.type != "number":
            raise ArgumentError(f"{text!r}: an interval needs a number and =, such as 'year = 2019..2021'")
        ends = _number(text, low) if low else float("-inf"), _number(text, high) if high else float("inf")
        return Condition(known, comparison, *ends)
    return Condition(known, comparison, _value(known, comparison, text, value))


def _value(known: Field, comparison: str, text: str, value: str) -> float | str | bool:
    if known.type == "number":
        return _number(text, value)
    if comparison not in ("=", "==", "!="):
        raise ArgumentError(f"{text!r}: {known.name} is a {known.type}; compare it by = or !=")
    if known.type == "word":
        return value.strip("'\"")
    if value.lower() not in ("true", "false"):
        raise ArgumentError(f"{text!r}: {known.name} is true or false; got {value!r}")
    return value.lower() == "true"


def _number(text: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ArgumentError(f"{text!r}: {value!r} is not a number") from None


def _example(known: Field) -> str:
    return "<= 1" if known.type == "number" else "= ..."
