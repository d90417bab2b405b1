"""The softmax family against ball arithmetic: every entry and every entry of the Jacobian, for mild and for extreme rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from flint import arb

from nonlin import functional
from nonlin.catalogue import declarations
from tests.oracle import Truth, prove, split
from tests.scalar_cases import DTYPES
from tests.ulp import errors, lost

# float64 has no wider arithmetic: x - max is rounded before it enters the exponent, which costs half the gap in ULP, in each factor of a Jacobian
BARS = {torch.float32: 2.0, torch.float64: 8.0, torch.bfloat16: 0.51, torch.float16: 0.51}


def softmax(row: list[arb]) -> tuple[list[arb], list[list[arb]]]:
    """(p, the Jacobian p_i (delta_ij - p_j)), by the textbook formula."""
    e = [x.exp() for x in row]
    p = [x / sum(e[1:], start=e[0]) for x in e]
    return p, [[p[i] * ((i == j) - p[j]) for j in range(len(p))] for i in range(len(p))]


def softmin(row: list[arb]) -> tuple[list[arb], list[list[arb]]]:
    p, jacobian = softmax([-x for x in row])
    return p, [[-entry for entry in line] for line in jacobian]


def log_softmax(row: list[arb]) -> tuple[list[arb], list[list[arb]]]:
    p, _ = softmax(row)
    return [q.log() for q in p], [[(i == j) - p[j] for j in range(len(p))] for i in range(len(p))]


ORACLES: dict[str, Callable[[list[arb]], tuple[list[arb], list[list[arb]]]]] = {
    "softmax": softmax,
    "softmax2d": softmax,
    "softmin": softmin,
    "log_softmax": log_softmax,
}


def test_every_rowwise_activation_is_judged() -> None:
    """Those with a rule have references of their own, in nonlin.contract.oracles."""
    assert {a.name for a in declarations().values() if a.kind == "rowwise" and a.rule is None} == set(ORACLES)


def test_long_rows_in_float32() -> None:
    """Shares of 4,096 entries that lie up to 160 apart: within 2 ULP of float64's, none lost that float32 can hold."""
    generator = torch.Generator().manual_seed(5)
    for sigma in (1.0, 20.0):
        x = torch.randn(8, 4096, generator=generator) * sigma
        for name in ("softmax", "softmin"):
            y, truth = function(name)(x).double(), torch.softmax(x.double() * (-1 if name == "softmin" else 1), -1)
            normal = truth >= 2.0**-126
            spacing = 2.0 ** (torch.floor(torch.log2(truth)) - 23)
            assert float(((y - truth).abs() / spacing)[normal].max()) <= 2.0


def function(name: str) -> Callable[[torch.Tensor], torch.Tensor]:
    chosen: Callable[..., torch.Tensor] = getattr(functional, name)
    return (lambda x: chosen(x.reshape(-1, 1, 1)).flatten()) if name == "softmax2d" else (lambda x: chosen(x, -1))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("sigma", [0.1, 1.0, 10.0, 60.0])
def test_entries_and_jacobian(name: str, dtype: torch.dtype, sigma: float) -> None:
    generator = torch.Generator().manual_seed(11)
    for _ in range(12):
        x = (torch.randn(6, dtype=torch.float64, generator=generator) * sigma).to(dtype)
        row = [float(v) for v in x]

        def balls(row: list[float] = row) -> list[arb]:
            p, jacobian = ORACLES[name]([arb(v) for v in row])
            return [*p, *(entry for line in jacobian for entry in line)]

        table = np.array([split(ball) for ball in prove(balls)])
        truth = Truth(table[:, 0], table[:, 1])
        x.requires_grad_()
        y = function(name)(x)
        jacobian = torch.stack([torch.autograd.grad(y[i], x, retain_graph=True)[0] for i in range(6)])
        computed = torch.cat([y.detach(), jacobian.flatten()])
        error = errors(computed, truth)
        normal = np.abs(truth.nearest) >= 2.0**-1000
        bar = BARS[dtype] + (2 * (max(row) - min(row)) if dtype is torch.float64 else 0.0)
        assert error[normal].max() <= bar, f"{error.max()} ULP in the row {row}"
        assert not lost(computed, truth).any(), row
