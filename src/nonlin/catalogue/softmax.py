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

_BREBISSON = Source(
    "de Brébisson & Vincent",
    2015,
    "An Exploration of Softmax Alternatives Belonging to the Spherical Loss Family",
    arxiv="1511.05042",
)

_MILLER = Source("Miller", 2023, "Attention Is Off By One")

log_softmin = Activation(
    "log_softmin",
    "-x_i - log(sum_j exp(-x_j))",
    title="LogSoftmin",
    family="softmax",
    kind="rowwise",
    rule="softmax",
    samples=("log_softmin", "log_softmin(dim=1)"),
    summary="The logarithm of the softmin, without ever leaving the logarithm.",
)

softmax_one = Activation(
    "softmax_one",
    "exp(x_i) / (1 + sum_j exp(x_j))",
    title="SoftmaxOne",
    family="softmax",
    kind="rowwise",
    rule="softmax",
    samples=("softmax_one", "softmax_one(dim=1)"),
    aliases=("softmax1", "quiet_softmax"),
    summary="The softmax with one more entry, 0, that is left out: a row of low entries may attend to nothing.",
    source=_MILLER,
    used_in=("attention without outliers, which quantises better",),
)

log_softmax_one = Activation(
    "log_softmax_one",
    "x_i - log(1 + sum_j exp(x_j))",
    title="LogSoftmaxOne",
    family="softmax",
    kind="rowwise",
    rule="softmax",
    samples=("log_softmax_one", "log_softmax_one(dim=1)"),
    summary="The logarithm of softmax_one, without ever leaving the logarithm.",
    source=_MILLER,
)

temperature_softmax = Activation(
    "temperature_softmax",
    "exp(x_i / tau) / sum_j exp(x_j / tau)",
    title="TemperatureSoftmax",
    family="softmax",
    kind="rowwise",
    rule="softmax",
    samples=(
        "temperature_softmax",
        "temperature_softmax(tau=0.3, dim=1)",
        "temperature_softmax(learnable=True, tau=2.0)",
        "temperature_softmax(learnable=True, num_parameters=4)",
    ),
    aliases=("beta_softmax",),
    summary="The softmax of the row divided by a temperature: sharper below 1, flatter above.",
    source=Source("Hinton, Vinyals & Dean", 2015, "Distilling the Knowledge in a Neural Network", arxiv="1503.02531"),
    used_in=("knowledge distillation", "calibration of classifiers", "sampling from language models"),
)

taylor_softmax = Activation(
    "taylor_softmax",
    "t(x_i) / sum_j t(x_j), t(x) = 1 + x + x^2/2 + ... + x^order/order!",
    title="TaylorSoftmax",
    family="softmax",
    kind="rowwise",
    rule="softmax",
    samples=("taylor_softmax", "taylor_softmax(order=4, dim=1)"),
    summary="The softmax with the exponential's Taylor polynomial in its place, of even order, so that it is positive.",
    source=_BREBISSON,
    used_in=("output layers of classifiers with few classes",),
)

spherical_softmax = Activation(
    "spherical_softmax",
    "(x_i^2 + eps) / sum_j (x_j^2 + eps)",
    title="SphericalSoftmax",
    family="softmax",
    kind="rowwise",
    rule="softmax",
    samples=("spherical_softmax", "spherical_softmax(eps=0.1, dim=1)"),
    summary="Squares divided by their sum: the same for a row and its negative, and for any multiple of it.",
    source=_BREBISSON,
    used_in=("output layers whose update costs the same for any number of classes",),
)

solu = Activation(
    "solu",
    "x_i exp(x_i) / sum_j exp(x_j)",
    title="SoLU",
    family="softmax",
    kind="rowwise",
    rule="softmax",
    samples=("solu", "solu(dim=1)"),
    aliases=("softmax_linear_unit",),
    summary="The row times its softmax: large entries pass, and hold the others back.",
    source=Source("Elhage et al.", 2022, "Softmax Linear Units"),
    used_in=("language models whose neurons are to be interpreted",),
)

gumbel_softmax = Activation(
    "gumbel_softmax",
    "exp((x_i + g_i) / tau) / sum_j exp((x_j + g_j) / tau), g_i drawn from Gumbel(0, 1)",
    title="GumbelSoftmax",
    family="softmax",
    kind="stochastic",
    rule="softmax",
    samples=("gumbel_softmax", "gumbel_softmax(tau=0.5, hard=True)"),
    aliases=("concrete",),
    summary="A differentiable draw from a categorical distribution: the softmax of the logits with Gumbel noise.",
    source=Source("Jang, Gu & Poole", 2017, "Categorical Reparameterization with Gumbel-Softmax", arxiv="1611.01144"),
    used_in=("discrete latent variables", "differentiable architecture search"),
)
