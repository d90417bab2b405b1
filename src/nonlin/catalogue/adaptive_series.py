"""Learned sums: of powers, of polynomials, of sines, of other activations."""

from nonlin.formula.declaration import Activation, Source

poly = Activation(
    "poly",
    "a_0 + a_1 x + ... + a_(K-1) x^(K-1)",
    title="Poly",
    family="polynomial",
    kind="adaptive",
    rule="series",
    samples=("poly", "poly(K=6, num_parameters=4)"),
    aliases=("slaf", "polynomial_activation"),
    summary="A learned polynomial.",
    source=Source(
        "Goyal, Goyal & Lall",
        2019,
        "Learning Activation Functions: A new paradigm for understanding Neural Networks",
        arxiv="1906.09529",
    ),
)

# published under the name ChPAF with polynomials of x in [-1, 1]; the tanh that brings x there is that of the collection
# which this list follows, and could not be checked
chebyshev = Activation(
    "chebyshev",
    "a_0 + a_1 T_1(tanh(x)) + ... + a_(K-1) T_(K-1)(tanh(x))",
    title="Chebyshev",
    family="polynomial",
    kind="adaptive",
    rule="series",
    samples=("chebyshev", "chebyshev(K=6, num_parameters=4)"),
    aliases=("chpaf",),
    summary="A learned sum of Chebyshev polynomials of tanh, which keeps their argument between -1 and 1.",
    source=Source(
        "Deepthi, Vikram & Venkatappareddy",
        2023,
        "Development of a novel activation function based on Chebyshev polynomials: an aid for classification and "
        "denoising of images",
        verified=False,
    ),
)

poly_relu = Activation(
    "poly_relu",
    "a_0 + a_1 relu(x) + ... + a_r relu(x)^r",
    title="PolyReLU",
    family="polynomial",
    kind="adaptive",
    rule="series",
    samples=("poly_relu", "poly_relu(r=2, num_parameters=4)"),
    summary="A learned polynomial of ReLU.",
    source=Source(
        "Zhuo et al.",
        2024,
        "Polynomial Composition Activations: Unleashing the Dynamics of Large Language Models",
        arxiv="2411.03884",
    ),
)

rowdy = Activation(
    "rowdy",
    "f(x) + sum_(2<=k<=K) n a_k sin((k - 1) n x)",
    title="Rowdy",
    family="periodic",
    kind="adaptive",
    rule="combinations",
    samples=("rowdy", "rowdy(K=4, act='silu', n=2.0, num_parameters=4)"),
    summary="An activation to which learned multiples of sines are added.",
    source=Source(
        "Jagtap, Shin, Kawaguchi & Karniadakis",
        2021,
        "Deep Kronecker neural networks: A general framework for neural networks with adaptive activation functions",
        arxiv="2105.09513",
    ),
    used_in=("physics-informed networks",),
)

laaf = Activation(
    "laaf",
    "f(n a x)",
    title="LAAF",
    family="adaptive",
    kind="adaptive",
    rule="combinations",
    samples=("laaf", "laaf(act='softplus', n=10.0, num_parameters=4)"),
    aliases=("layer_wise_adaptive",),
    summary="An activation of the input times a learned slope.",
    source=Source(
        "Jagtap, Kawaguchi & Karniadakis",
        2019,
        "Locally adaptive activation functions with slope recovery term for deep and physics-informed neural networks",
        arxiv="1909.12228",
    ),
    used_in=("physics-informed networks",),
)

lin_comb = Activation(
    "lin_comb",
    "w_1 f_1(x) + ... + w_K f_K(x), optionally with w / |w|",
    title="LinComb",
    family="adaptive",
    kind="adaptive",
    rule="combinations",
    samples=("lin_comb", "lin_comb(('relu', 'tanh'), normalize=True, num_parameters=4)"),
    aliases=("abu", "adaptive_blending_unit"),
    summary="A learned combination of other activations.",
    source=Source("Manessi & Rozza", 2018, "Learning Combinations of Activation Functions", arxiv="1801.09403"),
)
