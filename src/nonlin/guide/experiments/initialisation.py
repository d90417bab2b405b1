"""What a deep net shows before any training: the gradient that reaches each layer, and how values are centred."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from nonlin.guide.experiments.data import Split
from nonlin.guide.experiments.network import Function, initial, layers, pre_activations, widths_of
from nonlin.guide.experiments.training import loss_of_each
from nonlin.guide.results import Centring, GradientByLayer


def gradients(
    name: str, activation: Function, data: Split, *, seeds: Sequence[int], width: int, depth: int
) -> GradientByLayer:
    r"""Norm of the weight gradient of each hidden layer, over the whole training set, at initialisation.

    With :math:`g_l = \lVert \partial L / \partial W_l \rVert_2` of hidden layer :math:`l` (1 is next to the input),
    ``norms`` holds :math:`g_l / g_{depth}`, and ``factor_per_layer`` the geometric mean of :math:`g_l / g_{l+1}`,
    which is :math:`(g_1 / g_{depth})^{1 / (depth - 1)}`.

    Raises:
        ValueError: ``depth`` is below 2, so that there is no pair of layers to compare.
    """
    if depth < 2:
        raise ValueError(f"depth={depth} has no two hidden layers to compare; expected at least 2")
    widths = widths_of(data.features, width, depth, data.outputs)
    net = layers(initial(widths, seeds).requires_grad_(), widths)
    z = pre_activations(net, activation, data.x)[-1]
    loss = loss_of_each(z, data.y.expand(len(seeds), -1)).sum()
    by_layer = torch.autograd.grad(loss, [weight for weight, _ in net[:-1]])
    norms = torch.stack([g.double().flatten(1).norm(dim=1) for g in by_layer], dim=1)  # [seed, layer]
    relative = norms / norms[:, -1:]
    factor = relative[:, 0] ** (1 / (depth - 1))
    return GradientByLayer(activation=name, depth=depth, norms=_rows(relative), factor_per_layer=tuple(factor.tolist()))


@torch.no_grad()
def centring(name: str, activation: Function, data: Split, *, seeds: Sequence[int], width: int, depth: int) -> Centring:
    """Mean and standard deviation, over units and training samples, of the values each hidden layer passes on."""
    widths = widths_of(data.features, width, depth, data.outputs)
    entering = pre_activations(layers(initial(widths, seeds), widths), activation, data.x)[:-1]
    passed_on = [activation(z).double().flatten(1) for z in entering]  # per layer [seed, samples * width]
    return Centring(
        activation=name,
        mean=_rows(torch.stack([h.mean(dim=1) for h in passed_on], dim=1)),
        std=_rows(torch.stack([h.std(dim=1) for h in passed_on], dim=1)),
    )


def _rows(values: torch.Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())
