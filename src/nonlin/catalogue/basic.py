"""The identity, no activation at all, and functions that bend it a little."""

from nonlin.formula.declaration import Activation, Parameter, Source

identity = Activation(
    "identity",
    "x",
    title="Identity",
    family="basic",
    aliases=("linear", "none"),
    summary="Passes its input on unchanged: the output of a regression, and the absence of an activation.",
    used_in=("the output layer of a regression",),
)

bent_identity = Activation(
    "bent_identity",
    "(sqrt(x**2 + 1) - 1) / 2 + x",
    stable="x + pseudo_huber(x) / 2",
    title="BentIdentity",
    family="basic",
    summary="A line that bends smoothly at zero, from slope 1/2 to slope 3/2.",
)

blu = Activation(
    "blu",
    "beta * (sqrt(x**2 + 1) - 1) + x",
    stable=(  # far out at beta = -1 or 1 one side is flat: there the line is taken apart from what is left of the bend
        "where(abs(x) > 1, "
        "where(abs(1 / x) > 0, x * (1 + beta * sign(x)), where(abs(1 + beta * sign(x)) > 0, x * (1 + beta * sign(x)), 0)) "
        "- beta * (1 - 2 * squareplus(-abs(x), 1)), x + beta * pseudo_huber(x))"
    ),
    title="BLU",
    family="basic",
    aliases=("bendable_linear_unit",),
    parameters=(Parameter("beta", 0.5, learnable=True, meaning="how far the line bends, from -1 to 1, learned"),),
    summary="A line that bends smoothly at zero by a learned amount.",
    source=Source("Godfrey", 2019, "An Evaluation of Parametric Activation Functions for Deep Learning"),
)
