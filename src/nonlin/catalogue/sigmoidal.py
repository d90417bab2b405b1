"""Squashing functions: bounded on both sides or on one, s-shaped."""

from nonlin.formula.declaration import Activation, Parameter, Source

sigmoid = Activation(
    "sigmoid",
    "1 / (1 + exp(-x))",
    stable="sigmoid(x)",
    title="Sigmoid",
    family="sigmoidal",
    aliases=("logistic",),
    torch_name="sigmoid",
    summary="Maps every number into (0, 1); its output can be read as a probability.",
    used_in=("the output of binary and multi-label classifiers", "the gates of LSTM and GRU"),
)

tanh = Activation(
    "tanh",
    "(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
    stable="tanh(x)",
    title="Tanh",
    family="sigmoidal",
    aliases=("hyperbolic_tangent",),
    torch_name="tanh",
    summary="Maps every number into (-1, 1), symmetric about zero.",
    used_in=("recurrent networks", "outputs that lie in (-1, 1): images, actions"),
)

logsigmoid = Activation(
    "logsigmoid",
    "log(1 / (1 + exp(-x)))",
    stable="-softplus(-x)",
    title="LogSigmoid",
    family="sigmoidal",
    aliases=("log_sigmoid",),
    torch_name="logsigmoid",
    summary="The logarithm of the sigmoid: a log-probability that never becomes -inf for ordinary inputs.",
    used_in=("losses: binary cross-entropy, preference optimisation",),
)

softsign = Activation(
    "softsign",
    "x / (1 + abs(x))",
    title="Softsign",
    family="sigmoidal",
    torch_name="softsign",
    summary="An s-shape that approaches its bounds like 1/x, not exponentially, and so saturates late.",
    source=Source("Turian, Bergstra & Bengio", 2009, "Quadratic Features and Deep Architectures for Chunking"),
    used_in=("speech synthesis networks (Deep Voice)",),
)

hardsigmoid = Activation(
    "hardsigmoid",
    "clip(x + 3, 0, 6) / 6",
    title="Hardsigmoid",
    family="sigmoidal",
    aliases=("hard_sigmoid",),
    torch_name="hardsigmoid",
    inplace=True,
    summary="The sigmoid in three straight pieces: no exponential.",
    source=Source("Howard et al.", 2019, "Searching for MobileNetV3", arxiv="1905.02244"),
    used_in=("squeeze-and-excitation blocks of MobileNetV3",),
)

hardtanh = Activation(
    "hardtanh",
    "clip(x, min_val, max_val)",
    title="Hardtanh",
    family="sigmoidal",
    aliases=("hard_tanh",),
    parameters=(
        Parameter("min_val", -1.0, below="max_val", meaning="lower bound"),
        Parameter("max_val", 1.0, meaning="upper bound"),
    ),
    torch_name="hardtanh",
    inplace=True,
    summary="The identity between two bounds, constant outside.",
    source=Source("Collobert", 2004, "Large Scale Machine Learning"),
    used_in=("quantised and binarised networks",),
)
