"""Relatives of Mish: the input times the tanh, the error function or the logarithm of something that grows."""

from nonlin.formula.declaration import Activation, Parameter, Source

_ERF_ACT = Source(
    "Biswas, Kumar, Banerjee & Pandey",
    2021,
    "ErfAct and Pserf: Non-monotonic Smooth Trainable Activation Functions",
    arxiv="2109.04386",
)
_TANH_SOFT = Source(
    "Biswas, Kumar, Banerjee & Pandey",
    2020,
    "TanhSoft - A Family of Activation Functions Combining Tanh and Softplus",
    arxiv="2009.03863",
)

hard_mish = Activation(
    "hard_mish",
    "x / 2 * clip(x + 2, 0, 2)",
    title="HardMish",
    family="smooth",
    aliases=("h_mish",),
    summary="Mish in two straight gates: the input times half of x + 2, cut off at 0 and 2.",
    source=Source("Misra", 2020, "H-Mish"),
    used_in=("timm, as hard_mish",),
)

beta_mish = Activation(
    "beta_mish",
    "x * tanh(log((1 + exp(x))**beta))",
    stable="x * tanh(beta * softplus(x))",
    title="BetaMish",
    family="smooth",
    parameters=(Parameter("beta", 1.5, low=0.0, meaning="factor of the softplus"),),
    summary="Mish whose softplus is multiplied by a constant.",
    source=Source("Misra", 2019, "Beta-Mish: A Uni-parametric Adaptive Activation Function Derived from Mish"),
)

mila = Activation(
    "mila",
    "x * tanh(log(1 + exp(beta + x)))",
    stable="x * tanh_softplus(x + beta)",
    title="Mila",
    family="smooth",
    parameters=(Parameter("beta", -0.25, meaning="what is added inside the softplus"),),
    summary="Mish whose gate is moved sideways.",
    source=Source("Misra", 2019, "Mila: Controlling Minima Concavity in Activation Function"),
)

smish = Activation(
    "smish",
    "x * tanh(log(1 + 1 / (1 + exp(-x))))",
    # tanh(log(1 + s)) is a quotient: s (2 + s)/(2 + s (2 + s))
    stable="x * sigmoid(x) / (sigmoid(x) + 2 / (2 + sigmoid(x)))",
    title="Smish",
    family="smooth",
    summary="The input times the tanh of the logarithm of one plus its sigmoid.",
    source=Source("Wang, Ren & Wang", 2022, "Smish: A Novel Activation Function for Deep Learning Methods"),
    used_in=("edge detection (TEED)",),
)

logish = Activation(
    "logish",
    "x * log(1 + 1 / (1 + exp(-x)))",
    stable="x * log1p(sigmoid(x))",
    title="Logish",
    family="smooth",
    summary="The input times the logarithm of one plus its sigmoid.",
    source=Source(
        "Zhu, Zeng, Liu & Zhang",
        2021,
        "Logish: A New Nonlinear Nonmonotonic Activation Function for Convolutional Neural Network",
    ),
)

gish = Activation(
    "gish",
    "x * log(2 - exp(-exp(x)))",
    stable="x * log1p(-expm1(-exp(x)))",
    title="Gish",
    family="smooth",
    summary="The input times the logarithm of two minus a Gompertz curve.",
    source=Source("Kaytan, Aydilek & Yeroğlu", 2023, "Gish: A Novel Activation Function for Image Classification"),
)

phish = Activation(
    "phish",
    "x * tanh(x * normal_cdf(x))",
    title="Phish",
    family="smooth",
    summary="The input times the tanh of its GELU.",
    source=Source("Naveen", 2021, "Phish: A Novel Hyper-Optimizable Activation Function"),
)

serf = Activation(
    "serf",
    "x * erf(log(1 + exp(x)))",
    stable="x * erf(softplus(x))",
    title="Serf",
    family="smooth",
    summary="The input times the error function of its softplus: Mish with erf in place of tanh.",
    source=Source(
        "Nag & Bhattacharyya",
        2021,
        "SERF: Towards Better Training of Deep Neural Networks Using Log-Softplus ERror Activation Function",
        arxiv="2108.09598",
    ),
)

erf_act = Activation(
    "erf_act",
    "x * erf(alpha * exp(beta * x))",
    title="ErfAct",
    family="smooth",
    parameters=(
        Parameter("alpha", 0.75, low=0.0, learnable=True, meaning="factor of the exponential, learned"),
        Parameter("beta", 0.75, low=0.0, learnable=True, meaning="its rate, learned"),
    ),
    summary="The input times the error function of a learned exponential.",
    source=_ERF_ACT,
)

pserf = Activation(
    "pserf",
    "x * erf(gamma * log(1 + exp(delta * x)))",
    stable="x * erf(gamma * softplus(delta * x))",
    title="Pserf",
    family="smooth",
    parameters=(
        Parameter("gamma", 1.25, low=0.0, learnable=True, meaning="factor of the softplus, learned"),
        Parameter("delta", 0.85, low=0.0, learnable=True, meaning="its sharpness, learned"),
    ),
    summary="The input times the error function of a learned softplus.",
    source=_ERF_ACT,
)

# Published again as TeLU by Fernandez & Mali (2024); TeLU also names tanh_elu, below.
tanhexp = Activation(
    "tanhexp",
    "x * tanh(exp(x))",
    title="TanhExp",
    family="smooth",
    summary="The input times the tanh of its exponential: nearly linear from 1 on.",
    source=Source(
        "Liu & Di",
        2020,
        "TanhExp: A Smooth Activation Function with High Convergence Speed for Lightweight Neural Networks",
        arxiv="2003.09855",
    ),
)

# Called TeLU, as tanhexp is; named here by what it is made of.
tanh_elu = Activation(
    "tanh_elu",
    "x * tanh(where(alpha * x > 0, alpha * x, exp(alpha * x) - 1))",
    stable="x * tanh(where(alpha * x > 0, alpha * x, expm1(alpha * x)))",
    title="TanhELU",
    family="smooth",
    aliases=("telu_elu",),
    parameters=(Parameter("alpha", 1.0, learnable=True, meaning="scale of the input of the ELU, learned"),),
    summary="The input times the tanh of its ELU: positive on both sides.",
)

tanhsoft1 = Activation(
    "tanhsoft1",
    "tanh(alpha * x) * log(1 + exp(x))",
    stable="tanh(alpha * x) * softplus(x)",
    title="TanhSoft1",
    family="smooth",
    parameters=(Parameter("alpha", 0.87, learnable=True, meaning="steepness of the tanh, learned"),),
    summary="The softplus times a tanh.",
    source=_TANH_SOFT,
)

tanhsoft2 = Activation(
    "tanhsoft2",
    "x * tanh(beta * exp(gamma * x))",
    title="TanhSoft2",
    family="smooth",
    parameters=(
        Parameter("beta", 0.6, low=0.0, learnable=True, meaning="factor of the exponential, learned"),
        Parameter("gamma", 1.0, low=0.0, learnable=True, meaning="its rate, learned"),
    ),
    summary="The input times the tanh of a learned exponential.",
    source=_TANH_SOFT,
)

tanhsoft3 = Activation(
    "tanhsoft3",
    "log(1 + exp(x) * tanh(alpha * x))",
    stable="where(x > 1, x + log(exp(-x) + tanh(alpha * x)), log1p(exp(x) * tanh(alpha * x)))",
    title="TanhSoft3",
    family="smooth",
    parameters=(Parameter("alpha", 1.0, low=0.0, learnable=True, meaning="steepness of the tanh, learned"),),
    summary="A softplus through the origin: its exponential is multiplied by a tanh.",
    source=_TANH_SOFT,
)

golu = Activation(
    "golu",
    "x * exp(-exp(-x))",
    title="GoLU",
    family="smooth",
    aliases=("gompertz_linear_unit", "expexpish"),
    summary="The input times the Gompertz curve, an asymmetric sigmoid.",
    source=Source(
        "Das et al.",
        2025,
        "Gompertz Linear Units: Leveraging Asymmetry for Enhanced Learning Dynamics",
        arxiv="2502.03654",
    ),
)
