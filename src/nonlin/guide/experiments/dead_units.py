"""Units that no training sample can move any more: their derivative is zero on all of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nonlin.guide.experiments.data import Split
from nonlin.guide.experiments.network import Function, Layer, Widths, initial, layers, pre_activations, widths_of
from nonlin.guide.experiments.progress import Tick
from nonlin.guide.experiments.training import accuracy_of_each, train
from nonlin.guide.results import DeadUnits


def dead_share(net: Sequence[Layer], activation: Function, x: Tensor) -> Tensor:
    """Share of each hidden layer's units whose derivative is exactly zero for every sample: ``[N, hidden layers]``.

    The derivative is autograd's, of ``activation`` in float32 at the pre-activation, so the count holds for every
    function: a sigmoid whose derivative underflows counts as well. A net that has diverged to infinity or NaN has no
    dead units: it has no meaningful derivative.

    Args:
        net: the layers of N nets.
        x: all training inputs ``[B, I]``.
    """
    with torch.no_grad():
        entering = pre_activations(net, activation, x)[:-1]
    shares = []
    for z in entering:
        at = z.detach().requires_grad_()
        with torch.enable_grad():
            (slope,) = torch.autograd.grad(activation(at).sum(), at)
        dead = ((slope == 0) & z.isfinite()).all(dim=1)  # [N, O]
        shares.append(dead.float().mean(dim=1))
    return torch.stack(shares, dim=1)


def dead_units(
    name: str,
    activation: Function,
    data: Split,
    *,
    seeds: Sequence[int],
    width: int,
    depth: int,
    learning_rates: Sequence[float],
    epochs: int,
    batch_size: int,
    tick: Tick,
) -> tuple[DeadUnits, ...]:
    """Count dead units before training and after it, at every learning rate: one record for each rate."""
    widths = widths_of(data.features, width, depth, data.outputs)
    parameters = train(
        data,
        widths,
        activation,
        seeds=seeds,
        learning_rates=learning_rates,
        epochs=epochs,
        batch_size=batch_size,
        after_epoch=lambda epoch, _parameters, _loss: tick(epoch / epochs),
    )
    before = _share(initial(widths, seeds), widths, activation, data)
    # One learning rate at a time: all nets on all samples at once would need a few hundred megabytes.
    return tuple(
        DeadUnits(
            activation=name,
            learning_rate=rate,
            share=_share(of_rate, widths, activation, data),
            accuracy=tuple(accuracy_of_each(of_rate, widths, activation, data).tolist()),
            share_before=before,
        )
        for rate, of_rate in zip(learning_rates, torch.split(parameters, len(seeds)), strict=True)
    )


def _share(parameters: Tensor, widths: Widths, activation: Function, data: Split) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in dead_share(layers(parameters, widths), activation, data.x).tolist())
