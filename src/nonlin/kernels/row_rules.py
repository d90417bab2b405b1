"""The softmax family in torch's own operations: what every function of whole rows computes, and its gradient.

Every form separates the largest entry of a row from the rest, so that 1 - p and log(p) keep their digits when p is next to
1: torch's log_softmax of [17, 0] is exactly 0, the true value is -4.1e-8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class RowRule:
    """A function of whole rows, in plain operations that torch differentiates right, to any order.

    Args:
        name: of the activation, and of its kernels.
        forward: ``forward(x, dim, *numbers)``.
        backward: ``backward(grad, saved, dim, *numbers)``, of the output where ``by_output``, else of the input.
        by_output: the gradient has all its digits when it is computed from the output alone.
        defaults: the numbers where a caller gives none.
        kernel: whether there are C entries of that name.
    """

    name: str
    forward: Callable[..., Tensor]
    backward: Callable[..., Tensor]
    by_output: bool = False
    defaults: tuple[float, ...] = ()
    kernel: bool = True


def _parts(x: Tensor, dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """(x - max, mask of one largest entry, sum of exp(x - max) over the others) of every row.

    The maximum is the masked entry itself, not a constant: so the plain operations differentiate right, ties included.
    A row of -inf alone has no limit and gives NaN; +inf entries share the row equally.
    """
    at = torch.argmax(x.detach(), dim, keepdim=True)
    top = torch.gather(x, dim, at)
    largest = torch.zeros_like(x, dtype=torch.bool).scatter(dim, at, 1)
    spread = torch.where(x == torch.inf, torch.zeros_like(x), x - top)
    others = torch.where(largest, torch.zeros_like(x), torch.exp(spread)).sum(dim, keepdim=True)
    return spread, largest, others


def softmax(x: Tensor, dim: int) -> Tensor:
    spread, _, others = _parts(x, dim)
    return torch.exp(spread) / (1.0 + others)


def log_softmax(x: Tensor, dim: int) -> Tensor:
    spread, _, others = _parts(x, dim)
    return spread - torch.log1p(others)


def softmin(x: Tensor, dim: int) -> Tensor:
    return softmax(-x, dim)


def softmax_backward(grad: Tensor, p: Tensor, dim: int) -> Tensor:
    """p_i (g_i (1 - p_i) - sum over j != i of g_j p_j); the largest entry's 1 - p is what the others sum to."""
    at = torch.argmax(p.detach(), dim, keepdim=True)
    largest = torch.zeros_like(p, dtype=torch.bool).scatter(dim, at, 1)
    others = torch.where(largest, torch.zeros_like(p), p)
    weighted = (grad * others).sum(dim, keepdim=True)
    at_top = grad * others.sum(dim, keepdim=True) - weighted
    mean = weighted + (torch.where(largest, p, torch.zeros_like(p)) * grad).sum(dim, keepdim=True)
    return p * torch.where(largest, at_top, grad - mean)


def softmin_backward(grad: Tensor, p: Tensor, dim: int) -> Tensor:
    return -softmax_backward(grad, p, dim)


def log_softmax_backward(grad: Tensor, x: Tensor, dim: int) -> Tensor:
    """g_i (1 - p_i) - p_i (sum over j != i of g_j), of the input: the output has rounded away what p is."""
    spread, largest, others = _parts(x, dim)
    p = torch.exp(spread) / (1.0 + others)
    complement = torch.where(largest, others / (1.0 + others), 1.0 - p)
    rest = torch.where(largest, torch.zeros_like(grad), grad).sum(dim, keepdim=True)
    return torch.where(largest, grad * complement - p * rest, grad - p * grad.sum(dim, keepdim=True))


SOFTMAX_RULES = {
    rule.name: rule
    for rule in (
        RowRule("softmax", softmax, softmax_backward, by_output=True),
        RowRule("log_softmax", log_softmax, log_softmax_backward),
        RowRule("softmin", softmin, softmin_backward, by_output=True),
    )
}
