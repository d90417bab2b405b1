"""Facts of activations that a rule computes: what can be observed by calling the first sample, in evaluation.

One that works element by element gets the sheet of a curve, like any callable; of the others the range, the steepest
Jacobian and the moments are measured on random inputs, and rows as those of the softmax. Where parameters start at random,
what holds of one draw of them holds of no other, and is left out.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.facts import observation
from nonlin.facts.rowwise import range_of, rounded, row_facts, row_lipschitz, row_range
from nonlin.facts.sheet import Fact, FactSheet, Lipschitz, Observed, Range, RowFacts
from nonlin.formula.declaration import Activation

_SIZES = (10.0, 1e4, 1e8)
_STEPS = 400


def written(activation: Activation) -> FactSheet:
    """The sheet of a rule: what was measured of its first sample.

    Example:
        >>> import nonlin
        >>> sheet = written(nonlin.find("crelu"))
        >>> sheet.observed.value.outputs_per_input, sheet.observed.value.positively_homogeneous
        (2.0, True)
    """
    from nonlin import registry

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        name = activation.samples[0] if activation.samples else activation.name
        module = registry.get(name).double().eval()
        subject = observation.Subject(module, activation.sample_shape, activation.kind == "complex")
        at_random = _starts_at_random(module, registry.get(name).double())
        seen = dataclasses.replace(subject.observed(), starts_at_random=at_random)
        unknown = FactSheet(activation.name, activation.kind, {}, activation.fingerprint)
        sheet = unknown if at_random or _draws(subject) else _sheet(activation, subject, seen)
        return dataclasses.replace(
            sheet,
            name=activation.name,
            kind=activation.kind,
            parameters={},
            fingerprint=activation.fingerprint,
            saved_bytes=Fact(subject.saved_bytes(), "measured"),
            observed=Fact(seen, "measured"),
        )


def _draws(subject: observation.Subject) -> bool:
    """Whether two calls differ in evaluation."""
    x = subject.draw(1.0)
    return not torch.equal(subject(x), subject(x))


def _starts_at_random(module: nn.Module, another: nn.Module) -> bool:
    """Whether the parameters of two fresh modules differ."""
    pairs = zip(module.parameters(), another.parameters(), strict=True)
    return any(not torch.equal(a, b) for a, b in pairs)


def _sheet(activation: Activation, subject: observation.Subject, seen: Observed) -> FactSheet:
    if seen.uniform and activation.kind not in ("complex", "surrogate"):
        sheet = _of_a_curve(subject.module, activation.sample_shape)
        if sheet is not None:
            return sheet
    base = FactSheet(activation.name, activation.kind, {}, activation.fingerprint)
    alike = seen.keeps_shape and not seen.elementwise and seen.permutation_equivariant
    if alike and len(subject.mixed) == 1 and activation.kind == "rowwise":
        along = _rows(subject.module, len(activation.sample_shape), subject.mixed[0])
        row = _row_facts(along)
        if row is not None and (row.value.sums_to_one or row.value.shift_invariant):
            return dataclasses.replace(
                base, range=row_range(along), lipschitz=row_lipschitz(along), row=row, **_moments(subject)
            )
    steepest = None if activation.kind == "surrogate" else _lipschitz(subject)  # whose gradient is a stand-in
    return dataclasses.replace(base, range=_range(subject), lipschitz=steepest, **_moments(subject))


def _row_facts(along: Callable[[Tensor], Tensor]) -> Fact[RowFacts] | None:
    """What is known of each row; None where the rule wants rows of a certain width."""
    try:
        return row_facts(along)
    except (RuntimeError, ValueError, IndexError):
        return None


def _of_a_curve(module: nn.Module, shape: tuple[int, ...]) -> FactSheet | None:
    """The sheet of an elementwise one; None where its derivatives are not to be had."""
    from nonlin.facts.callables import curve_of
    from nonlin.facts.compute import sheet_of

    def function(x: Tensor) -> Tensor:
        result: Tensor = module(x.reshape(-1, *([1] * (len(shape) - 1))))
        return result.reshape(x.shape)

    try:
        return sheet_of(curve_of(function), "", measured=True)
    except (RuntimeError, ValueError):
        return None


def _rows(module: nn.Module, dimensions: int, along: int) -> Callable[[Tensor], Tensor]:
    """The rule on (rows, width), the width where the rule mixes entries."""
    first = 0 if along else 1

    def function(rows: Tensor) -> Tensor:
        shape = [1] * dimensions
        shape[first], shape[along] = rows.shape[0], rows.shape[1]
        laid = rows if first < along else rows.t()
        result: Tensor = module(laid.reshape(shape)).reshape(laid.shape)
        return result if first < along else result.t()

    return function


def _range(subject: observation.Subject) -> Fact[Range] | None:
    if subject.is_complex:
        return None
    # not larger: a tanh of 20 is 1 to float64, and would count as attained
    draws = [subject.draw(scale) for scale in (0.1, 0.3, 1.0, 3.0)] + [
        subject.draw(1.0) + shift for shift in (-8.0, 8.0)
    ]
    seen = torch.cat([subject(x).flatten() for x in draws])
    base = subject.draw(1.0)
    alone = torch.zeros_like(base).flatten()
    alone[0] = 1.0  # one large entry beside zeros reaches ends that many large ones do not
    single = alone.reshape(base.shape)
    far = [torch.cat([seen, *(subject(x * size).flatten() for x in (base, single, -single))]) for size in _SIZES]
    if any(bool(value.isnan().any()) for value in far):
        return None
    return Fact(range_of(far[0], far[1], far[2]), "measured")


def _lipschitz(subject: observation.Subject) -> Fact[Lipschitz] | None:
    """The largest spectral norm of a Jacobian found; infinite where it keeps growing with the input."""
    norms = {scale: subject.steepness(scale) for scale in (0.1, 1.0, 3.0, 10.0, 100.0)}
    if any(norm is None for norm in norms.values()):
        return None
    found = {scale: norm for scale, norm in norms.items() if norm is not None}
    grows = found[100.0] > 3 * found[10.0] > 9 * found[1.0] / 2
    steepest = rounded(max(found.values()))
    unbounded = grows or any(rise > 3 * max(1.0, steepest) for rise in _rises(subject))
    return Fact(Lipschitz(math.inf if unbounded else steepest, None), "measured")


def _rises(subject: observation.Subject) -> list[float]:
    """The steepest of 400 steps on the way between two inputs, some times: a jump shows in it, not in a Jacobian."""
    found = []
    for _ in range(6):
        a = subject.draw(1.0)
        b = a.flatten()[torch.randperm(a.numel())].reshape(a.shape)
        shares = torch.linspace(0.0, 1.0, _STEPS + 1, dtype=torch.float64)
        values = torch.stack([subject(a + (b - a) * share).flatten() for share in shares])
        found.append(
            float(values.diff(dim=0).abs().square().sum(-1).sqrt().max() * _STEPS / (b - a).abs().square().sum().sqrt())
        )
    return found


def _moments(subject: observation.Subject) -> dict[str, Any]:
    """Mean, second moment and gain for standard normal inputs, to three digits; nothing where a batch does not fit."""
    values = subject(subject.draw(1.0, batch=observation.BATCH))
    if subject.is_complex or not bool(torch.isfinite(values).all()):
        return {}
    mean, second = (float(f"{float(moment):.3g}") for moment in (values.mean(), values.square().mean()))
    known = {"mean": mean, "second_moment": second, "variance": float(f"{second - mean**2:.3g}")}
    if second > 0:
        known["forward_gain"] = float(f"{1 / math.sqrt(second):.3g}")
    return {name: Fact(value, "measured") for name, value in known.items()}
