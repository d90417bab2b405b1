"""Polynomials: what can be computed on encrypted data, and what one neuron needs to separate exclusive or."""

from nonlin.formula.declaration import Activation, Parameter, Source

_OSCILLATING = Source(
    "Noel et al.",
    2021,
    "Biologically Inspired Oscillating Activation Functions Can Bridge the Performance Gap between Biological and "
    "Artificial Neurons",
    arxiv="2111.04020",
)

square = Activation(
    "square",
    "x**2",
    title="Square",
    family="polynomial",
    summary="The square: one multiplication, and so computable on encrypted data.",
    source=Source(
        "Gilad-Bachrach et al.",
        2016,
        "CryptoNets: Applying Neural Networks to Encrypted Data with High Throughput and Accuracy",
    ),
    used_in=("CryptoNets",),
)

cube = Activation(
    "cube",
    "x**3",
    title="Cube",
    family="polynomial",
    summary="The cube, by which one layer sees products of three inputs.",
    source=Source("Chen & Manning", 2014, "A Fast and Accurate Dependency Parser using Neural Networks"),
    used_in=("the neural dependency parser of Stanford CoreNLP",),
)

squ = Activation(
    "squ",
    "x**2 + x",
    stable="x * (x + 1)",
    title="SQU",
    family="polynomial",
    aliases=("shifted_quadratic_unit",),
    summary="A parabola with zeros at -1 and 0; one such neuron can separate exclusive or.",
    source=_OSCILLATING,
)

ncu = Activation(
    "ncu",
    "x - x**3",
    stable="where(abs(x) < 1 / 2, x - x**3, x * (1 - x) * (1 + x))",
    title="NCU",
    family="polynomial",
    aliases=("non_monotonic_cubic_unit",),
    summary="A cubic with zeros at -1, 0 and 1; one such neuron can separate exclusive or.",
    source=_OSCILLATING,
)

# its derivative at zero is infinite: a gradient through an input of exactly 0 is, too
signed_sqrt = Activation(
    "signed_sqrt",
    "where(x >= 0, sqrt(x), -sqrt(-x))",
    stable="where(x >= 0, power(x, 1 / 2), -power(-x, 1 / 2))",
    title="SignedSqrt",
    family="polynomial",
    summary="The square root of the magnitude, with the input's sign: infinitely steep at zero.",
)

_h = "(beta + x / gamma)**3 * ((beta + x / gamma)**4 * (beta + x / gamma - 2) + 2)"
_h0 = "beta**3 * (beta**4 * (beta - 2) + 2)"

# with its upper bound c at infinity, which the paper admits; near zero the difference is its Taylor polynomial in x/gamma
spocu = Activation(
    "spocu",
    f"where(beta + x / gamma >= 0, alpha * ({_h}) - alpha * ({_h0}), -alpha * ({_h0}))",
    stable=(
        "where(abs(x) < gamma / 4, alpha * (x / gamma) * (8 * beta**7 - 14 * beta**6 + 6 * beta**2 + (x / gamma) * ("
        "28 * beta**6 - 42 * beta**5 + 6 * beta + (x / gamma) * (56 * beta**5 - 70 * beta**4 + 2 + (x / gamma) * ("
        "70 * beta**4 - 70 * beta**3 + (x / gamma) * (56 * beta**3 - 42 * beta**2 + (x / gamma) * ("
        "28 * beta**2 - 14 * beta + (x / gamma) * (8 * beta - 2 + x / gamma))))))), "
        f"where(beta + x / gamma >= 0, alpha * ({_h} - {_h0}), -alpha * ({_h0})))"
    ),
    title="SPOCU",
    family="polynomial",
    aliases=("scaled_polynomial_constant_unit",),
    parameters=(
        Parameter("alpha", 3.0937, low=0.0, open_low=True, meaning="factor of the whole"),
        Parameter("beta", 0.6653, low=0.25, high=1.0, meaning="where on the polynomial zero lies"),
        Parameter("gamma", 4.437, low=0.0, open_low=True, meaning="width"),
    ),
    summary="A polynomial of degree eight, made constant below, with zero mean and unit variance under a normal input.",
    source=Source(
        "Kiseľák, Lu, Švihra, Szépe & Stehlík",
        2020,
        "“SPOCU”: Scaled Polynomial Constant Unit Activation Function",
        verified=False,
    ),
)
