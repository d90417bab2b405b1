"""The names of ``keras.activations`` (3.13.2, read at https://keras.io/api/layers/activations).

Keras' default slope of leaky_relu is 0.2 here, and 0.3 in its layer ``keras.layers.LeakyReLU``; hard_sigmoid has slope
1/6 as in torch (Keras 2 had 0.2); axes default to the last.
"""

from __future__ import annotations

NAMES = {
    "celu": "celu",
    "crelu": "crelu(dim=-1)",
    "elu": "elu",
    "exponential": "exponential",
    "gelu": "gelu",
    "glu": "glu",
    "hard_shrink": "hardshrink",
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_swish": "hardswish",
    "hard_tanh": "hardtanh",
    "leaky_relu": "leaky_relu(0.2)",
    "linear": "identity",
    "log_sigmoid": "logsigmoid",
    "log_softmax": "log_softmax(dim=-1)",
    "mish": "mish",
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "soft_shrink": "softshrink",
    "softmax": "softmax(dim=-1)",
    "softplus": "softplus",
    "softsign": "softsign",
    "sparse_plus": "sparse_plus",
    "sparse_sigmoid": "sparse_sigmoid",
    "sparsemax": "sparsemax(dim=-1)",
    "squareplus": "squareplus",
    "swish": "silu",
    "tanh": "tanh",
    "tanh_shrink": "tanhshrink",
    "threshold": "threshold",  # neither library has a default: "keras:threshold(1.0, 0.0)"
}

LEFT_OUT = {
    "deserialize": "it reads a configuration",
    "get": "it looks a name up, as nonlin.get does",
    "serialize": "it writes a configuration",
}
