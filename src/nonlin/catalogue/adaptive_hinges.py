"""Learned sums of hinges, hats and bells along the input's axis."""

from nonlin.formula.declaration import Activation, Source

apl = Activation(
    "apl",
    "relu(x) + sum_(s<=S) a_s relu(b_s - x)",
    title="APL",
    family="piecewise",
    kind="adaptive",
    rule="hinges",
    samples=("apl", "apl(S=3, num_parameters=4)"),
    aliases=("aplu", "adaptive_piecewise_linear"),
    summary="ReLU plus learned hinges that open to the left.",
    source=Source(
        "Agostinelli, Hoffman, Sadowski & Baldi",
        2014,
        "Learning Activation Functions to Improve Deep Neural Networks",
        arxiv="1412.6830",
    ),
)

splash = Activation(
    "splash",
    "sum_s a+_s relu(x - b_s) + a-_s relu(-x - b_s)",
    title="SPLASH",
    family="piecewise",
    kind="adaptive",
    rule="hinges",
    samples=("splash", "splash((0.0, 1.5), num_parameters=4)"),
    summary="Learned slopes between fixed hinges that lie symmetrically about 0.",
    source=Source(
        "Tavakoli, Agostinelli & Baldi",
        2020,
        "SPLASH: Learnable Activation Functions for Improving Accuracy and Adversarial Robustness",
        arxiv="2006.08947",
    ),
)

melu = Activation(
    "melu",
    "relu(x) - c_0 relu(-x) + sum_j c_j relu(w_j - |x - a_j|)",
    title="MeLU",
    family="piecewise",
    kind="adaptive",
    rule="kernel_expansion",
    samples=("melu", "melu(k=8, max_input=0.5, num_parameters=4)"),
    aliases=("mexican_relu",),
    summary="A leaky ReLU of learned slope plus learned hats of halving width.",
    source=Source(
        "Maguolo, Nanni & Ghidoni",
        2019,
        "Ensemble of Convolutional Neural Networks Trained with Different Activation Functions",
        arxiv="1905.02473",
    ),
)

galu = Activation(
    "galu",
    "relu(x) - c_0 relu(-x) + sum_j c_j (relu(w_j - |x - a_j|) - relu(w_j - |x - a_j - 2 w_j|))",
    title="GaLU",
    family="piecewise",
    kind="adaptive",
    rule="kernel_expansion",
    samples=("galu", "galu(k=8, max_input=0.5, num_parameters=4)"),
    aliases=("gaussian_relu",),
    summary="A leaky ReLU of learned slope plus learned waves of halving width: a hat up, then one down.",
    source=Source(
        "Nanni, Lumini, Ghidoni & Maguolo",
        2020,
        "Stochastic Selection of Activation Layers for Convolutional Neural Networks",
    ),
)

kaf = Activation(
    "kaf",
    "sum_(i<=D) a_i exp(-g (x - d_i)^2)",
    title="KAF",
    family="radial",
    kind="adaptive",
    rule="kernel_expansion",
    samples=("kaf", "kaf(D=5, bound=2.0, num_parameters=4)"),
    aliases=("kernel_activation_function",),
    summary="A learned sum of Gaussian bells at fixed places.",
    source=Source(
        "Scardapane, Van Vaerenbergh, Totaro & Uncini",
        2017,
        "Kafnets: kernel-based non-parametric activation functions for neural networks",
        arxiv="1707.04035",
    ),
)
