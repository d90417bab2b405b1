"""Quotients of learned polynomials. Published coefficients of PAU are for the denominator 1 + sum |b_j x^j|; these, as in
the paper's safe form, have 1 + |sum b_j x^j| and start from a fit of their own (rules/rational.py)."""

from nonlin.formula.declaration import Activation, Source

rational = Activation(
    "rational",
    "(a_0 + a_1 x + ... + a_m x^m) / (1 + |b_1 x + ... + b_n x^n|)",
    title="Rational",
    family="rational",
    kind="adaptive",
    rule="rational",
    samples=("rational", "rational(init='silu', num_parameters=4)"),
    aliases=("pau", "pade_activation_unit", "raf"),
    summary="A quotient of learned polynomials whose denominator is at least 1: nearly any curve in ten numbers.",
    source=Source(
        "Molina, Schramowski & Kersting",
        2019,
        "Padé Activation Units: End-to-end Learning of Flexible Activation Functions in Deep Networks",
        arxiv="1907.06732",
    ),
)

opau = Activation(
    "opau",
    "sum_(i<=k) c_i f_i(x) / (1 + sum_(1<=j<=l) |d_j f_j(x)|), f_i Hermite or Chebyshev polynomials",
    title="OPAU",
    family="rational",
    kind="adaptive",
    rule="rational",
    samples=("opau", "opau(basis='chebyshev', num_parameters=4)"),
    aliases=("orthogonal_pade",),
    summary="A quotient of learned sums of orthogonal polynomials.",
    source=Source(
        "Biswas, Banerjee & Pandey",
        2021,
        "Orthogonal-Padé Activation Functions: Trainable Activation functions for smooth and faster convergence in deep networks",
        arxiv="2106.09693",
    ),
)

gr_kan = Activation(
    "gr_kan",
    "(a_0 + ... + a_m x^m) / (1 + |b_1 x + ... + b_n x^n|), the coefficients those of x's group",
    title="GRKAN",
    family="rational",
    kind="adaptive",
    rule="rational",
    samples=("gr_kan", "gr_kan(groups=2, init='leaky_relu', dim=1)"),
    sample_shape=(2, 4, 8),
    aliases=("group_rational", "kat"),
    summary="Quotients of learned polynomials, each shared by a group of channels.",
    source=Source("Yang & Wang", 2024, "Kolmogorov-Arnold Transformer", arxiv="2409.10594"),
    used_in=("Kolmogorov-Arnold transformers, in place of the feed-forward block's activation",),
)
