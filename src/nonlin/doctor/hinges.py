"""Activations written out of other operations: clamp, maximum, where, x * (x > 0). What they are is read off their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from nonlin.doctor.calls import Step
from nonlin.doctor.measure import sample

SMALL = 1 << 20  # more numbers are not looked through for one that is not 0
Found = tuple[str, Tensor, Mapping[str, Any]]  # the catalogue's name, its input, its arguments
Origin = Callable[[Any], Step | None]


def of(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], origin: Origin) -> Found | None:
    """What activation the call is, before it runs; ``where`` and ``mul`` need :func:`branch` as well."""
    if name in ("clamp", "clip", "clamp_min", "clamp_max"):
        return _clamp(name, args, kwargs)
    if name in ("maximum", "max") and len(args) == 2 and isinstance(args[1], Tensor):
        for x, other in ((args[0], args[1]), (args[1], args[0])):
            if isinstance(x, Tensor) and x.ndim and _zero(other) and not _zero(x):
                return "relu", x, {}
    if name == "where" and len(args) == 3:
        x = _compared(args[0], origin)
        if x is not None and any(a is x for a in args[1:]):
            return _branches(x, args)
    if name == "mul" and len(args) == 2:
        for x, mask in ((args[0], args[1]), (args[1], args[0])):
            if (
                isinstance(x, Tensor)
                and isinstance(mask, Tensor)
                and _compared(mask, origin) is x
                and _is_step(x, mask)
            ):
                return "relu", x, {}
    return None


def _clamp(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Found | None:
    given = list(args[1:])
    if name == "clamp_max":
        given.insert(0, None)
    low = kwargs.get("min", given[0] if given else None)
    high = kwargs.get("max", given[1] if len(given) > 1 else None)
    numeric = all(bound is None or isinstance(bound, int | float) for bound in (low, high))
    if not numeric or not isinstance(args[0], Tensor) or not args[0].is_floating_point():
        return None
    if low == 0 and high is None:
        return "relu", args[0], {}
    if low == 0 and high == 6:
        return "relu6", args[0], {}
    if low is not None and high is not None:
        return "hardtanh", args[0], {"min_val": float(low), "max_val": float(high)}
    return None


def _zero(value: Any) -> bool:
    return (
        isinstance(value, Tensor) and not value.requires_grad and value.numel() > 0 and not bool(value.detach().any())
    )


def _compared(mask: Any, origin: Origin) -> Tensor | None:
    """The tensor whose comparison with a number a mask is, conversions of its dtype between."""
    step = origin(mask)
    for _ in range(2):
        if step is None or step.operand is not None:
            break
        step = (
            step.parents[0]
            if step.name in ("float", "to", "type_as", "half", "double", "bfloat16") and step.parents
            else None
        )
    return step.operand() if step is not None and step.operand is not None else None


def _is_step(x: Tensor, mask: Tensor) -> bool:
    xs, ms = sample(x), sample(mask.expand_as(x)) if mask.shape != x.shape else sample(mask)
    return bool(((xs > 0) == (ms != 0)).all())


def _branches(x: Tensor, args: tuple[Any, ...]) -> Found | None:
    condition, yes, no = args
    kept, other = (yes, no) if yes is x else (no, yes)
    mask = condition if yes is x else ~condition
    if kept is not x or mask.shape != x.shape:
        return None
    xs, keeps = sample(x), sample(mask) != 0
    if bool((keeps != (xs > 0))[xs != 0].any()):
        return None  # it is the other half that is kept, or the bend is not at 0
    below = xs[~keeps]
    values = sample(other.expand_as(x))[~keeps] if isinstance(other, Tensor) else torch.full_like(below, float(other))
    if not bool(values.any()):
        return "relu", x, {}
    ratio = values / below
    if torch.allclose(ratio, ratio[:1].expand_as(ratio), rtol=1e-3):
        return "leaky_relu", x, {"negative_slope": round(float(ratio[0]), 6)}
    scale = values / torch.expm1(below)
    if torch.allclose(scale, scale[:1].expand_as(scale), rtol=1e-3):
        return "elu", x, {"alpha": round(float(scale[0]), 6)}
    return "where", x, {}


def adds_nothing(name: str, args: tuple[Any, ...]) -> bool:
    """Whether an addition adds zeros that learn nothing: a buffer of biases that nobody set, as some heads have."""
    if name not in ("add", "__radd__") or len(args) < 2 or not all(isinstance(a, Tensor) for a in args[:2]):
        return False
    return any(_zero(a) and a.numel() <= SMALL and b.requires_grad for a, b in (args[:2], args[1::-1]))
