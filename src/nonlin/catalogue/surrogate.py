"""Steps that are trained through a surrogate: what the backward multiplies by is not the derivative, which is 0."""

from nonlin.formula.declaration import Activation, Source

_STE = Source(
    "Bengio, Léonard & Courville",
    2013,
    "Estimating or Propagating Gradients Through Stochastic Neurons for Conditional Computation",
    arxiv="1308.3432",
)

# The step is McCulloch and Pitts' (1943); the surrogate, which is what is chosen here, is the straight-through estimator.
heaviside = Activation(
    "heaviside",
    "1 where x > 0, value where x = 0, else 0; backward as of x",
    title="Heaviside",
    family="surrogate",
    kind="surrogate",
    rule="surrogate",
    samples=("heaviside", "heaviside(value=0.5)"),
    aliases=("step", "binary_step"),
    summary="1 for positive inputs and 0 for negative ones, trained by passing the gradient straight through.",
    source=_STE,
)

# Of the two estimators for a sign, the identity and the window |x| <= 1, the source uses the window.
sign_ste = Activation(
    "sign_ste",
    "sign(x); backward as of clip(x, -limit, limit)",
    title="SignSTE",
    family="surrogate",
    kind="surrogate",
    rule="surrogate",
    samples=("sign_ste", "sign_ste(limit=0.5)"),
    aliases=("hard_sign",),
    summary="The sign of the input, trained by passing the gradient where the input is small.",
    source=Source(
        "Courbariaux, Hubara, Soudry, El-Yaniv & Bengio",
        2016,
        "Binarized Neural Networks: Training Deep Neural Networks with Weights and Activations Constrained to +1 or -1",
        arxiv="1602.02830",
    ),
    used_in=("networks with binary weights and activations",),
)

round_ste = Activation(
    "round_ste",
    "round(x); backward as of x",
    title="RoundSTE",
    family="surrogate",
    kind="surrogate",
    rule="surrogate",
    samples=("round_ste",),
    summary="Rounds to the nearest integer, trained by passing the gradient straight through.",
    source=_STE,
    used_in=("training with quantised numbers",),
)

superspike = Activation(
    "superspike",
    "1 where x > 0, else 0; backward times 1 / (beta |x| + 1)^2",
    title="SuperSpike",
    family="surrogate",
    kind="surrogate",
    rule="surrogate",
    samples=("superspike", "superspike(beta=2.0)"),
    aliases=("surrogate_spike",),
    summary="A spike for positive inputs, trained through the slope of a fast sigmoid.",
    source=Source(
        "Zenke & Ganguli",
        2017,
        "SuperSpike: Supervised Learning in Multilayer Spiking Neural Networks",
        arxiv="1705.11146",
    ),
    used_in=("spiking neural networks",),
)
