"""Odd and even functions that compress large inputs like a logarithm, and the inverse of one."""

from nonlin.formula.declaration import Activation, Source

_DREAMER = Source(
    "Hafner, Pasukonis, Ba & Lillicrap", 2023, "Mastering Diverse Domains through World Models", arxiv="2301.04104"
)

symlog = Activation(
    "symlog",
    "where(x > 0, log(1 + x), -log(1 - x))",
    stable="where(x > 0, log1p(x), -log1p(-x))",
    title="Symlog",
    family="logarithmic",
    summary="A logarithm of both signs: the identity near zero, compressing far out.",
    source=_DREAMER,
    used_in=("DreamerV3, on observations, rewards and values",),
)

symexp = Activation(
    "symexp",
    "where(x > 0, exp(x) - 1, 1 - exp(-x))",
    stable="where(x > 0, expm1(x), -expm1(-x))",
    title="Symexp",
    family="logarithmic",
    summary="The inverse of symlog: undoes its compression.",
    source=_DREAMER,
    used_in=("DreamerV3, on predictions",),
)

asinh = Activation(
    "asinh",
    "asinh(x)",
    title="Asinh",
    family="logarithmic",
    aliases=("arcsinh",),
    summary="The inverse hyperbolic sine: the identity near zero, a logarithm of both signs far out.",
)

seagull = Activation(
    "seagull",
    "log(1 + x**2)",
    stable="where(abs(x) > 1, 2 * log(abs(x)) + log1p(1 / x**2), log1p(x**2))",
    title="Seagull",
    family="logarithmic",
    summary="The logarithm of one plus the square: an even function, flat at zero and slow far out.",
)
