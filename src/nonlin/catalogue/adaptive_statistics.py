"""Activations that look at a mean or a size: of a row, a sample or the batch.

Their kind is ``rowwise``, also where they learn: what an element becomes depends on others, and no small network does it.
"""

from nonlin.formula.declaration import Activation, Source

abrelu = Activation(
    "abrelu",
    "relu(x - alpha mean(x))",
    title="ABReLU",
    family="normalised",
    kind="rowwise",
    rule="statistics",
    samples=("abrelu", "abrelu(0.5)"),
    aliases=("average_biased_relu",),
    summary="ReLU whose threshold is the mean of the sample.",
    source=Source(
        "Dubey & Chakraborty",
        2018,
        "Average Biased ReLU Based CNN Descriptor for Improved Face Retrieval",
        arxiv="1804.02051",
    ),
)

dice = Activation(
    "dice",
    "x (p + (1 - p) a), p = sigmoid((x - mean) / sqrt(variance + eps))",
    title="Dice",
    family="normalised",
    kind="rowwise",
    rule="statistics",
    samples=("dice(4)", "dice(4, alpha_init=0.25)"),
    summary="A PReLU whose kink is smooth and moves with each channel's mean and deviation over the batch.",
    source=Source("Zhou et al.", 2017, "Deep Interest Network for Click-Through Rate Prediction", arxiv="1706.06978"),
    used_in=("recommendation, click-through rate prediction",),
)

poly_norm = Activation(
    "poly_norm",
    "a_1 x / rms(x) + ... + a_r x^r / rms(x^r) + b",
    title="PolyNorm",
    family="normalised",
    kind="rowwise",
    rule="statistics",
    samples=("poly_norm", "poly_norm(r=2, dim=1)"),
    summary="A learned sum of powers, each divided by its root mean square over the row.",
    source=Source(
        "Zhuo et al.",
        2024,
        "Polynomial Composition Activations: Unleashing the Dynamics of Large Language Models",
        arxiv="2411.03884",
    ),
)
