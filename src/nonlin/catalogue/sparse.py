"""Sparse relatives of the softmax: exact zeros for what lies far below the largest entries of a row."""

from nonlin.formula.declaration import Activation, Parameter, Source

_PETERS = Source("Peters, Niculae & Martins", 2019, "Sparse Sequence-to-Sequence Models", arxiv="1905.05702")

sparsemax = Activation(
    "sparsemax",
    "max(x_i - tau, 0), tau such that the row sums to 1",
    title="Sparsemax",
    family="softmax",
    kind="rowwise",
    rule="sparse",
    samples=("sparsemax", "sparsemax(dim=1)"),
    summary="The point of the probability simplex next to the row: a softmax with exact zeros.",
    source=Source(
        "Martins & Astudillo",
        2016,
        "From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label Classification",
        arxiv="1602.02068",
    ),
    used_in=("sparse attention", "multi-label classification", "feature selection of TabNet"),
)

entmax15 = Activation(
    "entmax15",
    "max(x_i/2 - tau, 0)^2, tau such that the row sums to 1",
    title="Entmax15",
    family="softmax",
    kind="rowwise",
    rule="sparse",
    samples=("entmax15", "entmax15(dim=1)"),
    summary="Half way between softmax and sparsemax: sparse, and smooth where an entry leaves.",
    source=_PETERS,
    used_in=("sparse attention", "sequence-to-sequence models"),
)

entmax = Activation(
    "entmax",
    "max((alpha - 1) x_i - tau, 0)^(1/(alpha - 1)), tau such that the row sums to 1",
    title="Entmax",
    parameters=(Parameter("alpha", 1.5, low=1.0, meaning="1 is the softmax, 2 the sparsemax"),),
    family="softmax",
    kind="rowwise",
    rule="sparse",
    samples=(
        "entmax",
        "entmax(alpha=1.25)",
        "entmax(alpha=1.7, dim=1)",
        "entmax(alpha=1.75)",
        "entmax(learnable=True, alpha=1.3)",
        "entmax(learnable=True, num_parameters=4)",
    ),
    aliases=("alpha_entmax",),
    summary="From the softmax (alpha 1) to the sparsemax (alpha 2) and beyond, with a gradient for alpha.",
    source=_PETERS,
    used_in=("adaptively sparse transformers, whose heads learn alpha (Correia, Niculae & Martins, 2019)",),
)

sparsegen = Activation(
    "sparsegen",
    "max(x_i/(1 - lam) - tau, 0), tau such that the row sums to 1",
    title="Sparsegen",
    parameters=(Parameter("lam", 0.0, high=1.0, meaning="towards 1 sparser, towards -inf denser"),),
    family="softmax",
    kind="rowwise",
    rule="sparse",
    samples=("sparsegen", "sparsegen(lam=0.5, dim=1)", "sparsegen(lam=-2.0)"),
    aliases=("sparsegen_lin",),
    summary="The sparsemax of the row divided by 1 - lambda, which sets how sparse it is.",
    source=Source(
        "Laha, Chemmengath, Agrawal, Khapra, Sankaranarayanan & Ramaswamy",
        2018,
        "On Controllable Sparse Alternatives to Softmax",
        arxiv="1810.11975",
    ),
    used_in=("attention", "multi-label classification"),
)

r_softmax = Activation(
    "r_softmax",
    # the weights are as remembered; the title was confirmed, the formula could not be
    "w_i exp(x_i) / sum_j w_j exp(x_j), w_i = max(x_i - quantile(x, r), 0)",
    title="RSoftmax",
    parameters=(Parameter("r", 0.5, low=0.0, high=1.0, meaning="the share of entries that become 0"),),
    family="softmax",
    kind="rowwise",
    rule="sparse",
    samples=("r_softmax", "r_softmax(r=0.3, dim=1)"),
    summary="A softmax with weights that drop a chosen share of the entries.",
    source=Source(
        "Bałazy, Struski, Śmieja & Tabor",
        2023,
        "r-softmax: Generalized Softmax with Controllable Sparsity Rate",
        arxiv="2304.05243",
        verified=False,
    ),
    used_in=("multi-label classification", "attention of fine-tuned language models"),
)

normmax = Activation(
    "normmax",
    "the p of the probability simplex that maximises sum_i p_i x_i - (sum_i p_i^alpha)^(1/alpha)",
    title="Normmax",
    parameters=(Parameter("alpha", 2.0, low=1.0, open_low=True, meaning="of the norm"),),
    family="softmax",
    kind="rowwise",
    rule="sparse",
    samples=("normmax", "normmax(alpha=3.0, dim=1)"),
    summary="A sparse map that a norm regularises: it favours rows shared evenly by few entries.",
    source=Source("Blondel, Martins & Niculae", 2020, "Learning with Fenchel-Young Losses", arxiv="1901.02324"),
)
