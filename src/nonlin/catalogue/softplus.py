"""Smooth rectifiers made from the softplus, or shaped like it."""

from nonlin.formula.declaration import Activation, Parameter, Source

sqrt_softplus = Activation(
    "sqrt_softplus",
    "sqrt(log1p(exp(x)))",
    # below -300 the two differ by less than 1e-130 of the value, and the softplus becomes 0 while its root is a normal number
    stable="where(x < -300, exp(x / 2), sqrt(softplus(x)))",
    title="SqrtSoftplus",
    family="softplus",
    aliases=("sqrtsoftplus",),
    summary="The square root of the softplus: positive, and growing only like a square root.",
    used_in=("scores of a mixture of experts' router",),
)

squareplus = Activation(
    "squareplus",
    "(x + sqrt(x**2 + b)) / 2",
    stable="squareplus(x, b)",
    title="Squareplus",
    family="softplus",
    parameters=(
        Parameter("b", 4.0, low=0.0, open_low=True, meaning="how round the corner is: the smaller, the closer to ReLU"),
    ),
    summary="A smooth ReLU by one square root, without an exponential.",
    source=Source("Barron", 2021, "Squareplus: A Softplus-Like Algebraic Rectifier", arxiv="2112.11687"),
)

soft_plus_plus = Activation(
    "soft_plus_plus",
    "log(1 + exp(k * x)) + x / c - log(2)",
    stable=("where(k * x > 0, k * x + log1p(expm1(-k * x) / 2), log1p(expm1(k * x) / 2)) + x / c"),
    title="SoftPlusPlus",
    family="softplus",
    parameters=(
        Parameter("k", 1.0, meaning="steepness of the softplus"),
        Parameter("c", 2.0, low=0.0, open_low=True, meaning="x/c is the line that is added"),
    ),
    summary="A softplus through the origin with a line added, so that it never saturates.",
    source=Source(
        "Ciuparu, Nagy-Dăbâcan & Mureşan",
        2020,
        "Soft++, a Multi-parametric Non-saturating Non-linearity that Improves Convergence in Deep Neural Architectures",
    ),
)

parametric_softplus = Activation(
    "parametric_softplus",
    "alpha * (log(1 + exp(x)) - log(2))",
    stable="alpha * (relu(x) + log1p(expm1(where(x > 0, -x, x)) / 2))",
    title="ParametricSoftplus",
    family="softplus",
    parameters=(Parameter("alpha", 1.5, meaning="factor of the whole"),),
    summary="A softplus moved down through the origin and scaled.",
)

rand_softplus = Activation(
    "rand_softplus",
    "(1 - mix) * relu(x) + mix * log(1 + exp(x))",
    stable="(1 - mix) * relu(x) + mix * softplus(x)",
    title="RandSoftplus",
    family="softplus",
    aliases=("rsp",),
    parameters=(Parameter("mix", 0.5, low=0.0, high=1.0, meaning="the share of the softplus; the rest is ReLU"),),
    summary="A mixture of ReLU and softplus, whose share its authors set by the noise in a layer's input.",
    source=Source(
        "Chen et al.",
        2019,
        "Improving the Antinoise Ability of DNNs via a Bio-inspired Noise Adaptive Activation Function Rand Softplus",
        verified=False,
    ),
)

# SLU names several units: this is the softplus linear unit.
slu_log = Activation(
    "slu_log",
    "where(x > 0, x, 2 * log((exp(x) + 1) / 2))",
    stable="where(x > 0, x, 2 * log1p(expm1(x) / 2))",
    title="SoftplusLinearUnit",
    family="softplus",
    summary="Linear for positive inputs and a shifted softplus for negative ones, differentiable at zero.",
    source=Source("Zhao et al.", 2018, "A Novel Softplus Linear Unit for Deep Convolutional Neural Networks"),
)

resp = Activation(
    "resp",
    "where(x > 0, alpha * x + log(2), log(1 + exp(x)))",
    stable="where(x > 0, alpha * x + log(2), softplus(x))",
    title="ReSP",
    family="softplus",
    aliases=("rectified_softplus",),
    parameters=(Parameter("alpha", 1.7, meaning="slope for positive x"),),
    summary="The softplus for negative inputs, continued by a steeper line for positive ones.",
)
