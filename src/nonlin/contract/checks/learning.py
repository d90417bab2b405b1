"""What is learned: every parameter gets a gradient, and a few steps of an optimiser fit a target function."""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.contract.case import Case
from nonlin.contract.expect import applies

STEPS, RATE = 60, 0.02
SHIFT = 0.2  # the target is the same function with its parameters this far off


def parameters_train(case: Case) -> None:
    """60 steps of Adam (Kingma & Ba, 2014) from the module's own parameters halve the distance to the same function at others."""
    applies(case.learns, "nothing is learned")
    applies(not case.random, "two draws differ")
    applies(case.variant != "other", "judged from the numbers that it starts with")
    applies(case.kind != "surrogate", "its gradient is not its derivative, so a step need not come closer")
    start = case.learned(torch.float64)
    inputs = _reaching(case, start)
    generator = torch.Generator().manual_seed(5)
    signs = [torch.randint(0, 2, p.shape, generator=generator).double() * 2 - 1 for p in start]
    wanted = [p + SHIFT * s for p, s in zip(start, signs, strict=True)]
    target = case(*inputs, *wanted).detach()
    state = [(p, torch.zeros_like(p), torch.zeros_like(p)) for p in start]
    first = last = float("inf")
    for step in range(1, STEPS + 1):
        leaves = [p.detach().requires_grad_() for p, _, _ in state]
        loss = (case(*inputs, *leaves) - target).abs().square().mean()
        gradients = torch.autograd.grad(loss, leaves)
        last = float(loss.detach())
        if step == 1:
            first = last
            _all_reached(case, inputs, gradients, wanted)
        state = [_adam(p, m, v, g, step) for (p, m, v), g in zip(state, gradients, strict=True)]
    assert last < first / 2, (
        f"the loss went from {first:.3g} to {last:.3g}: the parameters do not follow their gradients"
    )


def _reaching(case: Case, parameters: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Inputs so large that every parameter has an influence, as the bound of a clip has on those beyond it."""
    for scale in (1.5, 6.0, 20.0):
        inputs = case.data(case.image, torch.float64, scale=scale)
        leaves = [p.detach().requires_grad_() for p in parameters]
        gradients = torch.autograd.grad(case(*inputs, *leaves).abs().sum(), leaves)
        if all(bool((g != 0).any()) for g in gradients):
            break
    return inputs


def _all_reached(case: Case, inputs: tuple[Tensor, ...], gradients: tuple[Tensor, ...], beside: list[Tensor]) -> None:
    """Every parameter has an influence where it starts, or beside it: it may start where it is stationary."""
    leaves = [p.detach().requires_grad_() for p in beside]
    others = torch.autograd.grad(case(*inputs, *leaves).abs().sum(), leaves)
    pairs = zip(case.learns, gradients, others, strict=True)
    idle = [name for name, g, other in pairs if not bool((g != 0).any() or (other != 0).any())]
    assert not idle, f"no gradient reaches {', '.join(idle)}"


def _adam(p: Tensor, m: Tensor, v: Tensor, g: Tensor, step: int) -> tuple[Tensor, Tensor, Tensor]:
    m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g.abs().square()
    corrected = (v / (1 - 0.99**step)).sqrt() + 1e-12
    return p - RATE * (m / (1 - 0.9**step)) / corrected, m, v
