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

pelu = Activation(
    "pelu",
    "where(x > 0, alpha / beta * x, alpha * expm1(x / beta))",
    title="PELU",
    family="exponential",
    parameters=(
        Parameter(
            "alpha", 1.0, low=0.0, open_low=True, learnable=True, meaning="the negative side tends to -alpha, learned"
        ),
        Parameter("beta", 1.0, low=0.0, open_low=True, learnable=True, meaning="how slowly it does, learned"),
    ),
    summary="ELU that learns its slope and where it saturates, and stays differentiable at zero.",
    source=Source(
        "Trottier, Giguère & Chaib-draa",
        2016,
        "Parametric Exponential Linear Unit for Deep Convolutional Neural Networks",
        arxiv="1605.09332",
    ),
)

mpelu = Activation(
    "mpelu",
    "where(x > 0, x, alpha * expm1(beta * x))",
    title="MPELU",
    family="exponential",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="the negative side tends to -alpha, learned"),
        Parameter("beta", 1.0, low=0.0, learnable=True, meaning="how fast it does, learned"),
    ),
    summary="ELU with a learned height and a learned rate, which can become PReLU and ReLU.",
    source=Source(
        "Li, Fan, Li, Wu & Ming",
        2016,
        "Improving Deep Neural Network with Multiple Parametric Exponential Linear Units",
        arxiv="1606.00305",
    ),
)

preu = Activation(
    "preu",
    "where(x > 0, alpha * x, alpha * x * exp(beta * x))",
    title="PREU",
    family="exponential",
    aliases=("reu", "rectified_exponential_unit"),
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="slope at zero and beyond, learned"),
        Parameter("beta", 1.0, low=0.0, learnable=True, meaning="how fast the negative side decays, learned"),
    ),
    summary="Linear for positive inputs; negative ones dip and decay exponentially towards zero.",
    source=Source(
        "Ying, Su, Shan, Miao, Wang & Peng", 2019, "Rectified Exponential Units for Convolutional Neural Networks"
    ),
)

suish = Activation(
    "suish",
    "maximum(x, x * exp(-abs(x)))",
    stable="where(x > 0, x, x * exp(x))",
    title="Suish",
    family="exponential",
    summary="The larger of the input and the input damped exponentially: linear for positive x, a dip for negative x.",
)

# 2**(x/ln 2) is exp(x): the same function as ELU, in the form that its authors compute by shifts of the exponent.
felu = Activation(
    "felu",
    "where(x > 0, x, alpha * (2**(x / log(2)) - 1))",
    stable="where(x > 0, x, alpha * expm1(x))",
    title="FELU",
    family="exponential",
    aliases=("fast_elu",),
    parameters=(Parameter("alpha", 1.0, learnable=True, meaning="the negative side tends to -alpha, learned"),),
    summary="ELU written with a power of two, with a learned height.",
    source=Source(
        "Qiumei, Dan & Fenghua",
        2019,
        "Improved Convolutional Neural Network Based on Fast Exponentially Linear Unit Activation Function",
    ),
)

pdelu = Activation(
    "pdelu",
    "where(x > 0, x, alpha * (relu(1 + (1 - t) * x)**(1 / (1 - t)) - 1))",
    stable=(
        "where(x > 0, x, where(abs((1 - t) * x) < 1 / 2, alpha * expm1(log1p((1 - t) * x) / (1 - t)), "
        "where((1 - t) * x > -1, alpha * ((1 + (1 - t) * x)**(1 / (1 - t)) - 1), -alpha)))"
    ),
    title="PDELU",
    family="exponential",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="the negative side tends to -alpha, learned"),
        Parameter("t", 0.9, low=0.0, meaning="how far the exponential is deformed, not 1 itself: at 1 it would be ELU"),
    ),
    summary="ELU with a deformed exponential, a power that reaches its bound at a finite input.",
    source=Source(
        "Cheng, Li, Wu, Ma & Ngan", 2020, "Parametric Deformable Exponential Linear Units for Deep Neural Networks"
    ),
)

exponential = Activation(
    "exponential",
    "exp(x)",
    title="Exponential",
    family="exponential",
    aliases=("exp",),
    summary="The exponential function: turns a sum into a product, and any number into a positive one.",
    used_in=("outputs that are rates or scales, such as the variance of an autoencoder",),
)

# below zero it is a logarithm, which no x at or below 1/a - a has: there the result is NaN, as in the paper
soft_exponential = Activation(
    "soft_exponential",
    "where(a < 0, -log(1 - a * (x + a)) / a, where(a > 0, (exp(a * x) - 1) / a + a, x))",
    stable=(
        "where(a < 0, where(abs(a * (x + a)) < 1 / 2, (x + a) * log1prel(-a * (x + a)), -log1p(-a * (x + a)) / where(a < 0, a, -1)), "
        "where(abs(a * x) < 1 / 2, x * exprel(a * x), expm1(a * x) / where(a > 0, a, 1)) + a)"
    ),
    title="SoftExponential",
    family="exponential",
    parameters=(
        Parameter("a", 0.0, learnable=True, meaning="-1 is a logarithm, 0 the identity, 1 an exponential; learned"),
    ),
    summary="A function that learns to be a logarithm, a line or an exponential.",
    source=Source(
        "Godfrey & Gashler",
        2016,
        "A Continuum among Logarithmic, Linear, and Exponential Functions, and Its Potential to Improve Generalization "
        "in Neural Networks",
        arxiv="1602.01321",
    ),
)
