"""Stochastic activations: in training, a formula with a parameter drawn anew for every element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nonlin.formula.declaration import Activation
from nonlin.kernels.autograd import differentiable
from nonlin.kernels.terms import formula


def training_form(activation: Activation) -> Callable[..., Tensor]:
    """``f(x, *parameters)`` as in training: ``noise`` of the declared formula is uniform between two parameters."""
    drawn = activation.in_training
    assert drawn is not None
    function = differentiable(formula(drawn), prepare=(0,))
    low, high = (
        activation.parameters.index(p) for name in activation.noise for p in activation.parameters if p.name == name
    )

    def call(x: Tensor, *parameters: Any) -> Tensor:
        parameters = parameters or tuple(p.effective(p.default) for p in activation.parameters)
        noise = torch.rand_like(x) * (parameters[high] - parameters[low]) + parameters[low]
        return function(x, noise)

    return call
