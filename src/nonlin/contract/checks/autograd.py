"""Eager differentiation: derivatives of three orders, in every mode, and in-place calls."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from nonlin.contract.case import Case
from nonlin.contract.expect import alike, applies, raises, same

ESTIMATED = "its gradient is declared to be another than its derivative"


def _many(tensors: tuple[Tensor, ...]) -> bool:
    """Too many numbers for a Jacobian: one random direction stands for all."""
    return sum(t.numel() for t in tensors) > 40


def gradcheck(case: Case) -> None:
    """Reverse and forward mode against finite differences, alone and batched."""
    batched = not case.random  # vmap has no random numbers unless asked for
    applies(not case.estimated, ESTIMATED)
    tensors = case.tensors(grad=True)
    torch.autograd.gradcheck(
        case,
        tensors,
        fast_mode=_many(tensors),
        check_forward_ad=True,
        check_batched_grad=True,
        check_batched_forward_grad=batched,
    )


def gradgradcheck(case: Case) -> None:
    """Second derivatives, reverse over reverse and forward over reverse, against finite differences."""
    applies(not case.on_a_kink, "a learned parameter stands where the formula changes its branch")
    tensors = case.tensors(grad=True)
    torch.autograd.gradgradcheck(
        case,
        tensors,
        fast_mode=_many(tensors),
        check_fwd_over_rev=True,
        check_rev_over_rev=True,
        check_batched_grad=not case.random,
    )


def gradcheck_per_channel(case: Case) -> None:
    """The same for one learned parameter a channel; where nothing is learned, for an input of three dimensions."""
    applies(case.shape is None, f"it is given inputs of shape {case.shape} alone")
    applies(not case.estimated, ESTIMATED)
    shape = (3, 2) if case.learns else (2, 2, 2)
    torch.autograd.gradcheck(case, case.tensors(shape, channels=2, grad=True), check_forward_ad=True)


def third_derivative(case: Case) -> None:
    """Reverse mode of reverse mode of reverse mode is finite and, off kinks, the difference of second derivatives."""
    applies(case.kind != "complex", "promised of functions of real numbers")
    x, *rest = case.tensors(grad=True)
    step = 1e-5

    def second(at: Tensor) -> Tensor:
        first = torch.autograd.grad(case(at, *rest).square().sum(), at, create_graph=True)[0]
        return torch.autograd.grad(first.sum(), at, create_graph=True)[0] if first.requires_grad else first

    value = second(x)
    if not value.requires_grad:
        return  # it is constant, and its slope is 0
    slope = torch.autograd.grad(value.sum(), x)[0]
    shift = torch.zeros_like(x)
    shift.view(-1)[0] = step
    difference = (second(x + shift).sum() - second(x - shift).sum()) / (2 * step)
    torch.testing.assert_close(slope.reshape(-1)[0], difference, rtol=1e-4, atol=1e-4)


def second_backward(case: Case) -> None:
    """``retain_graph``: a second backward gives the same bits; saved tensors are never overwritten."""
    tensors = case.tensors(dtype=torch.float32, grad=True)
    y = case(*tensors)
    first = [
        g.clone() for g in torch.autograd.grad(case.total(y), tensors, retain_graph=True)
    ]  # whatever memory they lie in
    same(list(torch.autograd.grad(case.total(y), tensors)), first)


def checkpointed(case: Case) -> None:
    """Non-reentrant checkpointing computes the same bits."""
    tensors = case.tensors(dtype=torch.float32, grad=True)
    plain = torch.autograd.grad(case.total(case(*tensors)), tensors)
    y = checkpoint(case, *tensors, use_reentrant=False)
    same(torch.autograd.grad(case.total(y), tensors), plain)


def one_gradient_at_a_time(case: Case) -> None:
    """Where only some arguments need a gradient, those get the same one."""
    tensors = case.tensors(dtype=torch.float32, grad=True)
    plain = torch.autograd.grad(case.total(case(*tensors)), tensors)
    for i, expected in enumerate(plain):
        alone = [t.detach().requires_grad_(i == j) for j, t in enumerate(tensors)]
        alike(torch.autograd.grad(case.total(case(*alone)), alone[i])[0], expected, layers=bool(case.layers))


def no_graph_without_grad(case: Case) -> None:
    """Nothing is recorded under no_grad, in inference mode, or for inputs that need no gradient; the values are the same."""
    tensors = case.tensors(dtype=torch.float32, grad=True)
    value = case(*tensors)
    assert value.requires_grad
    with torch.no_grad():
        quiet = case(*tensors)
    with torch.inference_mode():
        inference = case(*(t.detach().clone() for t in tensors))
    plain = case(*(t.detach() for t in tensors))
    for y in (quiet, inference, plain):
        assert y is tensors[0] or not y.requires_grad  # the identity's output is its input
        assert y.grad_fn is None
        alike(y.clone(), value.detach(), layers=bool(case.layers))


def in_place(case: Case) -> None:
    """``inplace=True``: the input itself, changed once, with the values and gradients of the ordinary call."""
    if not case.takes_inplace:
        applies(case.own, "it takes no inplace")
        with raises(TypeError, match="inplace"):
            case(*case.tensors(), inplace=True)
        return
    (x,) = case.data(dtype=torch.float32)
    expected = case(x)
    target = x.clone()
    version = target._version
    result = case(target, inplace=True)
    assert result is target
    assert target._version == version + 1, "the version counter tells autograd that a saved input changed"
    same(target, expected)

    leaf = x.clone().requires_grad_()
    with raises(RuntimeError, match="leaf Variable that requires grad"):
        case(leaf, inplace=True)
    same(leaf.detach(), x)

    gradient = torch.autograd.grad(case(leaf).sum(), leaf)[0]
    inner = leaf * 1.0
    same(torch.autograd.grad(case(inner, inplace=True).sum(), leaf)[0], gradient)
    twice = leaf * 1.0
    case(case(twice, inplace=True), inplace=True)
    same(torch.autograd.grad(twice.sum(), leaf)[0], torch.autograd.grad(case(case(leaf)).sum(), leaf)[0])


def in_place_on_a_saved_tensor(case: Case) -> None:
    """Overwriting what another operation saved is an error at backward, never a wrong gradient."""
    applies(case.takes_inplace, "it takes no inplace")
    (leaf,) = case.data(dtype=torch.float32, grad=True)
    y = leaf.exp()  # saves its result
    case(y, inplace=True)
    with raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def in_place_on_a_view(case: Case) -> None:
    """A strided view: the base changes there and nowhere else, and so do its gradients."""
    applies(case.takes_inplace, "it takes no inplace")
    (x,) = case.data((4, 6), dtype=torch.float32)

    def apply(base: Tensor, **more: Any) -> Tensor:
        whole = base * 1.0
        result = case(whole[:, ::2], **more)
        return whole if more else torch.stack([result, whole[:, 1::2]], dim=2).reshape(4, 6)

    leaf = x.clone().requires_grad_()
    changed, expected = apply(leaf, inplace=True), apply(leaf)
    same(changed.detach(), expected.detach())
    weights = torch.arange(24.0).view(4, 6)
    same(torch.autograd.grad((changed * weights).sum(), leaf), torch.autograd.grad((expected * weights).sum(), leaf))
