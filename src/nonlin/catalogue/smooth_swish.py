"""Relatives of SiLU: the input times a sigmoid, its products, powers and compositions."""

from nonlin.formula.declaration import Activation, Parameter, Source

_ACON = Source("Ma, Zhang, Liu & Sun", 2020, "Activate or Not: Learning Customized Activation", arxiv="2009.04759")
_EIS = Source(
    "Biswas, Kumar, Banerjee & Pandey",
    2020,
    "EIS - A Family of Activation Functions Combining Exponential, ISRU, and Softplus",
    arxiv="2009.13501",
)
_GOLDEN = Source("Basirat & Roth", 2018, "The Quest for the Golden Activation Function", arxiv="1808.00783")

swish_beta = Activation(
    "swish_beta",
    "x / (1 + exp(-beta * x))",
    stable="x * sigmoid(beta * x)",
    title="SwishBeta",
    family="smooth",
    aliases=("parametric_silu", "acon_a"),
    parameters=(Parameter("beta", 1.0, learnable=True, meaning="sharpness of the gate, learned"),),
    summary="The input times a sigmoid of learned sharpness: between a half line and ReLU.",
    source=Source("Ramachandran, Zoph & Le", 2017, "Searching for Activation Functions", arxiv="1710.05941"),
)

e_swish = Activation(
    "e_swish",
    "beta * x / (1 + exp(-x))",
    stable="beta * x * sigmoid(x)",
    title="ESwish",
    family="smooth",
    parameters=(Parameter("beta", 1.5, meaning="factor of the whole"),),
    summary="SiLU times a constant between 1 and 2.",
    source=Source("Alcaide", 2018, "E-swish: Adjusting Activations to Different Network Depths", arxiv="1801.07145"),
)

ahaf = Activation(
    "ahaf",
    "gamma * x / (1 + exp(-beta * x))",
    stable="gamma * x * sigmoid(beta * x)",
    title="AHAF",
    family="smooth",
    parameters=(
        Parameter("gamma", 1.0, learnable=True, meaning="factor of the whole, learned"),
        Parameter("beta", 1.0, low=0.0, open_low=True, learnable=True, meaning="sharpness of the gate, learned"),
    ),
    summary="Swish with a learned sharpness and a learned factor.",
    source=Source("Bodyanskiy & Kostiuk", 2022, "Adaptive Hybrid Activation Function for Deep Neural Networks"),
)

flatten_t_swish = Activation(
    "flatten_t_swish",
    "relu(x) / (1 + exp(-x)) + threshold",
    stable="relu(x) * sigmoid(x) + threshold",
    title="FlattenTSwish",
    family="smooth",
    aliases=("fts",),
    parameters=(Parameter("threshold", -0.2, meaning="what is added to every output"),),
    summary="SiLU for positive inputs and flat for negative ones, moved down by a constant.",
    source=Source(
        "Chieng, Wahid, Pauline & Perla",
        2018,
        "Flatten-T Swish: a Thresholded ReLU-Swish-like Activation Function for Deep Learning",
        arxiv="1812.06247",
    ),
)

aria2 = Activation(
    "aria2",
    "x * (1 + exp(-beta * x))**(-alpha)",
    stable="x * exp(-alpha * softplus(-beta * x))",
    title="ARiA2",
    family="smooth",
    parameters=(
        Parameter("alpha", 1.5, low=0.0, meaning="power of the sigmoid"),
        Parameter("beta", 1.0, low=0.0, meaning="its sharpness"),
    ),
    summary="The input times a power of a sigmoid, by which the depth of the dip can be set.",
    source=Source(
        "Patwardhan, Ingalhalikar & Walambe",
        2018,
        "ARiA: Utilizing Richard's Curve for Controlling the Non-monotonicity of the Activation Function in Deep Neural Nets",
        arxiv="1805.08878",
    ),
)

elish = Activation(
    "elish",
    "where(x > 0, x / (1 + exp(-x)), (exp(x) - 1) / (1 + exp(-x)))",
    stable="where(x > 0, x, expm1(x)) * sigmoid(x)",
    title="ELiSH",
    family="smooth",
    summary="ELU times the sigmoid: SiLU for positive inputs, a shallower dip for negative ones.",
    source=_GOLDEN,
)

hard_elish = Activation(
    "hard_elish",
    "where(x > 0, x, exp(x) - 1) * clip((x + 1) / 2, 0, 1)",
    stable="where(x > 0, x, expm1(x)) * clip(x + 1, 0, 2) / 2",
    title="HardELiSH",
    family="smooth",
    summary="ELU times a sigmoid of three straight pieces.",
    source=_GOLDEN,
)

double_silu = Activation(
    "double_silu",
    "x / (1 + exp(-x / (1 + exp(-x))))",
    stable="x * sigmoid(x * sigmoid(x))",
    title="DoubleSiLU",
    family="smooth",
    summary="The input times the sigmoid of its SiLU.",
)

acon_b = Activation(
    "acon_b",
    "(1 - p) * x / (1 + exp(-beta * (1 - p) * x)) + p * x",
    stable="(1 - p) * x * sigmoid(beta * (1 - p) * x) + p * x",
    title="AconB",
    family="smooth",
    parameters=(
        Parameter("p", 0.25, learnable=True, meaning="slope for negative x, learned"),
        Parameter(
            "beta",
            1.0,
            low=0.0,
            open_low=True,
            learnable=True,
            meaning="whether to activate: 0 is a line, a large one PReLU; learned",
        ),
    ),
    summary="A smooth PReLU: between a line and a leaky rectifier by a learned sharpness.",
    source=_ACON,
)

colu = Activation(
    "colu",
    "x / (1 - x * exp(-(x + exp(x))))",
    stable="where(x > 0, x / (1 - x * exp(-(x + exp(x)))), x * exp(x) / (exp(x) - x * exp(-exp(x))))",
    title="CoLU",
    family="smooth",
    aliases=("collapsing_linear_unit",),
    summary="Nearly linear for positive inputs, with a dip that collapses to zero for negative ones.",
    source=Source("Vagerwal", 2021, "Deeper Learning with CoLU Activation", arxiv="2112.12078"),
)

eis1 = Activation(
    "eis1",
    "x * log(1 + exp(x)) / (x + 1.16 * exp(-x))",
    stable="where(x > 1, softplus(x) / (1 + 1.16 * exp(-x) / x), x * softplus(x) / (x + 1.16 * exp(-x)))",
    title="EIS1",
    family="smooth",
    summary="The input times its softplus over a sum that is exponential on the negative side.",
    source=_EIS,
)

eis2 = Activation(
    "eis2",
    "x * log(1 + exp(x)) / sqrt(1 + x**2)",
    stable="softplus(x) * isru(x, 1)",
    title="EIS2",
    family="smooth",
    summary="The softplus times an algebraic sigmoid of the input.",
    source=_EIS,
)

eis3 = Activation(
    "eis3",
    "x / (1 + 0.68 * exp(-1.7 * x))",
    stable="x * sigmoid(1.7 * x - log(0.68))",
    title="EIS3",
    family="smooth",
    summary="The input times a sigmoid that is sharper than SiLU's and stands a little to its left.",
    source=_EIS,
)

srs = Activation(
    "srs",
    "x / (x / alpha + exp(-x / beta))",
    stable="where(x > 1, alpha / (1 + alpha * exp(-x / beta) / x), x * exp(x / beta) / (1 + x * exp(x / beta) / alpha))",
    title="SRS",
    family="smooth",
    aliases=("soft_root_sign",),
    parameters=(
        Parameter("alpha", 2.0, low=0.0, open_low=True, learnable=True, meaning="the limit at +inf, learned"),
        Parameter(
            "beta",
            3.0,
            low=0.0,
            open_low=True,
            learnable=True,
            meaning="how slowly the dip decays, below e * alpha, learned",
        ),
    ),
    summary="Bounded above by a learned constant, with a dip for negative inputs.",
    source=Source("Zhou, Li, Huo & Kung", 2020, "Soft-Root-Sign Activation Function", arxiv="2003.00547"),
)

# The paper's formula; implementations replace x by min(x, -1e-6) in the exponential and learn alpha through a softplus.
xielu = Activation(
    "xielu",
    "where(x > 0, alpha_p * x**2 + beta * x, alpha_n * (exp(x) - 1) - alpha_n * x + beta * x)",
    stable="where(x > 0, x * (alpha_p * x + beta), alpha_n * expm1(x) + (beta - alpha_n) * x)",
    title="XIELU",
    family="smooth",
    parameters=(
        Parameter("alpha_p", 0.8, learnable=True, meaning="curvature for positive x, learned"),
        Parameter("alpha_n", 0.8, learnable=True, meaning="depth for negative x, learned"),
        Parameter("beta", 0.5, meaning="slope at zero"),
    ),
    summary="The integral of a learned line for positive inputs and of a learned ELU for negative ones.",
    source=Source("Huang & Schlag", 2024, "Deriving Activation Functions Using Integration", arxiv="2411.13010"),
    used_in=("Apertus",),
)

# DELU also names other exponential units (deformable, difference ...): this is the one with SiLU's negative side.
delu = Activation(
    "delu",
    "where(x > 0, (n + 1 / 2) * x + abs(exp(-x) - 1), x / (1 + exp(-x)))",
    stable="where(x > 0, (n + 1 / 2) * x - expm1(-x), x * sigmoid(x))",
    title="DELU",
    family="smooth",
    parameters=(Parameter("n", 1.0, learnable=True, meaning="slope for large x, less 1/2; learned"),),
    summary="SiLU for negative inputs; for positive ones a learned line and an exponential that saturates.",
    source=Source("Pishchik", 2023, "Trainable Activations for Image Classification"),
)

sech_sig = Activation(
    "sech_sig",
    "(x + 2 / (exp(x) + exp(-x))) / (1 + exp(-x))",
    stable="(x + 1 / cosh(x)) * sigmoid(x)",
    title="SechSig",
    family="smooth",
    summary="SiLU with a bump at zero, a hyperbolic secant times the sigmoid.",
)

tanh_sig = Activation(
    "tanh_sig",
    "(x + tanh(x)) / (1 + exp(-x))",
    stable="(x + tanh(x)) * sigmoid(x)",
    title="TanhSig",
    family="smooth",
    summary="The input and its tanh, times the sigmoid: SiLU, steeper at zero.",
)

acon_c = Activation(
    "acon_c",
    "(p1 - p2) * x / (1 + exp(-beta * (p1 - p2) * x)) + p2 * x",
    stable="(p1 - p2) * x * sigmoid(beta * (p1 - p2) * x) + p2 * x",
    title="AconC",
    family="smooth",
    aliases=("acon",),
    parameters=(
        Parameter("p1", 1.0, learnable=True, meaning="slope on one side, learned"),
        Parameter("p2", 0.0, learnable=True, meaning="slope on the other, learned"),
        Parameter("beta", 1.0, learnable=True, meaning="whether to activate: 0 is a line; learned"),
    ),
    summary="A smooth maximum of two learned lines through the origin, with a learned sharpness.",
    source=_ACON,
)

# the general curve; with these defaults it is SiLU. Its authors set two parameters of it free: aria2
aria = Activation(
    "aria",
    "x * (a + (k - a) * (c + q * exp(-b * x))**(-1 / nu))",
    stable="x * (a + (k - a) * exp(-(log(c) + softplus(log(q / c) - b * x)) / nu))",
    title="ARiA",
    family="smooth",
    parameters=(
        Parameter("a", 0.0, meaning="lower asymptote of the curve"),
        Parameter("k", 1.0, meaning="upper asymptote, where c is 1"),
        Parameter("b", 1.0, low=0.0, open_low=True, meaning="growth rate"),
        Parameter("nu", 1.0, low=0.0, open_low=True, meaning="asymmetry"),
        Parameter("q", 1.0, low=0.0, open_low=True, meaning="the curve's height at zero"),
        Parameter("c", 1.0, low=0.0, open_low=True, meaning="scale of the upper asymptote"),
    ),
    summary="The input times Richards' generalised logistic curve.",
    source=Source(
        "Patwardhan, Ingalhalikar & Walambe",
        2018,
        "ARiA: Utilizing Richard's Curve for Controlling the Non-monotonicity of the Activation Function in Deep Neural Nets",
        arxiv="1805.08878",
    ),
)
