"""Facts of functions of a whole row (softmax and its relatives), measured on rows that bring out their extremes."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from nonlin.facts.sheet import Fact, Lipschitz, Range, RowFacts

Rowwise = Callable[[Tensor], Tensor]

_WIDTHS = (2, 3, 10)
_GAPS = ((10.0, 1e4, 1e8), (10.0, 300.0, 600.0))  # the second where the first overflows


def row_facts(function: Rowwise) -> Fact[RowFacts]:
    """Whether each row is a distribution, ignores a common shift and keeps the order, on 1,200 random rows.

    ``function`` maps a float64 tensor of shape (rows, width) to one of the same shape.
    """
    generator = torch.Generator().manual_seed(0)
    rows = [
        torch.randn(100, width, generator=generator, dtype=torch.float64) * scale
        for width in _WIDTHS
        for scale in (0.1, 1.0, 3.0, 10.0)
    ]
    values = [function(row) for row in rows]
    ordered = all(bool((_rise(value, row) >= 0).all()) for value, row in zip(values, rows, strict=True))
    pair = function(torch.tensor([[5.0, 0.0]], dtype=torch.float64))
    return Fact(
        RowFacts(
            sums_to_one=all(bool((value.sum(-1) - 1).abs().max() < 1e-12) for value in values),
            non_negative=all(bool((value >= 0).all()) for value in values),
            shift_invariant=all(
                bool((function(row + 7.0) - value).abs().max() < 1e-9) for value, row in zip(values, rows, strict=True)
            ),
            order_preserving=ordered,
            peak_at_gap_5=float(pair.detach().max()),
        ),
        "measured",
    )


def _rise(value: Tensor, row: Tensor) -> Tensor:
    return value.gather(-1, row.argsort(-1)).diff(dim=-1)


def row_range(function: Rowwise) -> Fact[Range]:
    """Infimum and supremum of an entry, judged on rows whose entries lie 10, 10^4 and 10^8 apart, and on random ones.

    An end counts as attained where rows 10 apart reach it exactly: only further out does float64 round to it.
    """
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(100, 3, generator=generator, dtype=torch.float64)
    usual = torch.cat([function(drawn * scale).flatten() for scale in (0.1, 1.0, 10.0)])
    for gaps in _GAPS:
        rows = (torch.tensor([[g, 0, -g], [g, 0, 0], [-g, 0, 0], [g, g, -g]], dtype=torch.float64) for g in gaps)
        near, far, farther = (torch.cat([usual, function(row).flatten()]) for row in rows)
        if bool(torch.isfinite(farther).all()):
            break
    return Fact(range_of(near, far, farther), "measured")


def range_of(near: Tensor, far: Tensor, farther: Tensor) -> Range:
    """Where values lie that are given for inputs of three sizes, each far larger than the one before: infinite where they keep growing."""
    ends = []
    for pick in (torch.min, torch.max):
        a, b, c = (float(pick(value)) for value in (near, far, farther))
        grows = abs(c) > 1.5 * abs(b) > 2 * abs(a) > 0 and abs(c) > 1
        end = math.copysign(math.inf, c) if grows else round(c, 9) + 0.0
        ends.append((end, a in (c, end)))
    (low, low_attained), (high, high_attained) = ends
    return Range(low, high, low_attained, high_attained)


def row_lipschitz(function: Rowwise) -> Fact[Lipschitz] | None:
    """The largest spectral norm of the Jacobian found (l2 to l2); None where it grows with the width of the row."""
    norms = [_largest_norm(function, width) for width in _WIDTHS]
    return Fact(Lipschitz(norms[-1], None), "measured") if max(norms) - min(norms) < 1e-6 else None


def _largest_norm(function: Rowwise, width: int) -> float:
    generator = torch.Generator().manual_seed(width)
    tie = torch.full((1, width), -40.0, dtype=torch.float64)
    tie[0, :2] = 0.0
    peak = torch.zeros(1, width, dtype=torch.float64)
    peak[0, 0] = 40.0
    drawn = (
        torch.randn(60, width, generator=generator, dtype=torch.float64)
        * torch.linspace(0.1, 6.0, 60, dtype=torch.float64)[:, None]
    )
    rows = torch.cat([tie, -tie, peak, -peak, drawn])
    rows = torch.cat([rows, rows[:4] + 30.0, rows[:4] - 30.0])  # some compare a row with a number of their own
    rows.requires_grad_()
    value = function(rows)
    jacobian = torch.stack(
        [torch.autograd.grad(value[:, i].sum(), rows, retain_graph=True)[0] for i in range(width)], dim=1
    )
    return rounded(float(torch.linalg.matrix_norm(jacobian, ord=2).max()))  # of (rows, width, width)


def rounded(norm: float) -> float:
    """Without the last digits, in which a norm of 1 may be a little more."""
    return float(f"{norm:.12g}")
