"""The softmax family: what holds of a whole row, and where torch loses it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import nonlin
from nonlin.builders import functions
from nonlin.contract.declared import Declared as Case
from nonlin.contract.expect import same
from tests.catalogue import DEFAULTS

ROWS = [case for case in DEFAULTS if case.kind == "rowwise"]
TAKING_DIM = [case for case in ROWS if case.activation.torch_name]


def _probabilities(case: Case, x: Tensor, dim: int) -> Tensor:
    y = functions.of(case.activation)(x, dim)
    return y.exp() if case.activation.name == "log_softmax" else y


@pytest.mark.parametrize("case", TAKING_DIM, ids=str)
@pytest.mark.parametrize("dim", range(-4, 4))
def test_every_dimension(case: Case, dim: int) -> None:
    """A distribution along that dimension: positive, sums to 1, unchanged by a shift of the row."""
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64) * 3
    p = _probabilities(case, x, dim)
    assert bool((p > 0).all())
    same(p.sum(dim), torch.ones_like(p.sum(dim)), rtol=1e-14)
    same(_probabilities(case, x + 100.0, dim), p, rtol=1e-12)
    reference = getattr(F, str(case.activation.torch_name))(x, dim)
    same(functions.of(case.activation)(x, dim), reference, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("case", TAKING_DIM, ids=str)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 2), (2, 3, 2, 2)], ids=str)
def test_dim_left_out(case: Case, shape: tuple[int, ...]) -> None:
    """torch's choice of dimension and, as with torch, a warning, which points at the caller's line."""
    x = torch.randn(shape)
    with pytest.warns(UserWarning, match="dim is not given") as caught:
        ours = functions.of(case.activation)(x)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="Implicit dimension choice"):
        theirs = getattr(F, str(case.activation.torch_name))(x)
    same(ours, theirs, rtol=1e-6, atol=1e-7)
    with pytest.warns(UserWarning, match="dim is not given") as caught:
        nonlin.get(case.activation.name)(x)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("case", TAKING_DIM, ids=str)
def test_dtype_argument(case: Case) -> None:
    x = torch.randn(3, 4, dtype=torch.bfloat16)
    y = functions.of(case.activation)(x, 1, dtype=torch.float64)
    assert y.dtype is torch.float64
    same(y, functions.of(case.activation)(x.double(), 1))
    same(
        functions.of(case.activation)(torch.arange(4), 0, dtype=torch.float32),
        functions.of(case.activation)(torch.arange(4.0), 0),
    )
    with pytest.raises(TypeError, match=r"torch\.int64"):
        functions.of(case.activation)(x, 1, dtype=torch.int64)


@pytest.mark.parametrize("case", TAKING_DIM, ids=str)
def test_ties_differentiate_right(case: Case) -> None:
    """Where two entries are the largest, derivatives of both orders are still the smooth function's."""
    x = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(lambda x: case.function(x, 1), x, check_forward_ad=True)
    torch.autograd.gradgradcheck(lambda x: case.function(x, 1), x, check_fwd_over_rev=True)


def test_confident_rows_keep_their_digits() -> None:
    """torch's log_softmax of [17, 0] is [0, -17] and its gradient does not sum to 0; the true value is -4.139937633089748e-08."""
    x = torch.tensor([17.0, 0.0], requires_grad=True)
    y = nonlin.functional.log_softmax(x, 0)
    same(y[0].detach(), torch.tensor(-4.139937633089748e-08), rtol=1.2e-7)
    (gradient,) = torch.autograd.grad(y[0], x)
    same(gradient, torch.tensor([4.139937547385037e-08, -4.139937547385037e-08]), rtol=1e-7)


@pytest.mark.parametrize("case", TAKING_DIM, ids=str)
def test_infinities(case: Case) -> None:
    """-inf entries get no share, +inf entries all of it; a row of nothing but -inf is undefined, as a NaN is."""
    sign = -1.0 if case.activation.name == "softmin" else 1.0
    inf = float("inf")
    p = _probabilities(case, sign * torch.tensor([[-inf, 0.0, 0.0], [inf, 0.0, inf], [0.0, -inf, -inf]]), 1)
    same(p, torch.tensor([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [1.0, 0.0, 0.0]]))
    bad = _probabilities(case, sign * torch.tensor([[-inf, -inf], [float("nan"), 1.0]]), 1)
    assert bool(torch.isnan(bad).all())


@pytest.mark.parametrize("case", TAKING_DIM, ids=str)
def test_huge_rows(case: Case) -> None:
    """The whole range of float32, in one row: no overflow, no NaN, in value and gradient."""
    x = torch.tensor([[3e38, -3e38, 0.0, 1e-40], [-3e38, -3e38, -3e38, -3e38]], requires_grad=True)
    y = functions.of(case.activation)(x, 1)
    (gradient,) = torch.autograd.grad(y[:, 0].sum(), x)
    assert bool(torch.isfinite(gradient).all())
    assert not bool(torch.isnan(y).any())


def test_softmax2d_shapes() -> None:
    x = torch.randn(2, 3, 4, 4)
    same(nonlin.Softmax2d()(x), nonlin.functional.softmax(x, 1))
    same(nonlin.Softmax2d()(x[0]), nonlin.functional.softmax(x[0], 0))
    with pytest.raises(ValueError, match=r"got shape \(2, 3\); expected \(channels, height, width\)"):
        nonlin.Softmax2d()(torch.ones(2, 3))


@pytest.mark.parametrize("case", TAKING_DIM, ids=str)
def test_wrong_dim(case: Case) -> None:
    with pytest.raises(
        IndexError, match=rf"{case.activation.name}: dim=2 for a tensor of 2 dimension\(s\); expected -2 to 1"
    ):
        case.function(torch.ones(2, 3), 2)
