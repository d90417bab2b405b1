"""Smooth rectifiers that gate their own input: x times something between 0 and 1."""

from nonlin.formula.declaration import Activation, Source

_GELU = Source("Hendrycks & Gimpel", 2016, "Gaussian Error Linear Units (GELUs)", arxiv="1606.08415")

gelu = Activation(
    "gelu",
    "x * normal_cdf(x)",
    title="GELU",
    family="smooth",
    aliases=("gelu_erf", "gelu_python"),
    torch_name="gelu",
    choices={"approximate": {"none": "gelu", "tanh": "gelu_tanh"}},
    summary="The input times the probability that a standard normal lies below it.",
    source=_GELU,
    used_in=("BERT, RoBERTa and ViT",),
)

gelu_tanh = Activation(
    "gelu_tanh",
    "x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))",
    stable="x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x**3))",
    title="GELUTanh",
    family="smooth",
    aliases=("gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh", "sielu"),
    summary="GELU with its normal distribution function approximated by a tanh.",
    source=_GELU,
    used_in=("GPT-2 and Gemma",),
)

quick_gelu = Activation(
    "quick_gelu",
    "x * sigmoid(1.702 * x)",
    title="QuickGELU",
    family="smooth",
    aliases=("gelu_sigmoid",),
    summary="GELU with its normal distribution function approximated by a sigmoid.",
    source=_GELU,
    used_in=("CLIP",),
)

silu = Activation(
    "silu",
    "x / (1 + exp(-x))",
    stable="x * sigmoid(x)",
    title="SiLU",
    family="smooth",
    aliases=("swish", "swish1"),
    torch_name="silu",
    inplace=True,
    summary="The input times its own sigmoid.",
    source=Source(
        "Elfwing, Uchibe & Doya",
        2017,
        "Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning",
        arxiv="1702.03118",
    ),
    used_in=("EfficientNet and YOLOv5", "the gate of Llama's feed-forward blocks"),
)

mish = Activation(
    "mish",
    "x * tanh(log(1 + exp(x)))",
    stable="x * tanh_softplus(x)",
    title="Mish",
    family="smooth",
    torch_name="mish",
    inplace=True,
    summary="The input times the tanh of its softplus: close to SiLU, a little steeper.",
    source=Source("Misra", 2019, "Mish: A Self Regularized Non-Monotonic Activation Function", arxiv="1908.08681"),
    used_in=("YOLOv4",),
)

hardswish = Activation(
    "hardswish",
    "x * clip(x + 3, 0, 6) / 6",
    title="Hardswish",
    family="smooth",
    aliases=("hard_swish", "hard_silu"),
    torch_name="hardswish",
    inplace=True,
    summary="SiLU with its sigmoid in three straight pieces: no exponential.",
    source=Source("Howard et al.", 2019, "Searching for MobileNetV3", arxiv="1905.02244"),
    used_in=("MobileNetV3",),
)
