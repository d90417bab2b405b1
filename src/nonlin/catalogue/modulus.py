"""The absolute value and its relatives: functions that grow on both sides."""

from nonlin.formula.declaration import Activation, Parameter, Source

_MODULUS = Source(
    "Vallés-Pérez et al.",
    2023,
    "Empirical Study of the Modulus as Activation Function in Computer Vision Applications",
    arxiv="2301.05993",
)

absolute = Activation(
    "abs",
    "abs(x)",
    title="Abs",
    family="modulus",
    aliases=("modulus", "vrelu"),
    summary="The absolute value: its slope is never zero and never grows.",
    source=_MODULUS,
)

soft_modulus_q = Activation(
    "soft_modulus_q",
    "where(abs(x) >= 1, abs(x), x**2 * (2 - abs(x)))",
    title="SoftModulusQ",
    family="modulus",
    summary="The absolute value with its corner replaced by a polynomial.",
    source=_MODULUS,
)

soft_modulus_t = Activation(
    "soft_modulus_t",
    "x * tanh(x / alpha)",
    title="SoftModulusT",
    family="modulus",
    parameters=(Parameter("alpha", 0.01, low=0.0, open_low=True, meaning="width of the rounded corner"),),
    summary="The absolute value with its corner rounded off by a tanh.",
    source=_MODULUS,
)

lisht = Activation(
    "lisht",
    "x * tanh(x)",
    title="LiSHT",
    family="modulus",
    summary="The input times its tanh: a smooth absolute value, positive on both sides.",
    source=Source(
        "Roy, Manna, Dubey & Chaudhuri",
        2019,
        "LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent Activation Function for Neural Networks",
        arxiv="1901.05894",
    ),
)

abslu = Activation(
    "abslu",
    "where(x > 0, x, -alpha * x)",
    title="AbsLU",
    family="modulus",
    parameters=(Parameter("alpha", 0.5, meaning="slope for negative x, with the sign changed"),),
    summary="The absolute value with a gentler negative side.",
)

pan = Activation(
    "pan",
    "relu(abs(x) - alpha)",
    title="Pan",
    family="modulus",
    parameters=(Parameter("alpha", 1.0, low=0.0, meaning="half the width of the flat bottom"),),
    summary="Zero near zero and the absolute value, less a constant, outside.",
)

bi_firing = Activation(
    "bi_firing",
    "where(abs(x) >= a, abs(x) - a / 2, x**2 / (2 * a))",
    title="BiFiring",
    family="modulus",
    aliases=("bfire",),
    parameters=(Parameter("a", 1.0, low=0.0, open_low=True, meaning="half the width of the rounded corner"),),
    summary="The absolute value with a parabola for a corner: Huber's function.",
    source=Source("Li, Ng, Yeung & Chan", 2013, "Bi-firing Deep Neural Networks", verified=False),
)
