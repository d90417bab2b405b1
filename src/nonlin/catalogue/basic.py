"""The identity: no activation at all, said by name."""

from nonlin.formula.declaration import Activation

identity = Activation(
    "identity",
    "x",
    title="Identity",
    family="basic",
    aliases=("linear", "none"),
    summary="Passes its input on unchanged: the output of a regression, and the absence of an activation.",
    used_in=("the output layer of a regression",),
)
