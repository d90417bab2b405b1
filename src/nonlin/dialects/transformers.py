"""The names of ``transformers.activations.ACT2FN`` (the table of 24 in transformers 5).

gelu_fast writes sqrt(2 / pi) with ten digits: its values differ from these by some 1e-11 at most. xIELU's learned
numbers are kept there as the inverse softplus of these, in bfloat16, and exp(x) - 1 is cut at x = -1e-6.
"""

from __future__ import annotations

NAMES = {
    "gelu": "gelu",
    "gelu_10": "clipped_gelu(10.0)",
    "gelu_accurate": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_new": "gelu_tanh",
    "gelu_python": "gelu",
    "gelu_python_tanh": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "hardswish": "hardswish",
    "laplace": "laplace",
    "leaky_relu": "leaky_relu(0.01)",
    "linear": "identity",
    "mish": "mish",
    "prelu": "prelu",
    "quick_gelu": "quick_gelu",
    "relu": "relu",
    "relu2": "relu_squared",
    "relu6": "relu6",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "sqrtsoftplus": "sqrt_softplus",
    "swish": "silu",
    "tanh": "tanh",
    "xielu": "xielu",
}

LEFT_OUT: dict[str, str] = {}
