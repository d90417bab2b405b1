"""How well nets of growing depth learn, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nonlin.guide.experiments.data import Split
from nonlin.guide.experiments.network import Function, widths_of
from nonlin.guide.experiments.progress import Tick
from nonlin.guide.experiments.training import accuracy_of_each, train
from nonlin.guide.results import Accuracy


def accuracy(
    name: str,
    activation: Function,
    data: Split,
    *,
    seeds: Sequence[int],
    width: int,
    depth: int,
    learning_rate: float,
    epochs: int,
    batch_size: int,
    tick: Tick,
) -> Accuracy:
    """Held-out accuracy and mean training loss of every epoch, for each seed, with ``depth`` hidden layers."""
    widths = widths_of(data.features, width, depth, data.outputs)
    right: list[Tensor] = []
    lost: list[Tensor] = []

    def after_epoch(epoch: int, parameters: Tensor, loss: Tensor) -> None:
        right.append(accuracy_of_each(parameters, widths, activation, data))
        lost.append(loss)
        tick(epoch / epochs)

    train(
        data,
        widths,
        activation,
        seeds=seeds,
        learning_rates=[learning_rate],
        epochs=epochs,
        batch_size=batch_size,
        after_epoch=after_epoch,
    )
    return Accuracy(activation=name, depth=depth, accuracy=_by_seed(right), loss=_by_seed(lost))


def _by_seed(epochs: list[Tensor]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in torch.stack(epochs, dim=1).tolist())
