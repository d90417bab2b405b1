"""Gated linear units: a pointwise function of one half times the other half. Which function is all they differ in."""

from nonlin.formula.declaration import Activation, Source

_VARIANTS = Source("Shazeer", 2020, "GLU Variants Improve Transformer", arxiv="2002.05202")

glu = Activation(
    "glu",
    "sigmoid(gate) * value",
    title="GLU",
    family="gated",
    kind="gated",
    gate="sigmoid",
    torch_name="glu",
    summary="One half of the features, gated by the sigmoid of the other half.",
    source=Source(
        "Dauphin, Fan, Auli & Grangier", 2016, "Language Modeling with Gated Convolutional Networks", arxiv="1612.08083"
    ),
    used_in=("gated convolutional language models", "Conformer"),
)

swiglu = Activation(
    "swiglu",
    "gate * sigmoid(gate) * value",
    title="SwiGLU",
    family="gated",
    kind="gated",
    gate="silu",
    aliases=("silu_glu",),
    summary="One half of the features, gated by the SiLU of the other half.",
    source=_VARIANTS,
    used_in=("Llama, PaLM and Qwen",),
)

geglu = Activation(
    "geglu",
    "gate * normal_cdf(gate) * value",
    title="GEGLU",
    family="gated",
    kind="gated",
    gate="gelu",
    summary="One half of the features, gated by the GELU of the other half.",
    source=_VARIANTS,
    used_in=("T5 version 1.1 and Gemma (with GELU's tanh form)",),
)

reglu = Activation(
    "reglu",
    "relu(gate) * value",
    title="ReGLU",
    family="gated",
    kind="gated",
    gate="relu",
    summary="One half of the features, gated by the ReLU of the other half.",
    source=_VARIANTS,
    used_in=("transformers for tables",),
)

bilinear = Activation(
    "bilinear",
    "gate * value",
    title="Bilinear",
    family="gated",
    kind="gated",
    gate="identity",
    aliases=("bilinear_glu", "simple_gate"),
    summary="The product of the two halves: a gate without an activation.",
    source=_VARIANTS,
    used_in=("NAFNet, as its simple gate",),
)

tanh_glu = Activation(
    "tanh_glu",
    "tanh(gate) * value",
    title="TanhGLU",
    family="gated",
    kind="gated",
    gate="tanh",
    summary="One half of the features, gated by the tanh of the other half.",
)

mish_glu = Activation(
    "mish_glu",
    "gate * tanh(log(1 + exp(gate))) * value",
    title="MishGLU",
    family="gated",
    kind="gated",
    gate="mish",
    aliases=("miglu",),
    summary="One half of the features, gated by the Mish of the other half.",
)

quick_geglu = Activation(
    "quick_geglu",
    "gate * sigmoid(1.702 * gate) * value",
    title="QuickGEGLU",
    family="gated",
    kind="gated",
    gate="quick_gelu",
    aliases=("qgeglu",),
    summary="One half of the features, gated by the sigmoid approximation of GELU of the other half.",
    used_in=("Transformer Engine, as qgeglu",),
)

squared_reglu = Activation(
    "squared_reglu",
    "relu(gate)**2 * value",
    title="SquaredReGLU",
    family="gated",
    kind="gated",
    gate="relu_squared",
    aliases=("sreglu",),
    summary="One half of the features, gated by the squared ReLU of the other half.",
    used_in=("Transformer Engine, as sreglu",),
)
