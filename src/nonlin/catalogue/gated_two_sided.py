"""Gated units in which the value has a function of its own."""

from nonlin.formula.declaration import Activation, Source

# The paper's W_f branch is the value (tanh), its W_g branch the gate (sigmoid): in torch's order, gate second, the halves
# lie as in the published PixelCNN and WaveNet codes.
gtu = Activation(
    "gtu",
    "sigmoid(gate) * tanh(value)",
    title="GTU",
    family="gated",
    kind="gated",
    rule="gated_two_sided",
    samples=("gtu", "gtu(dim=1)", "gtu(gate_half='first')"),
    aliases=("gated_tanh_unit",),
    summary="The tanh of one half of the features, gated by the sigmoid of the other half.",
    source=Source(
        "van den Oord, Kalchbrenner, Vinyals, Espeholt, Graves & Kavukcuoglu",
        2016,
        "Conditional Image Generation with PixelCNN Decoders",
        arxiv="1606.05328",
    ),
    used_in=("the gated PixelCNN", "WaveNet"),
)

# DReLU has three meanings: this product (TurboSparse), the difference of two rectifiers (dual_relu), and a shifted ReLU
# ("displaced"). No bare alias.
drelu_glu = Activation(
    "drelu_glu",
    "relu(gate) * relu(value)",
    title="DReLUGLU",
    family="gated",
    kind="gated",
    rule="gated_two_sided",
    samples=("drelu_glu", "drelu_glu(dim=1)"),
    summary="The product of the ReLUs of the two halves: most outputs are exactly zero.",
    source=Source(
        "Song, Xie, Zhang, Wen, Ma, Mi & Chen",
        2024,
        "Turbo Sparse: Achieving LLM SOTA Performance with Minimal Activated Parameters",
        arxiv="2406.05955",
    ),
    used_in=("TurboSparse Mistral and Mixtral",),
)

# No paper: the formula is that of the released model code, whose packed tensor alternates gate and value
# (interleaved=True, gate_half="first").
clamped_swiglu = Activation(
    "clamped_swiglu",
    "g * sigmoid(alpha * g) * (clip(value, -limit, limit) + 1), where g = min(gate, limit)",
    title="ClampedSwiGLU",
    family="gated",
    kind="gated",
    rule="gated_two_sided",
    samples=(
        "clamped_swiglu",
        "clamped_swiglu(interleaved=True, gate_half='first')",
        "clamped_swiglu(dim=1, limit=0.8, alpha=1.0)",
    ),
    aliases=("swiglu_oai",),
    summary="SwiGLU whose two halves are limited before they are multiplied, with one added to the value.",
    source=Source("OpenAI", 2025, "gpt-oss-120b and gpt-oss-20b (as in the released model code)", verified=False),
    used_in=("gpt-oss",),
)
