"""The softmax and its relatives: every entry of the output depends on the whole row."""

from nonlin.formula.declaration import Activation, Source

_BRIDLE = Source(
    "Bridle",
    1990,
    "Probabilistic Interpretation of Feedforward Classification Network Outputs, "
    "with Relationships to Statistical Pattern Recognition",
)

softmax = Activation(
    "softmax",
    "exp(x_i) / sum_j exp(x_j)",
    title="Softmax",
    family="softmax",
    kind="rowwise",
    torch_name="softmax",
    summary="Turns a row of numbers into a probability distribution over classes.",
    source=_BRIDLE,
    used_in=("the output of multi-class classifiers", "attention weights"),
)

log_softmax = Activation(
    "log_softmax",
    "x_i - log(sum_j exp(x_j))",
    title="LogSoftmax",
    family="softmax",
    kind="rowwise",
    aliases=("logsoftmax",),
    torch_name="log_softmax",
    summary="The logarithm of the softmax, without ever leaving the logarithm.",
    source=_BRIDLE,
    used_in=("before the negative log-likelihood loss",),
)

softmin = Activation(
    "softmin",
    "exp(-x_i) / sum_j exp(-x_j)",
    title="Softmin",
    family="softmax",
    kind="rowwise",
    torch_name="softmin",
    summary="The softmax of the negated row: the smallest entry gets the largest share.",
    used_in=("turning distances into weights",),
)

softmax2d = Activation(
    "softmax2d",
    "exp(x_c) / sum_k exp(x_k), c and k over channels",
    title="Softmax2d",
    family="softmax",
    kind="rowwise",
    summary="The softmax over the channels of an image, at every pixel.",
    used_in=("segmentation maps",),
)
