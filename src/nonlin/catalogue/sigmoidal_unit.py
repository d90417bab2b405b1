"""Squashing functions into (0, 1), or near it: distribution functions and their approximations."""

from nonlin.formula.declaration import Activation, Parameter, Source

probit = Activation(
    "probit",
    "(1 + erf(x / sqrt(2))) / 2",
    stable="normal_cdf(x)",
    title="Probit",
    family="sigmoidal",
    aliases=("gaussian_cdf",),
    summary="The distribution function of the standard normal.",
    source=Source(
        "Gomes & Ludermir",
        2008,
        "Complementary Log-Log and Probit: Activation Functions Implemented in Artificial Neural Networks",
    ),
)

laplace = Activation(
    "laplace",
    "(1 + erf((x - mu) / (sigma * sqrt(2)))) / 2",
    stable="normal_cdf((x - mu) / sigma)",
    title="Laplace",
    family="sigmoidal",
    aliases=("laplace_erf",),
    parameters=(
        Parameter("mu", 0.707107, meaning="where it is 1/2"),
        Parameter("sigma", 0.282095, low=0.0, open_low=True, meaning="its width"),
    ),
    summary="A normal distribution function placed to follow the squared ReLU up to 1, and bounded.",
    source=Source("Ma et al.", 2022, "Mega: Moving Average Equipped Gated Attention", arxiv="2209.10655"),
    used_in=("Mega, as an attention function",),
)

cauchit = Activation(
    "cauchit",
    "atan(x) / pi + 1 / 2",
    stable="where(x < -1, -atan(1 / x) / pi, atan(x) / pi + 1 / 2)",
    title="Cauchit",
    family="sigmoidal",
    aliases=("cauchy_cdf",),
    summary="The distribution function of the standard Cauchy distribution, with tails like 1/x.",
)

loglog = Activation(
    "loglog",
    "exp(-exp(-x))",
    title="LogLog",
    family="sigmoidal",
    aliases=("gompertz",),
    summary="The Gompertz curve: leaves 0 doubly exponentially and approaches 1 exponentially.",
    source=Source(
        "Gomes, Ludermir & Lima",
        2011,
        "Comparison of New Activation Functions in Neural Network for Forecasting Financial Time Series",
    ),
)

cloglog = Activation(
    "cloglog",
    "1 - exp(-exp(x))",
    stable="-expm1(-exp(x))",
    title="CLogLog",
    family="sigmoidal",
    aliases=("complementary_log_log",),
    summary="The mirror image of the Gompertz curve: leaves 0 exponentially and approaches 1 doubly so.",
    source=Source(
        "Gomes & Ludermir",
        2008,
        "Complementary Log-Log and Probit: Activation Functions Implemented in Artificial Neural Networks",
    ),
)

aranda_ordaz = Activation(
    "aranda_ordaz",
    "1 - (1 + alpha * exp(x))**(-1 / alpha)",
    stable="-expm1(-where(x > 600, x + log(alpha), log1p(alpha * exp(x))) / alpha)",
    title="ArandaOrdaz",
    family="sigmoidal",
    parameters=(
        Parameter("alpha", 2.0, low=0.0, open_low=True, meaning="asymmetry: 1 is the sigmoid, near 0 the cloglog"),
    ),
    summary="A family of asymmetric sigmoids with the logistic one among them.",
    source=Source(
        "Gomes & Ludermir",
        2013,
        "Optimization of the Weights and Asymmetric Activation Function Family of Neural Network for Time Series Forecasting",
    ),
)

psf = Activation(
    "psf",
    "(1 / (1 + exp(-x)))**m",
    stable="exp(-m * softplus(-x))",
    title="PSF",
    family="sigmoidal",
    aliases=("parametric_sigmoid",),
    parameters=(Parameter("m", 1.0, low=0.0, open_low=True, learnable=True, meaning="the power, learned"),),
    summary="A learned power of the sigmoid.",
)

improved_logistic_sigmoid = Activation(
    "improved_logistic_sigmoid",
    "where(x > b, a * (x - b) + 1 / (1 + exp(-b)), where(x < -b, a * (x + b) + 1 / (1 + exp(b)), 1 / (1 + exp(-x))))",
    stable="where(x > b, a * (x - b) + sigmoid(b), where(x < -b, a * (x + b) + sigmoid(-b), sigmoid(x)))",
    title="ImprovedLogisticSigmoid",
    family="sigmoidal",
    aliases=("isigmoid",),
    parameters=(
        Parameter("a", 0.2, meaning="slope of the outer lines"),
        Parameter("b", 2.0, low=0.0, meaning="where they begin"),
    ),
    summary="A sigmoid that goes on along two lines, so that it never saturates.",
    source=Source(
        "Qin et al.",
        2018,
        "The Optimized Deep Belief Networks with Improved Logistic Sigmoid Units and Their Application in Fault Diagnosis for "
        "Planetary Gearboxes of Wind Turbines",
    ),
)

dsilu = Activation(
    "dsilu",
    "1 / (1 + exp(-x)) * (1 + x * (1 - 1 / (1 + exp(-x))))",
    stable="sigmoid(x) * (1 + x * sigmoid(-x))",
    title="DSiLU",
    family="sigmoidal",
    summary="The derivative of SiLU: a steeper sigmoid that overshoots on both sides.",
    source=Source(
        "Elfwing, Uchibe & Doya",
        2017,
        "Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning",
        arxiv="1702.03118",
    ),
    used_in=("reinforcement learning",),
)

elliott = Activation(
    "elliott",
    "x / 2 / (1 + abs(x)) + 1 / 2",
    stable="where(x > 0, 1 - 1 / 2 / (1 + x), 1 / 2 / (1 - x))",
    title="Elliott",
    family="sigmoidal",
    summary="A softsign moved into (0, 1): a sigmoid by one division.",
    source=Source("Elliott", 1993, "A Better Activation Function for Artificial Neural Networks"),
)

# Called a modified Elliott function; its range is (-1/2, 3/2), as published.
isru_sigmoid = Activation(
    "isru_sigmoid",
    "x / sqrt(1 + x**2) + 1 / 2",
    stable="isru(x, 1) + 1 / 2",
    title="ISRUSigmoid",
    family="sigmoidal",
    aliases=("mef", "modified_elliott"),
    summary="An inverse square root moved up by a half.",
)

# The hard sigmoid of binarised networks has these pieces, too; torch's hardsigmoid is three times as wide.
sparse_sigmoid = Activation(
    "sparse_sigmoid",
    "clip((x + 1) / 2, 0, 1)",
    stable="clip(x + 1, 0, 2) / 2",
    title="SparseSigmoid",
    family="sigmoidal",
    summary="A sigmoid of three straight pieces, exactly 0 and 1 outside (-1, 1): sparsemax of two numbers.",
    source=Source("Blondel, Martins & Niculae", 2019, "Learning with Fenchel-Young Losses", arxiv="1901.02324"),
)

smooth_step = Activation(
    "smooth_step",
    "where(x >= gamma / 2, 1, where(x <= -gamma / 2, 0, -2 / gamma**3 * x**3 + 3 / (2 * gamma) * x + 1 / 2))",
    stable=(
        "where(abs(x) < gamma / 4, (3 / 2 - 2 * (x / gamma)**2) * (x / gamma) + 1 / 2, "
        "clip(x / gamma + 1 / 2, 0, 1)**2 * (3 - 2 * clip(x / gamma + 1 / 2, 0, 1)))"
    ),
    title="SmoothStep",
    family="sigmoidal",
    parameters=(Parameter("gamma", 1.0, low=0.0, open_low=True, meaning="width of the step"),),
    summary="A cubic from 0 to 1, exactly 0 and 1 outside its width.",
    source=Source(
        "Hazimeh, Ponomareva, Mol, Tan & Mazumder",
        2020,
        "The Tree Ensemble Layer: Differentiability meets Conditional Computation",
        arxiv="2002.07772",
    ),
    used_in=("differentiable decision trees",),
)

soft_clipping = Activation(
    "soft_clipping",
    "log((1 + exp(p * x)) / (1 + exp(p * (x - 1)))) / p",
    stable=(
        "where(x > 1 / 2, 1 - (softplus(p * (1 - x)) - softplus(-p * x)) / p, (softplus(p * x) - softplus(p * (x - 1))) / p)"
    ),
    title="SoftClipping",
    family="sigmoidal",
    parameters=(Parameter("p", 50.0, low=0.0, open_low=True, meaning="sharpness of the two corners"),),
    summary="The identity between 0 and 1, clipped outside with two smooth corners.",
    source=Source(
        "Klimek & Perelstein", 2018, "Neural Network-Based Approach to Phase Space Integration", arxiv="1810.11509"
    ),
    used_in=("Monte Carlo integration in particle physics",),
)
