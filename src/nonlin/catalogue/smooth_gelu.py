"""Relatives of GELU: the input times a distribution function, and smooth maxima of two lines."""

from nonlin.formula.declaration import Activation, Parameter, Source

_SMU = Source(
    "Biswas, Kumar, Banerjee & Pandey",
    2021,
    "SMU: Smooth Activation Function for Deep Networks Using Smoothing Maximum Technique",
    arxiv="2111.04682",
)

# Libraries clip at both ends of (-10, 10); GELU is never below -0.17, so that only the upper end matters.
clipped_gelu = Activation(
    "clipped_gelu",
    "where(x * normal_cdf(x) > max_val, max_val, x * normal_cdf(x))",  # at 10 GELU is below 10, by 8e-23
    title="ClippedGELU",
    family="smooth",
    aliases=("gelu_10",),
    parameters=(Parameter("max_val", 10.0, low=0.0, meaning="upper bound"),),
    summary="GELU cut off above, so that few bits suffice for its values.",
    source=Source(
        "Wu, Judd, Zhang, Isaev & Micikevicius",
        2020,
        "Integer Quantization for Deep Learning Inference: Principles and Empirical Evaluation",
        arxiv="2004.09602",
    ),
    used_in=("quantised transformers",),
)

i_gelu = Activation(
    "i_gelu",
    "where(x > 0, x / 2 * (2 - 0.2888 * (minimum(x / sqrt(2), 1.769) - 1.769)**2), "
    "x / 2 * 0.2888 * (minimum(-x / sqrt(2), 1.769) - 1.769)**2)",
    stable="where(x > 0, x * (1 - 0.0722 * relu(1.769 * sqrt(2) - x)**2), 0.0722 * x * relu(1.769 * sqrt(2) + x)**2)",
    title="IGELU",
    family="smooth",
    summary="GELU with its error function replaced by a parabola, which integers can compute.",
    source=Source(
        "Kim, Gholami, Yao, Mahoney & Keutzer", 2021, "I-BERT: Integer-only BERT Quantization", arxiv="2101.01321"
    ),
    used_in=("I-BERT",),
)

sgelu = Activation(
    "sgelu",
    "alpha * x * erf(x / sqrt(2))",
    title="SGELU",
    family="smooth",
    parameters=(Parameter("alpha", 1.0, meaning="factor of the whole"),),
    summary="The input times the error function: an even, smooth absolute value.",
    source=Source("Yu & Su", 2019, "Symmetrical Gaussian Error Linear Units (SGELUs)", arxiv="1911.03925"),
)

pgelu = Activation(
    "pgelu",
    "x * normal_cdf(x / sigma)",
    title="PGELU",
    family="smooth",
    parameters=(
        Parameter("sigma", 1.0, low=0.0, open_low=True, learnable=True, meaning="width of the normal, learned"),
    ),
    summary="The input times the probability that a normal of learned width lies below it.",
)

lalu = Activation(
    "lalu",
    "where(x > 0, x * (1 - exp(-x) / 2), x * exp(x) / 2)",
    title="LaLU",
    family="smooth",
    aliases=("laplace_linear_unit",),
    summary="The input times the distribution function of the standard Laplace distribution.",
)

pflu = Activation(
    "pflu",
    "x / 2 * (1 + x / sqrt(1 + x**2))",
    stable="isru(x, 1) * squareplus(x, 1)",
    title="PFLU",
    family="smooth",
    aliases=("power_function_linear_unit",),
    summary="The input times an algebraic sigmoid: a dip that decays like 1/x, without an exponential.",
    source=Source(
        "Zhu et al.",
        2021,
        "PFLU and FPFLU: Two Novel Non-monotonic Activation Functions in Convolutional Neural Networks",
    ),
)

swim = Activation(
    "swim",
    "x / 2 * (1 + k * x / sqrt(1 + x**2))",
    stable="where(k < 1, (1 - k) / 2 * x, where(k > 1, (1 - k) / 2 * x, 0)) + k * (isru(x, 1) * squareplus(x, 1))",
    title="Swim",
    family="smooth",
    parameters=(Parameter("k", 0.5, meaning="how much the slope changes at zero"),),
    summary="The input times an algebraic sigmoid that need not reach 0: a cheap relative of Swish.",
    source=Source(
        "Abdool & Dear",
        2023,
        "Swim: A General-Purpose, High-Performing, and Efficient Activation Function for Locomotion Control Tasks",
    ),
    used_in=("reinforcement learning of locomotion",),
)

# releases of its authors start the sharpness at different values, up to 1e6; here it starts soft
smu = Activation(
    "smu",
    "((1 + alpha) * x + (1 - alpha) * x * erf(sharpness * (1 - alpha) * x)) / 2",
    stable="x * (alpha + (1 - alpha) * normal_cdf(sqrt(2) * sharpness * (1 - alpha) * x))",
    title="SMU",
    family="smooth",
    aliases=("smooth_maximum_unit",),
    parameters=(
        Parameter("alpha", 0.25, meaning="slope for negative x"),
        Parameter("sharpness", 1.0, low=0.0, open_low=True, learnable=True, meaning="how sharp the corner is, learned"),
    ),
    summary="Leaky ReLU with its corner smoothed by an error function of learned sharpness.",
    source=_SMU,
)

smu1 = Activation(
    "smu1",
    "((1 + alpha) * x + sqrt((1 - alpha)**2 * x**2 + width**2)) / 2",
    # (1 - alpha)^2 multiplied out; below -1 the difference of two squares, where the sum would cancel
    stable=(
        "where(x > 1, x * (1 + alpha + sqrt(1 + alpha * (alpha - 2) + (width / x)**2)) / 2, "
        "where(x < -1, x * (4 * alpha - (width / x)**2) / (2 * (1 + alpha + sqrt(1 + alpha * (alpha - 2) + (width / x)**2))), "
        "((1 + alpha) * x + sqrt((1 + alpha * (alpha - 2)) * x**2 + width**2)) / 2))"
    ),
    title="SMU1",
    family="smooth",
    parameters=(
        Parameter("alpha", 0.25, meaning="slope for negative x"),
        Parameter("width", 1.0, learnable=True, meaning="how round the corner is, learned"),
    ),
    summary="Leaky ReLU with its corner smoothed by a square root of learned width.",
    source=_SMU,
)

calu = Activation(
    "calu",
    "x * (atan(x) / pi + 1 / 2)",
    stable="where(x < -1, (x * atan_residual(1 / x) - 1) / pi, x * (atan(x) / pi + 1 / 2))",
    title="CaLU",
    family="smooth",
    aliases=("cauchy_linear_unit",),
    summary="The input times the distribution function of the Cauchy distribution: it tends to -1/pi on the left.",
)

# the sharpness is not given as a default in the paper: it starts soft here, as in smu
sau = Activation(
    "sau",
    "alpha * x + (1 - alpha) * (x * (1 + erf(sharpness * x / sqrt(2))) / 2 + exp(-(sharpness * x)**2 / 2) / (sharpness * sqrt(2 * pi)))",
    stable="alpha * x + (1 - alpha) * (x * normal_cdf(sharpness * x) + normal_pdf(sharpness * x) / sharpness)",
    title="SAU",
    family="smooth",
    aliases=("smooth_activation_unit",),
    parameters=(
        Parameter("alpha", 0.15, learnable=True, meaning="slope for negative x, learned"),
        Parameter(
            "sharpness", 1.0, low=0.0, open_low=True, learnable=True, meaning="one over the normal's width, learned"
        ),
    ),
    summary="Leaky ReLU convolved with a normal density: a corner smoothed by its width.",
    source=Source(
        "Biswas, Kumar, Banerjee & Pandey",
        2021,
        "SAU: Smooth Activation Function Using Convolution with Approximate Identities",
        arxiv="2109.13210",
    ),
)
