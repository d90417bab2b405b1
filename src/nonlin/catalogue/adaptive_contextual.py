"""Activations whose curve a small network computes from the input itself.

FReLU names two functions: here it is ``funnel_relu`` (Funnel Activation for Visual Recognition); the flexible rectifier with
a learned bias is ``flexible_relu``.
"""

from nonlin.formula.declaration import Activation, Source

dynamic_relu = Activation(
    "dynamic_relu",
    "max_k(a_k x + b_k), a and b computed from the mean of each channel",
    title="DynamicReLU",
    family="contextual",
    kind="adaptive",
    rule="pooled",
    samples=(
        "dynamic_relu(4)",
        "dynamic_relu(4, shared='a', reduction=1)",
        "dynamic_relu(4, shared='c', k=3, reduction=1)",
    ),
    aliases=("dyrelu",),
    summary="A maximum of lines that a small network chooses for each sample.",
    source=Source("Chen et al.", 2020, "Dynamic ReLU", arxiv="2003.10027"),
)

meta_acon = Activation(
    "meta_acon",
    "(p_1 - p_2) x sigmoid(b (p_1 - p_2) x) + p_2 x, b = sigmoid(W_2 W_1 mean(x))",
    title="MetaACON",
    family="contextual",
    kind="adaptive",
    rule="pooled",
    samples=("meta_acon(4)",),
    summary="A smooth change between two learned slopes, as sharp as a small network says for each sample and channel.",
    source=Source("Ma, Zhang, Liu & Sun", 2020, "Activate or Not: Learning Customized Activation", arxiv="2009.04759"),
)

funnel_relu = Activation(
    "funnel_relu",
    "max(x, BN(dwconv(x)))",
    title="FunnelReLU",
    family="contextual",
    kind="adaptive",
    rule="spatial",
    samples=("funnel_relu(4)", "funnel_relu(4, kernel_size=5)"),
    sample_shape=(2, 4, 5, 5),
    aliases=("funnel_activation",),
    summary="The larger of each element and a learned look at its surroundings.",
    source=Source("Ma, Zhang & Sun", 2020, "Funnel Activation for Visual Recognition", arxiv="2007.11824"),
)

# it halves the features: shape-changing, although what it multiplies by is a gate
sgu = Activation(
    "sgu",
    "u (W norm(v) + b), of the halves u and v of the features; W mixes places",
    title="SGU",
    family="contextual",
    kind="shape_changing",
    rule="spatial",
    samples=("sgu(6, 4)",),
    aliases=("spatial_gating_unit",),
    summary="One half of the features, gated by a learned mix of the other half over all places.",
    source=Source("Liu, Dai, So & Le", 2021, "Pay Attention to MLPs", arxiv="2105.08050"),
    used_in=("gMLP",),
)
