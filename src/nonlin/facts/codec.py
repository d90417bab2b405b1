"""Frozen dataclasses to JSON's types and back, without loss: infinities travel as ``"inf"`` and ``"-inf"``."""

from __future__ import annotations

import math
import types
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints


def encode(value: Any) -> Any:
    """``value`` as dicts, lists, strings, finite numbers, booleans and None."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: encode(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [encode(entry) for entry in value]
    return value


def decode(hint: Any, value: Any) -> Any:
    """The value of type ``hint`` that :func:`encode` turned into ``value``.

    Raises:
        ValueError: where ``value`` lacks a field of a record or has one too many.
    """
    return _decode(hint, value, {})


def _decode(hint: Any, value: Any, bound: dict[Any, Any]) -> Any:
    hint = bound.get(hint, hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _decode(inner, value, bound)
    if origin is tuple and arguments[-1:] == (Ellipsis,):
        return tuple(_decode(arguments[0], entry, bound) for entry in value)
    if origin is tuple:
        return tuple(_decode(argument, entry, bound) for argument, entry in zip(arguments, value, strict=True))
    if origin is dict:
        return {key: _decode(arguments[1], entry, bound) for key, entry in value.items()}
    record = origin or hint
    if is_dataclass(record):
        assert isinstance(record, type)
        named = dict(zip(getattr(record, "__parameters__", ()), (_resolve(a, bound) for a in arguments), strict=False))
        return _record(record, value, named)
    return float(value) if hint is float else value


def _resolve(argument: Any, bound: dict[Any, Any]) -> Any:
    return bound.get(argument, argument) if isinstance(argument, TypeVar) else argument


def _record(record: type, value: dict[str, Any], bound: dict[Any, Any]) -> Any:
    hints = _hints(record)
    if set(value) != set(hints):
        raise ValueError(
            f"{record.__name__}: expected the fields {sorted(hints)}, got {sorted(value)}; compute the facts anew"
        )
    return record(**{name: _decode(hint, value[name], bound) for name, hint in hints.items()})


@lru_cache(maxsize=64)
def _hints(record: type) -> dict[str, Any]:
    hints = get_type_hints(record)
    return {field.name: hints[field.name] for field in fields(record)}
