"""The names that timm's ``create_act_layer`` and ``get_act_fn`` take (timm/layers/create_act.py): torch's defaults."""

from __future__ import annotations

NAMES = {
    "celu": "celu",
    "elu": "elu",
    "gelu": "gelu",
    "gelu_tanh": "gelu_tanh",
    "hard_mish": "hard_mish",
    "hard_sigmoid": "hardsigmoid",
    "hard_swish": "hardswish",
    "hardsigmoid": "hardsigmoid",
    "hardswish": "hardswish",
    "identity": "identity",
    "leaky_relu": "leaky_relu(0.01)",
    "mish": "mish",
    "prelu": "prelu",
    "quick_gelu": "quick_gelu",
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "swish": "silu",
    "tanh": "tanh",
}

LEFT_OUT: dict[str, str] = {}
