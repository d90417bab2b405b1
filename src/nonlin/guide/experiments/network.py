"""Many fully connected nets of one shape as one: every weight is stacked over the nets, every product a batched one.

Shapes: N nets, B samples, I inputs and O outputs of a layer, P parameters of one net.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]
Widths = tuple[int, ...]
Layer = tuple[Tensor, Tensor]  # weight [N, I, O], bias [N, 1, O]

INITIALISATION = "Xavier uniform weights (gain 1), zero biases"


def widths_of(inputs: int, hidden: int, depth: int, outputs: int) -> Widths:
    """Width of every layer of a net with ``depth`` hidden layers.

    Example:
        >>> widths_of(64, 32, 2, 10)
        (64, 32, 32, 10)
    """
    return (inputs, *([hidden] * depth), outputs)


def initial(widths: Widths, seeds: Sequence[int]) -> Tensor:
    """Initial parameters ``[N, P]``, one row per seed: Xavier-uniform weights with gain 1, zero biases.

    Xavier's rule was made for sigmoid and tanh, so what they lose with depth cannot be put down to the initialisation;
    the smaller weights that ``torch.nn.Linear`` starts with make it worse. A row depends on its own seed and on
    nothing else: the weights of each layer are those of ``torch.nn.init.xavier_uniform_`` on the ``[O, I]`` matrix.

    Example:
        >>> initial((64, 32, 10), seeds=[0, 1, 2]).shape
        torch.Size([3, 2410])

    Source: Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        pieces = []
        for fan_in, fan_out in pairwise(widths):
            weight = torch.empty(fan_out, fan_in, dtype=torch.float32, device="cpu")
            torch.nn.init.xavier_uniform_(weight, generator=generator)
            pieces += [weight.t().flatten(), weight.new_zeros(fan_out)]
        rows.append(torch.cat(pieces))
    return torch.stack(rows)


def layers(parameters: Tensor, widths: Widths) -> list[Layer]:
    """The layers inside ``parameters`` ``[N, P]``, as views: a gradient reaches ``parameters`` through them."""
    nets = parameters.shape[0]
    sizes = [size for i, o in pairwise(widths) for size in (i * o, o)]
    pieces = iter(torch.split(parameters, sizes, dim=1))
    return [
        (next(pieces).view(nets, fan_in, fan_out), next(pieces).view(nets, 1, fan_out))
        for fan_in, fan_out in pairwise(widths)
    ]


def pre_activations(net: Sequence[Layer], activation: Function, x: Tensor) -> list[Tensor]:
    """What enters every activation, and last the logits: one ``[N, B, O]`` per layer.

    Args:
        net: the layers of N nets.
        activation: the function between two layers, applied to each value alone.
        x: inputs ``[N, B, I]``, or ``[B, I]`` where all nets see the same ones.
    """
    values = []
    h = x.expand(net[0][0].shape[0], *x.shape[-2:])
    for index, (weight, bias) in enumerate(net):
        z = torch.baddbmm(bias, h, weight)
        values.append(z)
        if index + 1 < len(net):
            h = activation(z)
    return values


def logits(net: Sequence[Layer], activation: Function, x: Tensor) -> Tensor:
    """What the nets put out ``[N, B, O]``, before any softmax or sigmoid; arguments as :func:`pre_activations`."""
    return pre_activations(net, activation, x)[-1]
