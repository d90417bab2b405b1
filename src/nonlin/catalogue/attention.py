"""Attention weights: softmaxes with a mask, and what takes their place."""

from nonlin.formula.declaration import Activation, Source

_VASWANI = Source("Vaswani et al.", 2017, "Attention Is All You Need", arxiv="1706.03762")

masked_softmax = Activation(
    "masked_softmax",
    "m_i exp(x_i) / sum_j m_j exp(x_j), m_i 1 where the mask is True and else 0",
    title="MaskedSoftmax",
    family="softmax",
    kind="rowwise",
    rule="attention",
    samples=("masked_softmax", "masked_softmax(dim=1)"),
    summary="The softmax over the entries that take part; zeros where none does.",
    used_in=("attention over padded sequences", "policies with forbidden actions"),
)

causal_softmax = Activation(
    "causal_softmax",
    "exp(x_ij) / sum_k exp(x_ik) over the keys k up to i + offset, 0 for later keys j",
    title="CausalSoftmax",
    family="softmax",
    kind="rowwise",
    rule="attention",
    samples=("causal_softmax", "causal_softmax(offset=2)"),
    summary="The softmax of attention scores in which a query sees no later key.",
    source=_VASWANI,
    used_in=("autoregressive transformers",),
)

relu_attention = Activation(
    "relu_attention",
    "max(x_i, 0) / L, L the length of the row",
    title="ReLUAttention",
    family="softmax",
    kind="rowwise",
    rule="attention",
    samples=("relu_attention", "relu_attention(dim=1, length=10)"),
    summary="ReLU of attention scores, divided by their number: weights without a sum over the row.",
    source=Source(
        "Wortsman, Lee, Gilmer & Kornblith",
        2023,
        "Replacing softmax with ReLU in Vision Transformers",
        arxiv="2309.08586",
    ),
    used_in=("attention of vision transformers",),
)
