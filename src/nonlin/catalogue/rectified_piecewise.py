"""Rectifiers of straight pieces: shifted, bounded, bent twice, with learned slopes."""

from nonlin.formula.declaration import Activation, Parameter, Source

_BOUNDED = Source(
    "Liew, Khalil-Hani & Bakhteri",
    2016,
    "Bounded Activation Functions for Enhanced Training Stability of Deep Neural Networks on Visual Pattern Recognition Problems",
)
_TRAINABLE = Source("Pishchik", 2023, "Trainable Activations for Image Classification")

jump_relu = Activation(
    "jump_relu",
    "where(x > threshold, x, 0)",
    title="JumpReLU",
    family="rectified",
    parameters=(Parameter("threshold", 0.001, low=0.0, meaning="inputs up to here become zero"),),
    summary="Passes what exceeds a threshold unchanged and drops the rest: ReLU with a jump.",
    source=Source(
        "Erichson, Yao & Mahoney",
        2019,
        "JumpReLU: A Retrofit Defense Strategy for Adversarial Attacks",
        arxiv="1904.03750",
    ),
    used_in=("sparse autoencoders of language models, where the threshold is trained through a surrogate gradient",),
)

# FReLU names two functions: this one adds a learned constant; the funnel activation compares with a convolution.
flexible_relu = Activation(
    "flexible_relu",
    "relu(x) + bias",
    title="FlexibleReLU",
    family="rectified",
    parameters=(Parameter("bias", 0.0, learnable=True, meaning="what is added to every output, learned"),),
    summary="ReLU moved up or down by a learned amount, so that outputs may be negative.",
    source=Source(
        "Qiu, Xu & Cai",
        2017,
        "FReLU: Flexible Rectified Linear Units for Improving Convolutional Neural Networks",
        arxiv="1706.08098",
    ),
)

# SReLU names this one in the ELU paper; the name belongs to the s-shaped unit below, which was published under it.
shifted_relu = Activation(
    "shifted_relu",
    "maximum(x, -1)",
    title="ShiftedReLU",
    family="rectified",
    aliases=("srelu_s",),
    summary="ReLU moved down and left by one: linear above -1, and -1 below.",
    source=Source(
        "Clevert, Unterthiner & Hochreiter",
        2015,
        "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)",
        arxiv="1511.07289",
    ),
)

tlu = Activation(
    "tlu",
    "maximum(x, threshold)",
    title="TLU",
    family="rectified",
    aliases=("thresholded_linear_unit",),
    parameters=(Parameter("threshold", 0.0, learnable=True, meaning="smallest output, learned"),),
    summary="The larger of the input and a learned constant.",
    source=Source(
        "Singh & Krishnan",
        2019,
        "Filter Response Normalization Layer: Eliminating Batch Dependence in the Training of Deep Neural Networks",
        arxiv="1911.09737",
    ),
    used_in=("networks with filter response normalization",),
)

very_leaky_relu = Activation(
    "very_leaky_relu",
    "where(x > 0, x, x / 3)",
    title="VeryLeakyReLU",
    family="rectified",
    aliases=("vlrelu",),
    summary="Leaky ReLU with the slope 1/3 for negative inputs.",
    source=Source("Graham", 2014, "Spatially-sparse Convolutional Neural Networks", arxiv="1409.6070"),
    used_in=("sparse convolutional networks for handwriting",),
)

dprelu = Activation(
    "dprelu",
    "where(x > 0, alpha * x, beta * x)",
    title="DPReLU",
    family="rectified",
    aliases=("dual_slope_relu",),
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="slope for positive x, learned"),
        Parameter("beta", 0.01, learnable=True, meaning="slope for negative x, learned"),
    ),
    summary="A rectifier that learns both of its slopes.",
    source=Source("Mai Ngoc et al.", 2020, "DPReLU: Dynamic Parametric Rectified Linear Unit"),
)

dual_line = Activation(
    "dual_line",
    "where(x > 0, alpha * x, beta * x) + bias",
    title="DualLine",
    family="rectified",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="slope for positive x, learned"),
        Parameter("beta", 0.01, learnable=True, meaning="slope for negative x, learned"),
        Parameter("bias", -0.22, learnable=True, meaning="what is added to every output, learned"),
    ),
    summary="Two straight lines that meet at zero, with learned slopes and a learned height.",
    source=Source(
        "Balaji, Kavya & Sebastian", 2019, "Learn-able Parameter Guided Activation Functions", verified=False
    ),
)

# The name is also used for Nicolae's PLU and for interpolation tables (PWLU): this is the rectifier with one learned knot.
pilu = Activation(
    "pilu",
    "where(x > knot, alpha * x + knot * (1 - alpha), beta * x + knot * (1 - beta))",
    title="PiLU",
    family="rectified",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="slope above the knot, learned"),
        Parameter("beta", 0.01, learnable=True, meaning="slope below the knot, learned"),
        Parameter("knot", 1.0, learnable=True, meaning="where the two lines meet, learned"),
    ),
    summary="Two lines with learned slopes that meet on the identity at a learned point.",
    source=Source(
        "Inturrisi, Khoo, Kouzani & Pagliarella", 2021, "Piecewise Linear Units Improve Deep Neural Networks"
    ),
)

# PLU also stands for other piecewise linear units; this is Nicolae's, three pieces with equal outer slopes.
plu = Activation(
    "plu",
    "where(x >= c, alpha * (x - c) + c, where(x <= -c, alpha * (x + c) - c, x))",
    title="PLU",
    family="rectified",
    parameters=(
        Parameter("alpha", 0.1, meaning="slope of the outer pieces"),
        Parameter("c", 1.0, low=0.0, meaning="half the width of the middle piece"),
    ),
    summary="The identity near zero and two flatter lines outside: a tanh of three straight pieces that never saturates.",
    source=Source("Nicolae", 2018, "PLU: The Piecewise Linear Unit Activation Function", arxiv="1809.09534"),
)

lisa = Activation(
    "lisa",
    "where(x >= 1, positive_slope * x - positive_slope + 1, where(x > 0, x, negative_slope * x))",
    stable="where(x >= 1, positive_slope * (x - 1) + 1, where(x > 0, x, negative_slope * x))",
    title="LiSA",
    family="rectified",
    parameters=(
        Parameter("positive_slope", 0.15, meaning="slope above 1"),
        Parameter("negative_slope", 0.15, meaning="slope below 0"),
    ),
    summary="The identity between 0 and 1 and a flatter line on either side.",
    source=Source(
        "Bawa & Kumar",
        2019,
        "Linearized Sigmoidal Activation: A Novel Activation Function with Tractable Non-Linear Characteristics to Boost "
        "Representation Capability",
        verified=False,
    ),
)

# SReLU also names max(x, -1) in the ELU paper and the squared ReLU in one library: this is the s-shaped unit.
srelu = Activation(
    "srelu",
    "where(x >= right, right + right_slope * (x - right), where(x <= left, left + left_slope * (x - left), x))",
    title="SReLU",
    family="rectified",
    parameters=(
        Parameter("right", 1.0, learnable=True, meaning="where the right piece begins, learned"),
        Parameter("right_slope", 0.1, learnable=True, meaning="slope of the right piece, learned"),
        Parameter("left", -1.0, learnable=True, below="right", meaning="where the left piece ends, learned"),
        Parameter("left_slope", 0.1, learnable=True, meaning="slope of the left piece, learned"),
    ),
    summary="Three straight pieces, the identity in the middle, with learned ends and learned outer slopes.",
    source=Source(
        "Jin et al.", 2015, "Deep Learning with S-shaped Rectified Linear Activation Units", arxiv="1512.07030"
    ),
)

arelu = Activation(
    "arelu",
    "where(x > 0, (1 + 1 / (1 + exp(-beta))) * x, clip(alpha, 0.01, 0.99) * x)",
    stable="where(x > 0, (1 + sigmoid(beta)) * x, clip(alpha, 0.01, 0.99) * x)",
    title="AReLU",
    family="rectified",
    parameters=(
        Parameter("alpha", 0.9, learnable=True, meaning="slope for negative x before clipping, learned"),
        Parameter("beta", 2.0, learnable=True, meaning="its sigmoid is added to the slope 1 for positive x, learned"),
    ),
    summary="A rectifier that learns to amplify positive inputs and to damp negative ones.",
    source=Source("Chen, Li & Xu", 2020, "AReLU: Attention-based Rectified Linear Unit", arxiv="2006.13858"),
)

shilu = Activation(
    "shilu",
    "alpha * relu(x) + beta",
    title="ShiLU",
    family="rectified",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="slope for positive x, learned"),
        Parameter("beta", 0.0, learnable=True, meaning="what is added to every output, learned"),
    ),
    summary="ReLU with a learned slope and a learned height.",
    source=_TRAINABLE,
)

# BReLU also names the bipolar ReLU, which looks at an element's index: this one has an upper bound.
bounded_relu = Activation(
    "bounded_relu",
    "clip(x, 0, max_val)",
    title="BoundedReLU",
    family="rectified",
    parameters=(Parameter("max_val", 1.0, low=0.0, meaning="largest output"),),
    summary="ReLU that stops growing at a constant.",
    source=_BOUNDED,
    used_in=("defences against adversarial examples",),
)

relun = Activation(
    "relun",
    "clip(x, 0, n)",
    title="ReLUN",
    family="rectified",
    parameters=(Parameter("n", 1.0, low=0.0, learnable=True, meaning="largest output, learned"),),
    summary="ReLU that stops growing at a learned bound.",
    source=_TRAINABLE,
)

pact = Activation(
    "pact",
    "clip(x, 0, alpha)",
    title="PACT",
    family="rectified",
    parameters=(Parameter("alpha", 6.0, low=0.0, learnable=True, meaning="largest output, learned"),),
    summary="ReLU with a learned upper bound, which is the range of a quantiser that follows.",
    source=Source(
        "Choi et al.",
        2018,
        "PACT: Parameterized Clipping Activation for Quantized Neural Networks",
        arxiv="1805.06085",
    ),
    used_in=("networks with activations of few bits",),
)

bounded_leaky_relu = Activation(
    "bounded_leaky_relu",
    "where(x >= max_val, negative_slope * x + (1 - negative_slope) * max_val, where(x > 0, x, negative_slope * x))",
    stable="where(x >= max_val, max_val + negative_slope * (x - max_val), where(x > 0, x, negative_slope * x))",
    title="BoundedLeakyReLU",
    family="rectified",
    aliases=("blrelu", "bounded_leaky"),
    parameters=(
        Parameter("negative_slope", 0.1, meaning="slope below 0 and above max_val"),
        Parameter("max_val", 1.0, low=0.0, meaning="where the identity ends"),
    ),
    summary="Leaky ReLU that grows as slowly above a bound as below zero.",
    source=_BOUNDED,
)
