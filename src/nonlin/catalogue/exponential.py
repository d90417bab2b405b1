"""Rectifiers with an exponential negative side, and the softplus."""

from nonlin.formula.declaration import Activation, Parameter, Source

elu = Activation(
    "elu",
    "where(x > 0, x, alpha * expm1(x))",
    title="ELU",
    family="exponential",
    parameters=(Parameter("alpha", 1.0, meaning="the negative side tends to -alpha"),),
    torch_name="elu",
    inplace=True,
    summary="Linear for positive inputs and exponential for negative ones, which saturate at -alpha.",
    source=Source(
        "Clevert, Unterthiner & Hochreiter",
        2015,
        "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)",
        arxiv="1511.07289",
    ),
    used_in=("convolutional networks without batch normalisation",),
)

celu = Activation(
    "celu",
    "where(x > 0, x, alpha * expm1(x / alpha))",
    title="CELU",
    family="exponential",
    parameters=(Parameter("alpha", 1.0, low=0.0, open_low=True, meaning="scale of the negative side"),),
    torch_name="celu",
    inplace=True,
    summary="ELU rescaled so that its derivative is continuous for every alpha.",
    source=Source("Barron", 2017, "Continuously Differentiable Exponential Linear Units", arxiv="1704.07483"),
    used_in=("networks that tune alpha",),
)

selu = Activation(
    "selu",
    "1.0507009873554804934193349852946 * where(x > 0, x, 1.6732632423543772848170429916717 * expm1(x))",
    stable="where(x > 0, 1.0507009873554804934193349852946 * x, "
    "1.0507009873554804934193349852946 * 1.6732632423543772848170429916717 * expm1(x))",  # one constant, rounded once
    title="SELU",
    family="exponential",
    torch_name="selu",
    inplace=True,
    summary="A scaled ELU whose two constants make zero mean and unit variance a stable fixed point of deep networks.",
    source=Source(
        "Klambauer, Unterthiner, Mayr & Hochreiter", 2017, "Self-Normalizing Neural Networks", arxiv="1706.02515"
    ),
    used_in=("deep fully connected networks without normalisation layers, with LeCun initialisation",),
)

softplus = Activation(
    "softplus",
    "where(beta * x > threshold, x, log(1 + exp(beta * x)) / beta)",
    stable="where(beta * x > threshold, x, softplus(beta * x) / beta)",
    title="Softplus",
    family="exponential",
    parameters=(
        Parameter("beta", 1.0, low=0.0, open_low=True, meaning="sharpness: the larger, the closer to ReLU"),
        # Torch returns x beyond the threshold to avoid overflow. Nothing overflows here, so from torch's default on
        # the exact function is returned (at 20 torch drops 1.9e-9); a smaller threshold is the caller's wish.
        Parameter(
            "threshold",
            20.0,
            unlimited_from=20.0,
            meaning="beta * x beyond which x itself is returned; 20 and more: never",
        ),
    ),
    torch_name="softplus",
    aliases=("smooth_relu",),
    summary="A smooth ReLU, everywhere positive: turns any number into a scale or a variance.",
    source=Source(
        "Dugas, Bengio, Bélisle, Nadeau & Garcia",
        2000,
        "Incorporating Second-Order Functional Knowledge for Better Option Pricing",
    ),
    used_in=("outputs that must be positive: variances, rates", "the step size of Mamba's state-space layers"),
)
