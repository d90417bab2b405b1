"""Bumps: functions that are large near one point and vanish, or fall, on both sides of it."""

from nonlin.formula.declaration import Activation, Parameter, Source

_COORDINATE = Source(
    "Ramasinghe & Lucey",
    2021,
    "Beyond Periodicity: Towards a Unifying Framework for Activations in Coordinate-MLPs",
    arxiv="2111.15135",
)
_DENDRITE = Source(
    "Georgescu, Ionescu, Ristea & Sebe",
    2020,
    "Non-linear Neurons with Human-like Apical Dendrite Activations",
    arxiv="2003.03229",
)

# Also written exp(-x^2), whose width is 1/sqrt(2) here.
gaussian = Activation(
    "gaussian",
    "exp(-x**2 / (2 * sigma**2))",
    stable="sqrt(2 * pi) * normal_pdf(x / sigma)",
    title="Gaussian",
    family="radial",
    parameters=(Parameter("sigma", 1.0, low=0.0, open_low=True, meaning="width of the bell"),),
    summary="The bell curve, 1 at zero.",
    source=_COORDINATE,
    used_in=("radial basis function networks", "implicit neural representations"),
)

super_gaussian = Activation(
    "super_gaussian",
    "exp(-x**2 / (2 * sigma**2))**b",
    stable="sqrt(2 * pi) * normal_pdf(sqrt(b) * x / sigma)",
    title="SuperGaussian",
    family="radial",
    parameters=(
        Parameter("sigma", 1.0, low=0.0, open_low=True, meaning="width of the bell"),
        Parameter("b", 2.0, low=0.0, open_low=True, meaning="the power"),
    ),
    summary="A power of the bell curve.",
    source=_COORDINATE,
    used_in=("implicit neural representations",),
)

quadratic_rbf = Activation(
    "quadratic_rbf",
    "1 / (1 + (alpha * x)**2)",
    stable="where(abs(x) > 1, 1 / x**2 / (alpha**2 + 1 / x**2), 1 / (1 + (alpha * x)**2))",
    title="QuadraticRBF",
    family="radial",
    aliases=("inverse_quadratic",),
    parameters=(Parameter("alpha", 1.0, low=0.0, open_low=True, meaning="sharpness of the bump"),),
    summary="A bump with tails like 1/x squared.",
    source=_COORDINATE,
    used_in=("implicit neural representations",),
)

multi_quadratic = Activation(
    "multi_quadratic",
    "1 / sqrt(1 + (alpha * x)**2)",
    stable="inverse_root(x, alpha**2)",
    title="MultiQuadratic",
    family="radial",
    aliases=("inverse_multiquadric",),
    parameters=(Parameter("alpha", 1.0, low=0.0, open_low=True, meaning="sharpness of the bump"),),
    summary="A bump with tails like 1/x.",
    source=_COORDINATE,
    used_in=("implicit neural representations",),
)

mexican_hat = Activation(
    "mexican_hat",
    "(1 - x**2) * exp(-x**2 / 2)",
    stable="sqrt(2 * pi) * where(abs(x) < 1 / 2, 1 - x**2, (1 - x) * (1 + x)) * normal_pdf(x)",
    title="MexicanHat",
    family="radial",
    aliases=("ricker",),
    summary="The second derivative of a bell curve, negated: a peak between two troughs.",
    used_in=("wavelet networks",),
)

# The real part of WIRE's activation, which is complex.
gabor_wavelet = Activation(
    "gabor_wavelet",
    "exp(-(scale * x)**2) * cos(frequency * x)",
    stable="sqrt(2 * pi) * normal_pdf(sqrt(2) * scale * x) * cos(frequency * x)",
    title="GaborWavelet",
    family="radial",
    parameters=(
        Parameter("frequency", 20.0, meaning="angular frequency of the wave"),
        Parameter("scale", 10.0, meaning="sharpness of the bell"),
    ),
    summary="A cosine under a bell curve.",
    source=Source("Saragadam et al.", 2023, "WIRE: Wavelet Implicit Neural Representations", arxiv="2301.05187"),
    used_in=("implicit neural representations",),
)

mrelu = Activation(
    "mrelu",
    "minimum(relu(1 - x), relu(1 + x))",
    stable="where(x > 0, relu(1 - x), relu(1 + x))",
    title="MReLU",
    family="radial",
    aliases=("mirrored_relu",),
    summary="A triangle of height 1 over (-1, 1), zero outside.",
    source=Source(
        "Zhao & Griffin",
        2016,
        "Suppressing the Unusual: Towards Robust CNNs using Symmetric Activation Functions",
        arxiv="1603.05145",
    ),
)

tent = Activation(
    "tent",
    "relu(delta - abs(x))",
    title="Tent",
    family="radial",
    parameters=(Parameter("delta", 1.0, low=0.0, learnable=True, meaning="height and half width, learned"),),
    summary="A triangle of learned size, zero outside: unusual inputs pass nothing on.",
    source=Source(
        "Rozsa & Boult",
        2019,
        "Improved Adversarial Robustness by Reducing Open Space Risk via Tent Activations",
        arxiv="1908.02435",
    ),
    used_in=("defences against adversarial examples",),
)

hat = Activation(
    "hat",
    "where(x <= 0, 0, where(x <= width / 2, x, where(x < width, width - x, 0)))",
    stable="relu(minimum(width - x, x))",
    title="Hat",
    family="radial",
    parameters=(Parameter("width", 2.0, low=0.0, open_low=True, meaning="where it returns to zero"),),
    summary="A triangle that begins at zero: the linear spline, which learns all frequencies alike.",
    source=Source(
        "Hong, Siegel, Tan & Xu",
        2022,
        "On the Activation Function Dependence of the Spectral Bias of Neural Networks",
        arxiv="2208.04924",
    ),
)

ada = Activation(
    "ada",
    "relu(x) * exp(-alpha * x + c)",
    stable="relu(x) * exp(c - alpha * relu(x))",
    title="ADA",
    family="radial",
    aliases=("apical_dendrite_activation",),
    parameters=(
        Parameter("alpha", 1.0, low=0.0, meaning="how fast it decays"),
        Parameter("c", 1.0, meaning="logarithm of the slope at zero"),
    ),
    summary="ReLU that decays exponentially after a peak, as some neurons of the cortex do.",
    source=_DENDRITE,
)

leaky_ada = Activation(
    "leaky_ada",
    "where(x > 0, x * exp(-alpha * x + c), negative_slope * x)",
    title="LeakyADA",
    family="radial",
    parameters=(
        Parameter("negative_slope", 0.01, meaning="slope for negative x"),
        Parameter("alpha", 1.0, low=0.0, meaning="how fast it decays"),
        Parameter("c", 1.0, meaning="logarithm of the slope at zero"),
    ),
    summary="The same with a small slope for negative inputs.",
    source=_DENDRITE,
)

cone = Activation(
    "cone",
    "1 - abs(x - 1)**beta",
    stable="where(abs(x) < 1 / 2, -expm1(beta * log1p(-x)), 1 - power(abs(x - 1), beta))",
    title="Cone",
    family="radial",
    parameters=(Parameter("beta", 2.0, low=0.0, open_low=True, meaning="the power; up to 1 the top is a point"),),
    summary="A peak of height 1 at one, with zeros at 0 and 2 and falling without bound outside.",
    source=Source(
        "Noel et al.",
        2021,
        "Biologically Inspired Oscillating Activation Functions Can Bridge the Performance Gap between Biological and "
        "Artificial Neurons",
        arxiv="2111.04020",
        verified=False,
    ),
)
