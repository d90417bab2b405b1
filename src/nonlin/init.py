"""Weights at the scale that an activation needs: forward, backward and critical gains, for any activation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from nonlin.facts.lookup import facts
from nonlin.facts.sheet import CriticalPoint, Fact, FactSheet

Mode = Literal["forward", "backward", "critical"]
Filter = Callable[[nn.Module, str], bool]

_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True)
class Initialised:
    """What :func:`init_` did to one layer: weights ~ N(0, std^2) with ``std = gain / sqrt(fan)``, biases ~ N(0, bias_std^2)."""

    name: str
    gain: float
    fan: float
    std: float
    bias_std: float


def gain(activation: Any, mode: Mode = "forward", **parameters: float) -> float:
    r"""The gain of an activation: what a weight's standard deviation is multiplied by, over ``1 / sqrt(fan)``.

    - ``forward``: :math:`1/\sqrt{E[f(z)^2]}`, keeps the second moment of the signal at 1;
    - ``backward``: :math:`1/\sqrt{E[f'(z)^2]}`, keeps the second moment of the gradient;
    - ``critical``: the ``sigma_w`` of the critical point, keeps both where that is possible.

    Here z ~ N(0, 1). The variance gain :math:`1/\sqrt{Var f(z)}` is ``nonlin.facts(...).variance_gain``.

    Raises:
        ValueError: where the gain is not defined (a function of a whole row; no critical point; f or f' zero).

    Example:
        >>> import nonlin
        >>> round(nonlin.gain("relu"), 6), round(nonlin.gain("tanh", "backward"), 6)
        (1.414214, 1.467414)
    """
    return _scales(facts(activation, **parameters), mode)[0]


def init_(
    target: nn.Module | Tensor,
    activation: Any = "relu",
    mode: Mode = "forward",
    *,
    data_first: bool = True,
    orthogonal: bool = False,
    generator: torch.Generator | None = None,
    filter_fn: Filter | None = None,
    **parameters: float,
) -> list[Initialised]:
    r"""Initialise in place for an activation, by the gains of its fact sheet.

    Weights become :math:`N(0, gain^2 / fan)`, with the fan-in, or the fan-out for ``mode="backward"``; biases become 0,
    or :math:`N(0, \sigma_b^2)` for ``mode="critical"``.

    Args:
        target: a model, whose every ``nn.Linear`` and (transposed) convolution is initialised, or a weight tensor of
            at least 2 dimensions, (out, in, ...).
        activation: anything that :func:`nonlin.facts` accepts, the activation between the layers.
        mode: which gain, see :func:`gain`.
        data_first: the model's first layer sees data of unit second moment, not activations: its weights are scaled to
            bring the second moment of its output to where the other layers keep it. False treats it like the others.
        orthogonal: (semi-)orthogonal weights of the same scale instead of normal ones.
        generator: the source of randomness.
        filter_fn: called with (module, qualified name); where it returns False the layer is left alone.
        **parameters: parameter values of the activation.

    Returns:
        What was done, one record a layer, in the order of ``model.named_modules()``.

    Raises:
        ValueError: for an unknown mode, a gain that is not defined, a tensor of fewer than 2 dimensions, or a model in
            which nothing was found to initialise.

    Example:
        >>> import torch, nonlin
        >>> net = torch.nn.Sequential(torch.nn.Linear(8, 64), nonlin.SiLU(), torch.nn.Linear(64, 64))
        >>> [(r.name, round(r.gain, 4), round(r.std, 4)) for r in nonlin.init_(net, "silu")]
        [('0', 1.0, 0.3536), ('2', 1.6765, 0.2096)]

    References:
        He, Zhang, Ren & Sun (2015), Delving Deep into Rectifiers, arXiv:1502.01852 (the gains for rectifiers).
        Roberts, Yaida & Hanin (2021), The Principles of Deep Learning Theory, arXiv:2106.10165 (critical points).
    """
    scale, bias_std, first = _scales(facts(activation, **parameters), mode)
    if isinstance(target, Tensor):
        return [_fill(target, "", scale, _fan(target, mode), orthogonal, generator)]
    layers = [(name, layer) for name, layer in target.named_modules() if isinstance(layer, _LAYERS)]
    start = layers[0][0] if layers and data_first and mode != "backward" else None
    chosen = [(name, layer) for name, layer in layers if filter_fn is None or filter_fn(layer, name)]
    if not chosen:
        raise ValueError(
            "found no nn.Linear or convolution to initialise; pass a model that has one, or a weight tensor"
        )
    done = []
    for name, layer in chosen:
        if isinstance(layer.weight, nn.UninitializedParameter):
            raise ValueError(f"layer {name!r} is lazy and has no weights yet; run the model on a batch first")
        record = _fill(
            layer.weight,
            name,
            first if name == start else scale,
            _layer_fan(layer, mode),
            orthogonal,
            generator,
            bias_std,
        )
        if layer.bias is not None:
            with torch.no_grad():
                layer.bias.normal_(0.0, bias_std, generator=generator) if bias_std else layer.bias.zero_()
        done.append(record)
    return done


def _scales(sheet: FactSheet, mode: Mode) -> tuple[float, float, float]:
    """(gain, standard deviation of biases, gain of a first layer that sees data)."""
    if mode == "forward":
        return _defined(sheet, sheet.forward_gain, mode), 0.0, 1.0
    if mode == "backward":
        value = _defined(sheet, sheet.backward_gain, mode)
        return value, 0.0, value
    if mode == "critical":
        point = sheet.critical_point.value if sheet.critical_point else CriticalPoint("none")
        if point.sigma_w is None or point.sigma_b is None:
            raise ValueError(
                f"{sheet.name} has no critical point: no scale keeps signal and gradient; use mode='forward' or mode='backward'"
            )
        return point.sigma_w, point.sigma_b, math.sqrt(point.q - point.sigma_b**2) if point.q else 1.0
    raise ValueError(f"mode={mode!r}; expected 'forward', 'backward' or 'critical'")


def _defined(sheet: FactSheet, value: Fact[float] | None, mode: str) -> float:
    if value is None or not 0 < value.value < math.inf:
        raise ValueError(
            f"{sheet.name} ({sheet.kind}) has no {mode} gain: that needs a function of one number with finite moments, not 0"
        )
    return value.value


def _fan(weight: Tensor, mode: Mode) -> float:
    if weight.ndim < 2:
        raise ValueError(
            f"got a tensor of shape {tuple(weight.shape)}; expected a weight of at least 2 dimensions, (out, in, ...)"
        )
    receptive = math.prod(weight.shape[2:])
    return float(weight.shape[0 if mode == "backward" else 1] * receptive)


def _layer_fan(layer: nn.Module, mode: Mode) -> float:
    """How many terms one output (one input's gradient, for backward) sums, counting groups and strides."""
    if isinstance(layer, nn.Linear):
        return float(layer.out_features if mode == "backward" else layer.in_features)
    assert isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Conv3d, *_TRANSPOSED))
    receptive, stride = math.prod(layer.kernel_size), math.prod(layer.stride)
    channels = (layer.out_channels if mode == "backward" else layer.in_channels) / layer.groups
    spread = isinstance(layer, _TRANSPOSED) != (mode == "backward")
    return channels * receptive / (stride if spread else 1)


def _fill(
    weight: Tensor,
    name: str,
    scale: float,
    fan: float,
    orthogonal: bool,
    generator: torch.Generator | None,
    bias_std: float = 0.0,
) -> Initialised:
    std = scale / math.sqrt(fan)
    with torch.no_grad():
        if orthogonal:
            nn.init.orthogonal_(weight, generator=generator)
            # rows or columns of unit length: bring the root mean square of the entries to std
            weight.mul_(std / weight.square().mean().sqrt())
        else:
            weight.normal_(0.0, std, generator=generator)
    return Initialised(name, scale, fan, std, bias_std)
