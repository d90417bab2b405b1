"""Which functions of torch, and which nodes of its autograd graph, are which activation, layer, norm or loss."""

from __future__ import annotations

import re
from typing import Any, Final

# name of a function of torch, torch.nn.functional or Tensor, without a trailing underscore -> the catalogue's name
ACTIVATIONS: Final = {
    name: name
    for name in (
        "celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "log_softmax",
        "logsigmoid", "mish", "prelu", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu", "softmax", "softmin", "softplus",
        "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
    )
} | {"expit": "sigmoid", "log_sigmoid": "logsigmoid", "gumbel_softmax": "gumbel_softmax"}  # fmt: skip

# ways to write a hinge out of other operations; what they compute is read off their values
HINGES: Final = frozenset(
    {"clamp", "clip", "clamp_min", "clamp_max", "maximum", "minimum", "max", "min", "where", "mul"}
)

LAYERS: Final = frozenset(
    {"linear", "bilinear", "embedding", "embedding_bag"}
    | {f"conv{t}{n}d" for n in (1, 2, 3) for t in ("", "_transpose")}
)
NORMS: Final = frozenset({"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm", "local_response_norm"})
DROPOUTS: Final = frozenset(
    {"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"}
)
LOSSES: Final = frozenset({
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "mse_loss", "l1_loss",
    "smooth_l1_loss", "huber_loss", "kl_div", "poisson_nll_loss", "gaussian_nll_loss", "ctc_loss",
})  # fmt: skip
REGRESSIONS: Final = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})
BOUNDED: Final = frozenset({"sigmoid", "softmax", "gumbel_softmax", "softmin", "tanh", "hardsigmoid"})
FUSED: Final = {  # the activations inside cannot be seen: one operation computes it all
    "lstm": "sigmoid and tanh", "lstm_cell": "sigmoid and tanh", "gru": "sigmoid and tanh", "gru_cell": "sigmoid and tanh",
    "rnn_tanh": "tanh", "rnn_tanh_cell": "tanh", "rnn_relu": "relu", "rnn_relu_cell": "relu",
}  # fmt: skip
ATTENTION: Final = frozenset({"scaled_dot_product_attention", "multi_head_attention_forward"})
COMPARISONS: Final = frozenset({"gt", "ge", "lt", "le", "__gt__", "__ge__", "__lt__", "__le__"})

# operations that move, copy or convert numbers and change none of them
SHAPES: Final = frozenset({
    "Alias", "AsStrided", "Cat", "Clone", "CopySlices", "CopyBackwards", "Diagonal", "Expand", "Flip", "Gather", "Index", "IndexSelect",
    "MaskedSelect", "Movedim", "Permute", "Repeat", "Reshape", "ReshapeAlias", "Roll", "Select", "Slice", "Split",
    "SplitWithSizes", "Squeeze", "Stack", "T", "ToCopy", "Transpose", "Unbind", "Unsqueeze", "UnsafeSplit", "UnsafeView",
    "View", "UnsafeChunk", "Chunk", "Detach", "Positive", "Contiguous", "Swapaxes", "Flatten", "Unflatten", "_ReshapeAlias",
})  # fmt: skip
POOLS: Final = frozenset({  # a mean, a maximum or a mix of numbers stays between them
    "AdaptiveAvgPool1D", "AdaptiveAvgPool2D", "AdaptiveAvgPool3D", "AdaptiveMaxPool2D", "AdaptiveMaxPool3D", "AvgPool2D",
    "AvgPool3D", "Max", "MaxPool2DWithIndices", "MaxPool3DWithIndices", "Mean", "Amax", "MkldnnMaxPool2D", "MaxPool2D",
    "UpsampleNearest1D", "UpsampleNearest2D", "UpsampleNearest3D", "UpsampleLinear1D", "UpsampleBilinear2D", "UpsampleTrilinear3D",
})  # fmt: skip

_NODES: Final = {  # nodes whose name is not the activation's in another spelling
    "logsoftmax": "log_softmax", "leakyrelu": "leaky_relu", "preludkernel": "prelu", "prelukernel": "prelu",
    "rreluwithnoise": "rrelu", "logsigmoid": "logsigmoid", "clampmin": "clamp", "clampmax": "clamp", "maximum": "maximum",
    "safesoftmax": "softmax", "softmaxbackwarddata": "softmax", "hardswish": "hardswish",
}  # fmt: skip
_SUFFIX = re.compile(r"Backward(s)?\d*$")


def of_function(func: Any) -> str:
    """The plain name of a function that a torch function mode saw: ``relu`` for F.relu, torch.relu and Tensor.relu_."""
    name: str = getattr(func, "__name__", "")
    name = name.removeprefix("special_") if name != "_softmax" else "softmax"
    return name[:-1] if name.endswith("_") and not name.endswith("__") else name


def of_node(node: Any) -> str:
    """What an autograd node computes the gradient of: ``LogSoftmax`` for LogSoftmaxBackward0."""
    name: str = node.name().rsplit("::", 1)[-1]
    short = _SUFFIX.sub("", name)
    return short.lstrip("_") if short else name


def activation_of_node(name: str) -> str | None:
    """The catalogue's name of what a node (as of :func:`of_node`) is, where it is an activation of torch."""
    low = name.lower()
    if low in _NODES:
        return _NODES[low]
    return _BY_LETTERS.get(low)


_BY_LETTERS: Final = {name.replace("_", ""): name for name in ACTIVATIONS.values()}


def spelling(func: Any) -> str:
    """How people write the function: ``F.relu``, ``torch.sigmoid``, ``Tensor.relu_``."""
    name = getattr(func, "__name__", str(func))
    owner = getattr(func, "__qualname__", name)
    module = getattr(func, "__module__", None) or ""
    if owner.startswith(("TensorBase.", "Tensor.")):
        return f"Tensor.{name}"
    if module.startswith("nonlin"):
        return f"nonlin.functional.{name}"
    if module in ("torch.nn.functional", "torch._C._nn"):
        return f"F.{name}"
    return f"torch.{name}"
