"""Training a stack of nets with Adam: each net as if it were alone, all in one batched step.

Shapes: N nets, B samples, P parameters of one net.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from nonlin.guide.experiments.data import Split
from nonlin.guide.experiments.network import Function, Widths, initial, layers, logits

AfterEpoch = Callable[[int, Tensor, Tensor], None]
"""Called with the epoch (from 1), the parameters [N, P] and the mean training loss of that epoch [N]."""

# Order of the samples and initial weights must not come from the same random numbers.
_ORDER_SEED_OFFSET = 1_000_003


class StackedAdam:
    """Adam on parameters ``[N, P]``, with torch.optim.Adam's defaults and several learning rates.

    Args:
        parameters: changed in place.
        learning_rates: each for an equal share of the nets, the first for the first of them.

    Source: Kingma & Ba (2015), Adam: A Method for Stochastic Optimization, arXiv:1412.6980.
    """

    def __init__(
        self,
        parameters: Tensor,
        learning_rates: Sequence[float],
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        self.parameters = parameters
        self.rates = learning_rates
        self.betas = betas
        self.eps = eps
        self.steps = 0
        self.mean = torch.zeros_like(parameters)
        self.square = torch.zeros_like(parameters)

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """One update from ``gradient`` ``[N, P]``."""
        self.steps += 1
        beta1, beta2 = self.betas
        self.mean.lerp_(gradient, 1 - beta1)
        self.square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        # Both bias corrections go into scalars: a pass over all parameters costs more than the arithmetic in it.
        scale = (1 - beta2**self.steps) ** 0.5
        root = self.square.sqrt().add_(self.eps * scale)
        share = len(self.parameters) // len(self.rates)
        of_rate = (torch.split(values, share) for values in (self.parameters, self.mean, root))
        for rate, parameters, mean, below in zip(self.rates, *of_rate, strict=True):
            parameters.addcdiv_(mean, below, value=-rate * scale / (1 - beta1**self.steps))


def loss_of_each(z: Tensor, target: Tensor) -> Tensor:
    """Mean cross entropy of every net ``[N]``: of a sigmoid where there is one logit, else of a softmax.

    Args:
        z: logits ``[N, B, O]``.
        target: labels ``[N, B]``.
    """
    if z.shape[-1] == 1:
        each = F.binary_cross_entropy_with_logits(z[..., 0], target.to(z.dtype), reduction="none")
    else:
        each = F.cross_entropy(z.flatten(0, 1), target.flatten(), reduction="none").view_as(target)
    return each.mean(dim=1)


@torch.no_grad()
def accuracy_of_each(parameters: Tensor, widths: Widths, activation: Function, data: Split) -> Tensor:
    """Share of held-out samples that every net classifies correctly ``[N]``."""
    z = logits(layers(parameters, widths), activation, data.x_test)
    guess = (z[..., 0] > 0).long() if z.shape[-1] == 1 else z.argmax(dim=-1)
    return (guess == data.y_test).float().mean(dim=1)


def train(
    data: Split,
    widths: Widths,
    activation: Function,
    *,
    seeds: Sequence[int],
    learning_rates: Sequence[float],
    epochs: int,
    batch_size: int,
    after_epoch: AfterEpoch | None = None,
) -> Tensor:
    """Train a net for every pair of learning rate and seed, all at once; return their parameters ``[N, P]``.

    A seed fixes the initial weights and the order of the samples, so that nets which differ in their learning rate
    alone see the same batches. Net ``r * len(seeds) + s`` has learning rate ``r`` and seed ``s``. The last batch of an
    epoch is smaller where the batch size does not divide the number of samples.

    Args:
        data: trained on ``data.x`` and ``data.y`` alone.
        widths: width of every layer, inputs and outputs included.
        activation: the function between two layers.
        after_epoch: is told about every epoch; must not change what it is given.
    """
    rates = len(learning_rates)
    parameters = initial(widths, seeds).repeat(rates, 1).requires_grad_()
    adam = StackedAdam(parameters, learning_rates)
    generators = [torch.Generator().manual_seed(seed + _ORDER_SEED_OFFSET) for seed in seeds]
    samples = data.x.shape[0]
    for epoch in range(1, epochs + 1):
        order = torch.stack([torch.randperm(samples, generator=g, device="cpu") for g in generators])
        total = torch.zeros(len(parameters), dtype=torch.float32, device="cpu")
        for batch in torch.split(order, batch_size, dim=1):
            chosen = batch.repeat(rates, 1)
            x, y = data.x[chosen], data.y[chosen]
            each = loss_of_each(logits(layers(parameters, widths), activation, x), y)
            # The nets share no parameter, so the gradient of the sum holds the gradient of each.
            (gradient,) = torch.autograd.grad(each.sum(), parameters)
            adam.step(gradient)
            total += each.detach() * (batch.shape[1] / samples)
        if after_epoch is not None:
            after_epoch(epoch, parameters.detach(), total)
    return parameters.detach()
