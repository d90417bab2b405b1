"""Devices: the meta device, moving a module, and CUDA where there is a card."""

from __future__ import annotations

import torch

from nonlin.contract.case import Case
from nonlin.contract.expect import applies, near


def meta(case: Case) -> None:
    """The meta device: shape, strides and dtype of the real call, without numbers."""
    real = case(*case.tensors(case.image, torch.bfloat16, channels=4))
    leaves = tuple(t.to("meta").requires_grad_() for t in case.tensors(case.image, torch.bfloat16, channels=4))
    ghost = case(*leaves) if not case.random else case.plain(*leaves)
    found = (ghost.device.type, ghost.shape, ghost.stride(), ghost.dtype)
    assert found == ("meta", real.shape, real.stride(), real.dtype), found
    gradients = torch.autograd.grad(ghost, leaves, torch.empty_like(ghost))
    assert [(g.shape, g.dtype) for g in gradients] == [(t.shape, t.dtype) for t in leaves]


def moved(case: Case) -> None:
    """``.to`` and ``.double`` move the module; ours have no buffers to forget."""
    module = case.module(channels=4).double()
    if case.own and case.activation is not None and not case.activation.rule:
        assert not list(module.buffers())
    assert all(p.dtype is torch.float64 for p in module.parameters() if p.is_floating_point())
    value = module(*case.data(case.image))
    assert value.dtype in (torch.float64, torch.complex128)
    assert all(p.device.type == "meta" for p in case.module(channels=4).to("meta").parameters())


def cuda(case: Case) -> None:
    """On a card: the values and gradients of the CPU."""
    applies(torch.cuda.is_available(), "no CUDA device on this machine")
    applies(not case.random, "two devices draw different numbers")
    leaves = case.tensors(case.image, torch.float64, channels=4, grad=True)
    there = tuple(t.detach().cuda().requires_grad_() for t in leaves)
    y, far = case(*leaves), case(*there)
    assert far.device.type == "cuda"
    near(far.detach().cpu(), y.detach(), atol=1e-14)
    torch.testing.assert_close(
        [g.cpu() for g in torch.autograd.grad(far.abs().sum(), there)],
        list(torch.autograd.grad(y.abs().sum(), leaves)), rtol=1e-12, atol=1e-12,
    )  # fmt: skip
