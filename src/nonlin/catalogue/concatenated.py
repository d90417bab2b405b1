"""Rectifiers that keep both signs of their input apart, or take two inputs and subtract."""

from nonlin.formula.declaration import Activation, Source

_DUAL = Source(
    "Godin, Degrave, Dambre & De Neve",
    2017,
    "Dual Rectified Linear Units (DReLUs): A Replacement for Tanh Activation Functions in Quasi-Recurrent Neural Networks",
    arxiv="1707.08214",
)

# CReLU names two functions: this one concatenates; that of complex numbers is c_relu_complex.
crelu = Activation(
    "crelu",
    "(relu(x), relu(-x))",
    title="CReLU",
    family="concatenated",
    kind="shape_changing",
    rule="concatenated",
    samples=("crelu", "crelu(dim=-1)"),
    summary="ReLU of the input and ReLU of its negative, side by side: nothing is lost, and the width doubles.",
    source=Source(
        "Shang, Sohn, Almeida & Lee",
        2016,
        "Understanding and Improving Convolutional Neural Networks via Concatenated Rectified Linear Units",
        arxiv="1603.05201",
    ),
    used_in=("first layers of convolutional networks, whose filters come in pairs of opposite sign",),
)

ncrelu = Activation(
    "ncrelu",
    "(relu(x), -relu(-x))",
    title="NCReLU",
    family="concatenated",
    kind="shape_changing",
    rule="concatenated",
    samples=("ncrelu", "ncrelu(dim=-1)"),
    aliases=("negative_crelu",),
    summary="The positive parts of the input and the negative ones, side by side and with their signs.",
    source=Source(
        "Zagoruyko & Komodakis",
        2017,
        "DiracNets: Training Very Deep Neural Networks Without Skip-Connections",
        arxiv="1706.00388",
    ),
    used_in=("DiracNets",),
)

# DReLU has three meanings, see drelu_glu; the full name is the only one here.
dual_relu = Activation(
    "dual_relu",
    "relu(a) - relu(b)",
    title="DualReLU",
    family="concatenated",
    kind="shape_changing",
    rule="concatenated",
    samples=("dual_relu", "dual_relu(dim=1)"),
    summary="The difference of two rectified inputs: unbounded on both sides, and exactly 0 where both are negative.",
    source=_DUAL,
    used_in=("quasi-recurrent networks, in place of tanh",),
)

# DELU names it in the paper and several exponential units elsewhere; "delu" stands for the one with SiLU's negative side.
dual_elu = Activation(
    "dual_elu",
    "elu(a, alpha) - elu(b, alpha)",
    title="DualELU",
    family="concatenated",
    kind="shape_changing",
    rule="concatenated",
    samples=("dual_elu", "dual_elu(dim=1, alpha=0.7)"),
    aliases=("delu2",),
    summary="The difference of the ELUs of two inputs.",
    source=_DUAL,
)

# BReLU also names the bounded ReLU: no alias "brelu" for either. Splitting by halves instead of by parity is the same up
# to the order of the channels.
brelu_bipolar = Activation(
    "brelu_bipolar",
    "f(x_i) where i is even, -f(-x_i) where it is odd",
    title="BipolarReLU",
    family="concatenated",
    kind="rowwise",
    rule="concatenated",
    samples=("brelu_bipolar", "brelu_bipolar(base='elu')", "brelu_bipolar(base='leaky_relu(0.2)', dim=-1)"),
    aliases=("bipolar",),
    summary="A function at even places and its mirror image through the origin at odd ones, so that means move towards 0.",
    source=Source(
        "Eidnes & Nøkland",
        2017,
        "Shifting Mean Activation Towards Zero with Bipolar Activation Functions",
        arxiv="1709.04054",
    ),
)
