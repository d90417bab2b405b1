"""The names of ``jax.nn`` (read at https://docs.jax.dev/en/latest/jax.nn.html and in jax/_src/nn/functions.py).

jax's gelu is the tanh form unless ``approximate=False``; axes default to the last.
"""

from __future__ import annotations

NAMES = {
    "celu": "celu",
    "elu": "elu",
    "gelu": "gelu_tanh",
    "glu": "glu",
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
    "identity": "identity",
    "leaky_relu": "leaky_relu(0.01)",
    "log_sigmoid": "logsigmoid",
    "log_softmax": "log_softmax(dim=-1)",
    "mish": "mish",
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "soft_sign": "softsign",
    "softmax": "softmax(dim=-1)",
    "softplus": "softplus",
    "sparse_plus": "sparse_plus",
    "sparse_sigmoid": "sparse_sigmoid",
    "squareplus": "squareplus",
    "swish": "silu",
    "tanh": "tanh",
}

LEFT_OUT = {
    "dot_product_attention": "it is a layer of attention",
    "get_scaled_dot_general_config": "it configures a matrix product",
    "log1mexp": "it is log(1 - exp(-x)) for positive x alone, a building block of losses",
    "logmeanexp": "it reduces a row to one number",
    "logsumexp": "it reduces a row to one number",
    "one_hot": "it encodes integers",
    "scaled_dot_general": "it is a matrix product",
    "scaled_matmul": "it is a matrix product",
    "standardize": "it is a normalisation",
}
