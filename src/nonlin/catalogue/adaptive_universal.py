"""One learned formula for many known functions."""

from nonlin.formula.declaration import Activation, Source

uaf = Activation(
    "uaf",
    "softplus(a (x + b) + c x^2) - softplus(d (x - b)) + e",
    title="UAF",
    family="adaptive",
    kind="adaptive",
    rule="universal",
    samples=("uaf", "uaf(num_parameters=4)"),
    aliases=("universal_activation_function",),
    summary="The difference of two learned softplus functions, which comes near many known activations.",
    source=Source(
        "Yuen, Hoang, Dong & Lu", 2020, "Universal Activation Function For Machine Learning", arxiv="2011.03842"
    ),
)
