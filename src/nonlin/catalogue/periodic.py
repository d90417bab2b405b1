"""Functions with a sine or a cosine in them: periodic ones, and lines and sigmoids that oscillate."""

from nonlin.formula.declaration import Activation, Parameter, Source

sine = Activation(
    "sine",
    "sin(frequency * x)",
    title="Sine",
    family="periodic",
    parameters=(Parameter("frequency", 30.0, meaning="angular frequency, omega_0 in the paper"),),
    summary="A sine of high frequency, by which a network represents images, sounds and shapes.",
    source=Source(
        "Sitzmann, Martel, Bergman, Lindell & Wetzstein",
        2020,
        "Implicit Neural Representations with Periodic Activation Functions",
        arxiv="2006.09661",
    ),
    used_in=("SIREN",),
)

snake = Activation(
    "snake",
    "x + sin(alpha * x)**2 / alpha",
    title="Snake",
    family="periodic",
    parameters=(
        Parameter("alpha", 1.0, low=0.0, open_low=True, learnable=True, meaning="frequency of the ripple, learned"),
    ),
    summary="A line with a ripple of learned frequency: monotonic, and able to extrapolate periodic data.",
    source=Source(
        "Ziyin, Hartwig & Ueda",
        2020,
        "Neural Networks Fail to Learn Periodic Functions and How to Fix It",
        arxiv="2006.08195",
    ),
    used_in=("BigVGAN and the Descript audio codec",),
)

snake_beta = Activation(
    "snake_beta",
    "x + sin(alpha * x)**2 / beta",
    title="SnakeBeta",
    family="periodic",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="frequency of the ripple, learned"),
        Parameter("beta", 1.0, low=0.0, open_low=True, learnable=True, meaning="its height is 1/beta, learned"),
    ),
    summary="A line with a ripple whose frequency and height are learned apart.",
    source=Source(
        "Lee, Ping, Ginsburg, Catanzaro & Yoon",
        2022,
        "BigVGAN: A Universal Neural Vocoder with Large-Scale Training",
        arxiv="2206.04658",
    ),
    used_in=("BigVGAN",),
)

gcu = Activation(
    "gcu",
    "x * cos(x)",
    title="GCU",
    family="periodic",
    aliases=("growing_cosine_unit",),
    summary="A cosine that grows with its input; one such neuron can separate exclusive or.",
    source=Source(
        "Noel et al.",
        2021,
        "Growing Cosine Unit: A Novel Oscillatory Activation Function That Can Speedup Training and Reduce Parameters in "
        "Convolutional Neural Networks",
        arxiv="2108.12943",
    ),
)

asu = Activation(
    "asu",
    "x * sin(x)",
    title="ASU",
    family="periodic",
    aliases=("amplifying_sine_unit",),
    summary="A sine that grows with its input: even, with ever higher waves.",
)

cosine = Activation(
    "cosine",
    "1 - cos(x)",
    stable="2 * sin(x / 2)**2",
    title="Cosine",
    family="periodic",
    summary="One minus the cosine: zero at zero, between 0 and 2.",
)

exp_sin = Activation(
    "exp_sin",
    "exp(-sin(alpha * x))",
    title="ExpSin",
    family="periodic",
    parameters=(Parameter("alpha", 1.0, meaning="angular frequency"),),
    summary="The exponential of a sine: positive and periodic.",
    source=Source(
        "Ramasinghe & Lucey",
        2021,
        "Beyond Periodicity: Towards a Unifying Framework for Activations in Coordinate-MLPs",
        arxiv="2111.15135",
    ),
    used_in=("implicit neural representations",),
)

sinlu = Activation(
    "sinlu",
    "(x + alpha * sin(beta * x)) / (1 + exp(-x))",
    stable="(x + alpha * sin(beta * x)) * sigmoid(x)",
    title="SinLU",
    family="periodic",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="height of the sine, learned"),
        Parameter("beta", 1.0, learnable=True, meaning="its frequency, learned"),
    ),
    summary="SiLU with a learned sine added to its input.",
    source=Source("Paul, Bandyopadhyay, Yoon, Geem & Sarkar", 2022, "SinLU: Sinu-Sigmoidal Linear Unit"),
)

coslu = Activation(
    "coslu",
    "(x + alpha * cos(beta * x)) / (1 + exp(-x))",
    stable="(x + alpha * cos(beta * x)) * sigmoid(x)",
    title="CosLU",
    family="periodic",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="height of the cosine, learned"),
        Parameter("beta", 1.0, learnable=True, meaning="its frequency, learned"),
    ),
    summary="SiLU with a learned cosine added to its input.",
    source=Source("Pishchik", 2023, "Trainable Activations for Image Classification"),
)

sine_relu = Activation(
    "sine_relu",
    "where(x > 0, x, epsilon * (sin(x) - cos(x)))",
    title="SineReLU",
    family="periodic",
    parameters=(Parameter("epsilon", 0.01, meaning="height of the wave"),),
    summary="Linear for positive inputs and a small wave for negative ones, so that no unit stops learning.",
    source=Source("Rodrigues", 2018, "SineReLU: An Alternative to the ReLU Activation Function", verified=False),
    used_in=("keras-contrib",),
)

minsin = Activation(
    "minsin",
    "minimum(x, sin(x))",
    stable="where(x > 0, sin(x), x)",
    title="Minsin",
    family="periodic",
    summary="Linear for negative inputs and a sine for positive ones.",
)

vlu = Activation(
    "vlu",
    "relu(x) + alpha * sin(beta * x)",
    stable="where(x > 0, x + alpha * sin(beta * x), alpha * sin(beta * x))",
    title="VLU",
    family="periodic",
    aliases=("variational_linear_unit", "pvlu"),
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="height of the sine, learned"),
        Parameter("beta", 1.0, learnable=True, meaning="its frequency, learned"),
    ),
    summary="ReLU with a learned sine added, so that no unit stops learning.",
    source=Source(
        "Gupta & Ahuja",
        2021,
        "Parametric Variational Linear Units (PVLUs) in Deep Convolutional Networks",
        arxiv="2110.12246",
    ),
)

# Without pi in the argument: the unnormalised one.
sinc = Activation(
    "sinc",
    "sinc(x)",
    title="Sinc",
    family="periodic",
    summary="The sine over its argument, 1 at zero: a wave that dies away like 1/x.",
)

_OSCILLATING = Source(
    "Noel et al.",
    2021,
    "Biologically Inspired Oscillating Activation Functions Can Bridge the Performance Gap between Biological and "
    "Artificial Neurons",
    arxiv="2111.04020",
)

ssu = Activation(
    "ssu",
    "pi * sinc(x - pi)",
    stable="where(abs(x - pi) < 1, pi * sinc(x - pi), pi * sin(x) / (pi - x))",
    title="SSU",
    family="periodic",
    aliases=("shifted_sinc_unit",),
    summary="A sinc moved to the right, so that it passes through the origin with slope 1.",
    source=_OSCILLATING,
)

# the difference of the two waves has one denominator, pi^2 - x^2, whose zeros are the sine's
dsu = Activation(
    "dsu",
    "pi / 2 * (sinc(x - pi) - sinc(x + pi))",
    stable=(
        "where(abs(x) > 10, sin(x) / x * (pi**2 / (pi**2 / x - x)), "
        "where(abs(abs(x) - pi) < 1, pi**2 * sign(x) * sinc(abs(x) - pi) / (abs(x) + pi), pi**2 * sin(x) / (pi**2 - x**2)))"
    ),
    title="DSU",
    family="periodic",
    aliases=("decaying_sine_unit",),
    summary="The difference of two sincs: a sine near zero that dies away like 1/x squared.",
    source=_OSCILLATING,
)

# frequency x^2 counts radians: beyond 2^53 of them, 1.7e7 in x by default, float64 holds no digit of the phase
finer = Activation(
    "finer",
    "sin(frequency * (abs(x) + 1) * x)",
    stable="where(abs(x) < 1e140, sin(frequency * (abs(x) + 1) * x), sin(x))",
    title="FINER",
    family="periodic",
    parameters=(Parameter("frequency", 30.0, meaning="angular frequency at zero, omega_0 in the paper"),),
    summary="A sine whose frequency grows with its input, so that biases choose the band that a unit represents.",
    source=Source(
        "Liu et al.",
        2023,
        "FINER: Flexible Spectral-bias Tuning in Implicit NEural Representation by Variable-periodic Activation Functions",
        arxiv="2312.02434",
    ),
    used_in=("implicit neural representations",),
)
