"""A monitor's figures as scalars of TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonlin.errors import ArgumentError


def write(writer: Any, figures: Mapping[str, float], step: int) -> None:
    """Write the figures of :meth:`nonlin.Monitor.step`, each as a scalar under its name; an empty mapping writes nothing.

    Args:
        writer: any SummaryWriter: of torch.utils.tensorboard, of tensorboardX, or another object with their ``add_scalar``.
        figures: from a name to a number.
        step: the training step that they belong to.

    Raises:
        ArgumentError: where ``writer`` has no ``add_scalar``.

    Example:
        >>> from nonlin.integrations import tensorboard
        >>> class Printer:
        ...     def add_scalar(self, tag, value, step):
        ...         print(tag, value, step)
        >>> tensorboard.write(Printer(), {"1.ReLU/dead": 0.25}, step=200)
        1.ReLU/dead 0.25 200
    """
    if not callable(getattr(writer, "add_scalar", None)):
        raise ArgumentError(
            f"writer is a {type(writer).__name__}; expected a SummaryWriter, such as torch.utils.tensorboard.SummaryWriter(folder)"
        )
    for name, value in figures.items():
        writer.add_scalar(name, value, step)
