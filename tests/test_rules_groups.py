"""Groups, rows and batches; several inputs: ties, special values, what is refused."""

from __future__ import annotations

import pytest
import torch

import nonlin
from nonlin.errors import UnknownNameError
from nonlin.registry import find

F = nonlin.functional


def test_maxout_at_ties() -> None:
    """The gradient goes where torch.max's goes."""
    x = torch.tensor([[2.0, 2.0, 1.0, 3.0]], requires_grad=True)
    F.maxout(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[1.0, 0.0, 0.0, 1.0]]


@pytest.mark.parametrize("descending", [False, True])
def test_pairs_sort_as_any_group(descending: bool) -> None:
    """The shortcut for two agrees with torch.sort, NaN, ties and infinities included."""
    special = torch.tensor([torch.nan, -torch.inf, -1.0, 0.0, 1.0, torch.inf])
    x = torch.cartesian_prod(special, special)
    sorted_ = x.sort(dim=1, descending=descending, stable=True).values
    torch.testing.assert_close(F.group_sort(x, descending=descending), sorted_, equal_nan=True)


def test_group_sort_is_a_permutation() -> None:
    """Norms are kept, of the output and of the gradient."""
    x = torch.randn(3, 12, 5, dtype=torch.float64, requires_grad=True)
    for k in (1, 2, 3, 12):
        y = F.group_sort(x, k)
        weights = torch.randn_like(y)
        (grad,) = torch.autograd.grad((weights * y).sum(), x)
        torch.testing.assert_close(y.norm(), x.norm())
        torch.testing.assert_close(grad.norm(), weights.norm())


def test_lwta_takes_the_first_of_equals() -> None:
    assert F.lwta(torch.tensor([[1.0, 1.0, -3.0, -2.0]])).tolist() == [[1.0, 0.0, 0.0, -2.0]]


def test_topk_keeps_k() -> None:
    """Exactly k of each row, or k a row of the whole batch, however many are equal."""
    x = torch.ones(4, 6)
    assert F.topk(x, 2).count_nonzero(-1).tolist() == [2] * 4
    assert F.batch_topk(x, 2).count_nonzero() == 8
    one_row = torch.cat([x, torch.full((1, 6), 9.0)])
    assert F.batch_topk(one_row, 2)[-1].tolist() == [9.0] * 6


def test_squash_is_safe() -> None:
    """At zero, at numbers whose squares overflow or vanish, and at infinity; gradients too."""
    x = torch.tensor([[0.0, 0.0], [3e300, 4e300], [3e-200, 4e-200], [torch.inf, 1.0]], dtype=torch.float64)
    leaf = x.clone().requires_grad_()
    y = F.squash(leaf)
    torch.testing.assert_close(y.detach()[[0, 1, 3]], torch.tensor([[0.0, 0.0], [0.6, 0.8], [1.0, 0.0]]).double())
    (grad,) = torch.autograd.grad(y.sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(grad.sum(), leaf)
    assert torch.isfinite(grad).all()
    assert torch.isfinite(second).all()
    assert not grad[0].any()
    torch.testing.assert_close(F.squash(torch.tensor([3e38, 3e38])), torch.full((2,), 0.5**0.5))


def test_several_inputs() -> None:
    """Packed or apart, which may broadcast; the difference of nearly equal ELUs keeps its digits."""
    a, b = torch.randn(3, 4), torch.randn(1, 4)
    packed = torch.cat([a, b.expand(3, 4)], -1)
    for function in (F.dual_relu, F.dual_elu):
        assert torch.equal(function(packed), function(a, other=b))
    x = torch.tensor([-1.0, -1.0 + 2**-23])
    true = torch.expm1(x.double()).diff().float()
    torch.testing.assert_close(F.dual_elu(x.flip(0)), true, rtol=2e-7, atol=0)


def test_saved_for_the_backward() -> None:
    """Two inputs, one vector: nothing beside the inputs."""
    kept: list[torch.Tensor] = []

    def keep(t: torch.Tensor) -> torch.Tensor:
        kept.append(t)
        return t

    x = torch.randn(8, 6, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        F.dual_elu(x), F.squash(x)
    storage = x.untyped_storage().data_ptr()
    assert kept
    assert all(t.untyped_storage().data_ptr() == storage for t in kept)


def test_bipolar_bases() -> None:
    x = torch.randn(2, 6)
    expected = torch.stack([nonlin.functional.elu(x[:, ::2]), -nonlin.functional.elu(-x[:, 1::2])], -1).flatten(1)
    torch.testing.assert_close(F.brelu_bipolar(x, "elu"), expected)
    with pytest.raises(TypeError, match="base='prelu' learns"):
        nonlin.BipolarReLU("prelu")
    with pytest.raises(TypeError, match="base='glu' is gated"):
        F.brelu_bipolar(x, "glu")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.maxout(torch.ones(2, 5)), "dimension 1 has size 5.*multiple of k=2"),
        (lambda: F.maxout(torch.ones(2, 4), 0), "k=0; expected a positive integer"),
        (lambda: F.group_sort(torch.ones(2, 4), True), "k is bool; expected a positive integer"),
        (lambda: F.lwta(torch.ones(4)), "dim=1 for a tensor of 1 dimension"),
        (lambda: F.topk(torch.ones(4), 5), "k=5 and dimension 0 has size 4"),
        (lambda: F.batch_topk(torch.tensor(1.0), 1), "dim=-1 for a tensor of 0 dimension"),
        (lambda: F.dual_relu(torch.ones(3)), "expected an even size, to split in two"),
        (lambda: F.dual_elu(torch.ones(3), other=torch.ones(3).double()), "expected one dtype"),
    ],
)  # fmt: skip
def test_refusals(call: object, message: str) -> None:
    with pytest.raises((TypeError, ValueError, IndexError), match=message):
        call()  # type: ignore[operator]


def test_names() -> None:
    """Aliases that are unambiguous; names that mean several functions stand for none or for one on purpose."""
    found = {name: find(name).name for name in ("maxmin", "oplu", "k_wta", "bipolar", "capsule_squash", "crelu")}
    assert list(found.values()) == ["group_sort", "group_sort", "topk", "brelu_bipolar", "squash", "crelu"]
    for name in ("drelu", "brelu"):
        with pytest.raises(UnknownNameError):
            find(name)
