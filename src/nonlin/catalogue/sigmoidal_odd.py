"""Squashing functions about zero: relatives of tanh, most of them odd."""

from nonlin.formula.declaration import Activation, Parameter, Source

lecun_tanh = Activation(
    "lecun_tanh",
    "1.7159 * tanh(2 * x / 3)",
    title="LeCunTanh",
    family="sigmoidal",
    aliases=("scaled_tanh",),
    summary="A tanh scaled so that it maps 1 to 1 and -1 to -1, very nearly.",
    source=Source("LeCun, Bottou, Orr & Müller", 1998, "Efficient BackProp"),
    used_in=("early convolutional networks (LeNet-5)",),
)

penalized_tanh = Activation(
    "penalized_tanh",
    "where(x > 0, tanh(x), alpha * tanh(x))",
    title="PenalizedTanh",
    family="sigmoidal",
    parameters=(Parameter("alpha", 0.25, meaning="factor for negative x"),),
    summary="A tanh whose negative side is made smaller.",
    source=Source("Xu, Huang & Li", 2016, "Revise Saturated Activation Functions", arxiv="1602.05980"),
)

weighted_tanh = Activation(
    "weighted_tanh",
    "tanh(weight * x)",
    title="WeightedTanh",
    family="sigmoidal",
    parameters=(Parameter("weight", 1.0, learnable=True, meaning="slope at zero, learned"),),
    summary="A tanh of learned steepness.",
)

softcap = Activation(
    "softcap",
    "cap * tanh(x / cap)",
    title="Softcap",
    family="sigmoidal",
    aliases=("logit_softcap",),
    parameters=(Parameter("cap", 30.0, low=0.0, open_low=True, meaning="the bound that outputs tend to"),),
    summary="A tanh wide enough to leave ordinary values alone and to hold extreme ones back.",
    source=Source(
        "Gemma Team", 2024, "Gemma 2: Improving Open Language Models at a Practical Size", arxiv="2408.00118"
    ),
    used_in=("Gemma 2, on attention scores and on output logits",),
)

# A layer in its paper, which replaces normalisation: its vectors of weights and biases are one number a channel here.
dyt = Activation(
    "dyt",
    "weight * tanh(alpha * x) + bias",
    title="DyT",
    family="sigmoidal",
    aliases=("dynamic_tanh",),
    parameters=(
        Parameter("alpha", 0.5, learnable=True, meaning="slope at zero, learned"),
        Parameter("weight", 1.0, learnable=True, meaning="factor of the tanh, learned"),
        Parameter("bias", 0.0, learnable=True, meaning="what is added to every output, learned"),
    ),
    summary="A tanh with a learned steepness, scale and shift, which takes the place of layer normalisation.",
    source=Source("Zhu, Chen, He, LeCun & Liu", 2025, "Transformers without Normalization", arxiv="2503.10622"),
    used_in=("transformers without normalisation layers",),
)

derf = Activation(
    "derf",
    "weight * erf(alpha * x + shift) + bias",
    title="Derf",
    family="sigmoidal",
    parameters=(
        Parameter("alpha", 0.5, learnable=True, meaning="steepness, learned"),
        Parameter("shift", 0.0, learnable=True, meaning="what is added inside the error function, learned"),
        Parameter("weight", 1.0, learnable=True, meaning="factor of the error function, learned"),
        Parameter("bias", 0.0, learnable=True, meaning="what is added to every output, learned"),
    ),
    summary="An error function with a learned steepness, place, scale and shift, which takes the place of normalisation.",
    source=Source("Chen, Lu, Zhu, Sun & Liu", 2025, "Stronger Normalization-Free Transformers", arxiv="2512.10938"),
    used_in=("transformers without normalisation layers",),
)

reltanh = Activation(
    "reltanh",
    "where(x > upper, (1 - tanh(upper)**2) * (x - upper) + tanh(upper), "
    "where(x < lower, (1 - tanh(lower)**2) * (x - lower) + tanh(lower), tanh(x)))",
    stable=(
        "where(x > upper, sech2(upper) * (x - upper) + tanh(upper), "
        "where(x < lower, sech2(lower) * (x - lower) + tanh(lower), tanh(x)))"
    ),
    title="ReLTanh",
    family="sigmoidal",
    aliases=("rectified_linear_tanh",),
    parameters=(
        Parameter("lower", -1.5, learnable=True, below="upper", meaning="where the left line begins, learned"),
        Parameter("upper", 0.0, learnable=True, meaning="where the right line begins, learned"),
    ),
    summary="A tanh that goes on along its tangent outside two learned points.",
    source=Source(
        "Wang et al.",
        2019,
        "ReLTanh: An Activation Function with Vanishing Gradient Resistance for SAE-based DNNs and Its Application to "
        "Rotating Machinery Fault Diagnosis",
    ),
)

rectified_tanh = Activation(
    "rectified_tanh",
    "maximum(tanh(x), 0)",
    stable="tanh(relu(x))",
    title="RectifiedTanh",
    family="sigmoidal",
    summary="The positive half of tanh.",
    used_in=("Deeplearning4j",),
)

rational_tanh = Activation(
    "rational_tanh",
    "where(x > 0, 1.7159 * (1 - 1 / (1 + 2 * x / 3 + (2 * x / 3)**2 + 1.41645 * (2 * x / 3)**4)), "
    "-1.7159 * (1 - 1 / (1 - 2 * x / 3 + (2 * x / 3)**2 + 1.41645 * (2 * x / 3)**4)))",
    # the same with numerator and denominator of 1 - 1/(1 + ...) multiplied out: near zero, and over the fourth power far out
    stable=(
        "where(abs(x) > 1, "
        "1.7159 * sign(x) * (1 - 1 / (2 * x / 3)**4 / "
        "(1.41645 + 1 / (2 * x / 3)**2 + 1 / abs(2 * x / 3)**3 + 1 / (2 * x / 3)**4)), "
        "1.7159 * (2 * x / 3) * (1 + abs(2 * x / 3) + 1.41645 * abs(2 * x / 3)**3) / "
        "(1 + abs(2 * x / 3) + (2 * x / 3)**2 + 1.41645 * (2 * x / 3)**4))"
    ),
    title="RationalTanh",
    family="sigmoidal",
    summary="A quotient of polynomials that follows the scaled tanh without an exponential.",
    source=Source(
        "Kalinovskii & Spitsyn",
        2015,
        "Compact Convolutional Neural Network Cascade for Face Detection",
        arxiv="1508.01292",
    ),
    used_in=("Deeplearning4j",),
)

tsilu = Activation(
    "tsilu",
    "tanh(x / (1 + exp(-x)))",
    stable="tanh(x * sigmoid(x))",
    title="TSiLU",
    family="sigmoidal",
    summary="The tanh of SiLU: bounded above, with a dip for negative inputs.",
)

asilu = Activation(
    "asilu",
    "atan(x / (1 + exp(-x)))",
    stable="atan(x * sigmoid(x))",
    title="ASiLU",
    family="sigmoidal",
    aliases=("atsilu",),
    summary="The arc tangent of SiLU: bounded above, with a dip for negative inputs.",
)

atan = Activation(
    "atan",
    "atan(x)",
    title="Atan",
    family="sigmoidal",
    aliases=("arctan",),
    summary="The arc tangent: an s-shape that approaches its bounds like 1/x.",
)

isru = Activation(
    "isru",
    "x / sqrt(1 + alpha * x**2)",
    stable="isru(x, alpha)",
    title="ISRU",
    family="sigmoidal",
    aliases=("inverse_square_root_unit",),
    parameters=(
        Parameter(
            "alpha", 1.0, low=0.0, open_low=True, learnable=True, meaning="outputs tend to 1/sqrt(alpha), learned"
        ),
    ),
    summary="An s-shape by one inverse square root.",
    source=Source(
        "Carlile, Delamarter, Kinney, Marti & Whitney",
        2017,
        "Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs)",
        arxiv="1710.09967",
    ),
)

rootsig = Activation(
    "rootsig",
    "alpha * x / (1 + sqrt(1 + alpha**2 * x**2))",
    stable="alpha * isru(x, alpha**2) / (1 + inverse_root(x, alpha**2))",
    title="Rootsig",
    family="sigmoidal",
    parameters=(Parameter("alpha", 1.0, low=0.0, open_low=True, meaning="twice the slope at zero"),),
    summary="An s-shape by one square root, slower to saturate than the inverse square root.",
    source=Source("Duch & Jankowski", 1999, "Survey of Neural Transfer Functions"),
)

scaled_softsign = Activation(
    "scaled_softsign",
    "alpha * x / (beta + abs(x))",
    title="ScaledSoftsign",
    family="sigmoidal",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="the bound that outputs tend to, learned"),
        Parameter("beta", 1.0, low=0.0, open_low=True, learnable=True, meaning="where half of it is reached, learned"),
    ),
    summary="A softsign with a learned bound and a learned width.",
    source=Source("Pishchik", 2023, "Trainable Activations for Image Classification"),
)

sqnl = Activation(
    "sqnl",
    "where(x >= 2, 1, where(x > 0, x - x**2 / 4, where(x > -2, x + x**2 / 4, -1)))",
    stable="clip(x, -2, 2) * (1 - abs(clip(x, -2, 2)) / 4)",
    title="SQNL",
    family="sigmoidal",
    aliases=("square_nonlinearity",),
    summary="Two parabolas that meet at zero and reach their bounds at -2 and 2.",
    source=Source("Wuraola & Patel", 2018, "SQNL: A New Computationally Efficient Activation Function"),
    used_in=("inference on microcontrollers",),
)

hexpo = Activation(
    "hexpo",
    "where(x > 0, -a * (exp(-x / b) - 1), c * (exp(x / d) - 1))",
    stable="where(x > 0, -a * expm1(-x / b), c * expm1(x / d))",
    title="Hexpo",
    family="sigmoidal",
    parameters=(
        Parameter("a", 1.0, meaning="the bound for positive x"),
        Parameter("b", 1.0, low=0.0, open_low=True, meaning="how slowly it is reached"),
        Parameter("c", 1.0, meaning="minus the bound for negative x"),
        Parameter("d", 1.0, low=0.0, open_low=True, meaning="how slowly it is reached"),
    ),
    summary="Two exponentials that saturate, with a bound and a rate for each side.",
    source=Source("Kong & Takatsuka", 2017, "Hexpo: A Vanishing-proof Activation Function"),
)
