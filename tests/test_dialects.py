"""The names of other libraries: each against the formula that its library publishes, written here anew."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import nonlin
from nonlin import dialects

Array = NDArray[np.float64]
POINTS = np.array([-30.0, -11.0, -4.0, -3.0, -1.7, -1.0, -0.5, -0.1, 0.0, 0.2, 0.5, 1.0, 2.3, 3.0, 6.5, 12.0, 25.0])
ROWS = np.array([[-2.0, 0.5, 1.0, 3.0], [0.1, 0.2, -0.3, 0.4]])
SQRT_2_PI = math.sqrt(2 / math.pi)


def each(function: Callable[[float], float]) -> Callable[[Array], Array]:
    return lambda x: np.array([function(float(v)) for v in x])


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def gelu(x: float) -> float:
    return 0.5 * x * math.erfc(-x / math.sqrt(2))


def gelu_tanh(x: float) -> float:
    return 0.5 * x * (1 + math.tanh(SQRT_2_PI * (x + 0.044715 * x**3)))


def gelu_fast(x: float) -> float:
    return 0.5 * x * (1 + math.tanh(x * 0.7978845608 * (1 + 0.044715 * x * x)))


def celu(x: float, alpha: float = 1.0) -> float:
    return max(x, 0.0) + min(0.0, alpha * math.expm1(x / alpha))


def leaky(slope: float) -> Callable[[Array], Array]:
    return each(lambda x: x if x >= 0 else slope * x)


def xielu(x: float, alpha_p: float = 0.8, alpha_n: float = 0.8, beta: float = 0.5) -> float:
    return alpha_p * x * x + beta * x if x > 0 else (math.expm1(x) - x) * alpha_n + beta * x


def softmax(rows: Array) -> Array:
    weights = np.exp(rows - rows.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def sparsemax(rows: Array) -> Array:
    """Martins & Astudillo 2016, algorithm 1."""
    found = np.zeros_like(rows)
    for i, row in enumerate(rows):
        z = np.sort(row)[::-1]
        k = np.arange(1, row.size + 1)
        support = int(np.sum(1 + k * z > np.cumsum(z)))
        tau = (np.sum(z[:support]) - 1) / support
        found[i] = np.maximum(row - tau, 0)
    return found


COMMON: dict[str, Callable[[Array], Array]] = {
    "celu": each(celu),
    "elu": each(celu),
    "gelu": each(gelu),
    "hard_sigmoid": lambda x: np.clip(x + 3, 0, 6) / 6,
    "hard_swish": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "identity": lambda x: x,
    "leaky_relu": leaky(0.01),
    "mish": each(lambda x: x * math.tanh(softplus(x))),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "selu": each(
        lambda x: (
            1.0507009873554804934193349852946 * (x if x > 0 else 1.6732632423543772848170429916717 * math.expm1(x))
        )
    ),
    "sigmoid": each(logistic),
    "silu": each(lambda x: x * logistic(x)),
    "softplus": each(softplus),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "sparse_plus": lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)),
    "sparse_sigmoid": lambda x: 0.5 * np.clip(x + 1, 0, 2),
    "squareplus": each(lambda x: 2 / (math.sqrt(x * x + 4) - x) if x < 0 else (x + math.sqrt(x * x + 4)) / 2),
    "tanh": each(math.tanh),
    "log_sigmoid": each(lambda x: -softplus(-x)),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "softmax": softmax,
    "log_softmax": lambda rows: np.log(softmax(rows)),
    "glu": lambda rows: rows[:, :2] * each(logistic)(rows[:, 2:].ravel()).reshape(2, 2),
    "quick_gelu": each(lambda x: x * logistic(1.702 * x)),
    "gelu_tanh": each(gelu_tanh),
    "hard_mish": lambda x: 0.5 * x * np.clip(x + 2, 0, 2),
    "prelu": leaky(0.25),
}
COMMON |= {
    "hard_silu": COMMON["hard_swish"], "hardswish": COMMON["hard_swish"], "hardsigmoid": COMMON["hard_sigmoid"],
    "swish": COMMON["silu"], "soft_sign": COMMON["softsign"], "linear": COMMON["identity"],
}  # fmt: skip

PUBLISHED: dict[str, dict[str, Callable[[Array], Array]]] = {
    "jax": {"gelu": COMMON["gelu_tanh"]},
    "timm": {},
    "keras": {
        "leaky_relu": leaky(0.2),
        "crelu": lambda rows: np.concatenate([np.maximum(rows, 0), np.maximum(-rows, 0)], axis=-1),
        "exponential": np.exp,
        "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
        "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
        "tanh_shrink": lambda x: x - np.tanh(x),
        "sparsemax": sparsemax,
    },
    "transformers": {
        **dict.fromkeys(
            ["gelu_new", "gelu_python_tanh", "gelu_pytorch_tanh", "gelu_accurate"], COMMON["gelu_tanh"]
        ),
        "gelu_fast": each(gelu_fast),
        "gelu_python": COMMON["gelu"],
        "gelu_10": each(lambda x: min(max(gelu(x), -10.0), 10.0)),
        "laplace": each(lambda x: 0.5 * (1 + math.erf((x - 0.707107) / (0.282095 * math.sqrt(2))))),
        "relu2": lambda x: np.maximum(x, 0) ** 2,
        "sqrtsoftplus": each(lambda x: math.sqrt(softplus(x))),
        "xielu": each(xielu),
    },
}  # fmt: skip
NEEDS_ARGUMENTS = {("keras", "threshold")}
ROWWISE = {"softmax", "log_softmax", "glu", "crelu", "sparsemax"}
EVERY = [(library, name) for library, table in dialects.NAMES.items() for name in table]


@pytest.mark.parametrize(("library", "name"), [pair for pair in EVERY if pair not in NEEDS_ARGUMENTS])
def test_a_librarys_name_computes_what_the_library_publishes(library: str, name: str) -> None:
    published = PUBLISHED[library].get(name) or COMMON[name]
    x = ROWS if name in ROWWISE else POINTS
    module = nonlin.get(f"{library}:{name}").double()
    if callable(reset := getattr(module, "reset_parameters", None)):
        reset()  # 0.8 and the like, anew in float64
    got = module(torch.from_numpy(x)).detach().numpy()
    # Fast GELU's constant has ten digits
    np.testing.assert_allclose(got, published(x), rtol=1e-11 if name == "gelu_fast" else 1e-12, atol=1e-12)


@pytest.mark.parametrize(("library", "name"), EVERY)
def test_a_plain_name_is_the_same_function(library: str, name: str) -> None:
    """Without the prefix only defaults may differ; jax's gelu, which is another form, is the one exception."""
    plain, theirs = nonlin.find(name), nonlin.find(f"{library}:{name}")
    assert plain is theirs or (library, name, theirs.name) == ("jax", "gelu", "gelu_tanh")


def test_arguments_beside_a_librarys_name_count_more() -> None:
    assert nonlin.get("keras:leaky_relu").negative_slope == 0.2
    assert nonlin.get("keras:leaky_relu(0.3)").negative_slope == 0.3
    assert nonlin.get("keras:softmax(dim=0)").dim == 0
    threshold = nonlin.get("keras:threshold(1.0, -2.0)")
    assert threshold(torch.tensor([0.5, 1.0, 1.5])).tolist() == [-2.0, -2.0, 1.5]
    assert nonlin.facts("keras:leaky_relu").derivative_range.value.low == 0.2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kears:relu", "there is no library 'kears' .did you mean 'keras'"),
        ("keras:leaky", "keras has no activation 'leaky' .did you mean 'leaky_relu'"),
        ("jax:standardize", "left out here: it is a normalisation"),
        ("jax:logsumexp", "it reduces a row to one number"),
    ],
)
def test_what_a_library_does_not_have(text: str, said: str) -> None:
    with pytest.raises(nonlin.UnknownNameError, match=said):
        nonlin.get(text)
