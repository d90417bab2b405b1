"""Rectifiers with a curved piece: a power, a root, a logarithm, a quotient on one side."""

from nonlin.formula.declaration import Activation, Parameter, Source

_INVERSE_ROOT = Source(
    "Carlile, Delamarter, Kinney, Marti & Whitney",
    2017,
    "Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs)",
    arxiv="1710.09967",
)
_EMBEDDED = Source("Wuraola, Patel & Nguang", 2021, "Efficient Activation Functions for Embedded Inference Engines")

star_relu = Activation(
    "star_relu",
    "scale * relu(x)**2 + bias",
    title="StarReLU",
    family="rectified",
    parameters=(
        Parameter("scale", 0.8944, learnable=True, meaning="factor of the square, learned"),
        Parameter("bias", -0.4472, learnable=True, meaning="what is added to every output, learned"),
    ),
    summary="The squared ReLU, scaled and shifted to zero mean and unit variance under a normal input.",
    source=Source("Yu et al.", 2022, "MetaFormer Baselines for Vision", arxiv="2210.13452"),
    used_in=("CAFormer and ConvFormer",),
)

# 1 is ReLU and 2 relu_squared; 3 is what is used beyond them
repu = Activation(
    "repu",
    "relu(x)**p",
    stable="where(x > 0, power(x, p), 0)",
    title="RePU",
    family="rectified",
    aliases=("rectified_power_unit",),
    parameters=(Parameter("p", 3.0, low=0.0, open_low=True, meaning="the power"),),
    summary="A power of ReLU; a whole one has as many continuous derivatives, less one.",
    source=Source(
        "Li, Tang & Yu",
        2019,
        "Better Approximations of High Dimensional Smooth Functions by Deep Neural Networks with Rectified Power Units",
        arxiv="1903.05858",
    ),
    used_in=("the approximation theory of smooth functions",),
)

nlrelu = Activation(
    "nlrelu",
    "log(beta * relu(x) + 1)",
    stable="log1p(beta * relu(x))",
    title="NLReLU",
    family="rectified",
    aliases=("natural_log_relu",),
    parameters=(Parameter("beta", 1.0, low=0.0, meaning="slope at zero"),),
    summary="The logarithm of one plus ReLU: large inputs are compressed.",
    source=Source(
        "Liu et al.",
        2019,
        "Natural-Logarithm-Rectified Activation Function in Convolutional Neural Networks",
        arxiv="1908.03682",
    ),
)

isrlu = Activation(
    "isrlu",
    "where(x > 0, x, x / sqrt(1 + alpha * x**2))",
    stable="where(x > 0, x, isru(x, alpha))",
    title="ISRLU",
    family="rectified",
    parameters=(Parameter("alpha", 1.0, low=0.0, open_low=True, meaning="the negative side tends to -1/sqrt(alpha)"),),
    summary="Linear for positive inputs; for negative ones an inverse square root, smooth and without an exponential.",
    source=_INVERSE_ROOT,
)

ptelu = Activation(
    "ptelu",
    "where(x > 0, x, alpha * tanh(beta * x))",
    title="PTELU",
    family="rectified",
    aliases=("p_telu",),
    parameters=(
        Parameter("alpha", 1.0, low=0.0, learnable=True, meaning="the negative side tends to -alpha, learned"),
        Parameter("beta", 1.0, low=0.0, learnable=True, meaning="how fast it does, learned"),
    ),
    summary="Linear for positive inputs and a learned tanh for negative ones.",
    source=Source(
        "Duggal & Gupta", 2017, "P-TELU: Parametric Tan Hyperbolic Linear Unit Activation for Deep Neural Networks"
    ),
)

erf_relu = Activation(
    "erf_relu",
    "where(x > 0, x, alpha * erf(x))",
    title="ErfReLU",
    family="rectified",
    parameters=(Parameter("alpha", 1.0, learnable=True, meaning="the negative side tends to -alpha, learned"),),
    summary="Linear for positive inputs and a learned multiple of the error function for negative ones.",
    source=Source(
        "Rajanand & Singh",
        2023,
        "ErfReLU: Adaptive Activation Function for Deep Neural Network",
        arxiv="2306.01822",
    ),
)

sign_relu = Activation(
    "sign_relu",
    "where(x > 0, x, alpha * x / (1 + abs(x)))",
    stable="where(x > 0, x, where(x > -1, alpha * x / (1 - x), alpha * (1 / (1 - x) - 1)))",
    title="SignReLU",
    family="rectified",
    parameters=(Parameter("alpha", 1.0, meaning="the negative side tends to -alpha"),),
    summary="Linear for positive inputs and a softsign for negative ones.",
    source=Source("Li, Feng & Zhou", 2022, "SignReLU Neural Network and Its Approximation Ability", arxiv="2210.10264"),
)

polynomial_lu = Activation(
    "polynomial_lu",
    "where(x > 0, x, 1 / (1 - x) - 1)",
    stable="where(x > 0, x, where(x > -1, x / (1 - x), 1 / (1 - x) - 1))",
    title="PolyLU",
    family="rectified",
    summary="Linear for positive inputs; for negative ones a hyperbola that tends to -1.",
    source=Source(
        "Feng & Yang",
        2023,
        "PolyLU: A Simple and Robust Polynomial-Based Linear Unit Activation Function for Deep Learning",
    ),
)

sqlu = Activation(
    "sqlu",
    "where(x > 0, x, where(x > -2, x + x**2 / 4, -1))",
    title="SQLU",
    family="rectified",
    aliases=("square_linear_unit",),
    summary="Linear for positive inputs; for negative ones a parabola that reaches -1 at -2.",
    source=_EMBEDDED,
    used_in=("inference on microcontrollers",),
)

sq_softplus = Activation(
    "sq_softplus",
    "where(x > 1 / 2, x, where(x > -1 / 2, (x + 1 / 2)**2 / 2, 0))",
    title="SqSoftplus",
    family="rectified",
    aliases=("square_softplus",),
    summary="ReLU with its corner rounded off by a parabola between -1/2 and 1/2.",
    source=_EMBEDDED,
    used_in=("inference on microcontrollers",),
)

sparse_plus = Activation(
    "sparse_plus",
    "where(x <= -1, 0, where(x >= 1, x, (x + 1)**2 / 4))",
    title="SparsePlus",
    family="rectified",
    summary="ReLU with its corner rounded off by a parabola between -1 and 1: softplus as sparsemax would have it.",
    source=Source("Blondel, Martins & Niculae", 2019, "Learning with Fenchel-Young Losses", arxiv="1901.02324"),
)

aqulu = Activation(
    "aqulu",
    "where(x >= (1 - beta) / alpha, x, where(x > -beta / alpha, alpha * x**2 + beta * x, 0))",
    stable="x * clip(alpha * x + beta, 0, 1)",
    title="AQuLU",
    family="rectified",
    parameters=(
        Parameter("alpha", 0.2, low=0.0, open_low=True, learnable=True, meaning="slope of the gate, learned"),
        Parameter("beta", 0.1, learnable=True, meaning="height of the gate at zero, learned"),
    ),
    summary="The input times a learned line cut off at 0 and 1: a hard swish that learns where it bends.",
    source=Source(
        "Wu, Yu, Zhang & Sui",
        2023,
        "The Adaptive Quadratic Linear Unit (AQuLU): Adaptive Non Monotonic Piecewise Activation Function",
    ),
)

maxsig = Activation(
    "maxsig",
    "maximum(x, 1 / (1 + exp(-x)))",
    stable="maximum(x, sigmoid(x))",
    title="Maxsig",
    family="rectified",
    summary="The larger of the input and its sigmoid: positive everywhere.",
)
