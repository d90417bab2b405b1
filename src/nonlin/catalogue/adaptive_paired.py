"""Two lines of one input, two channels at a time, and learned noise."""

from nonlin.formula.declaration import Activation, Source

householder = Activation(
    "householder",
    "z where v.z > 0, else (I - 2 v v^T) z, of pairs z; v = (sin(theta/2), -cos(theta/2))",
    title="Householder",
    family="paired",
    kind="adaptive",
    rule="paired",
    samples=("householder", "householder(num_parameters=2, theta_init=1.0)", "householder(dim=-1)"),
    summary="Pairs of channels, mirrored on a learned line unless they lie on its near side: no length changes.",
    source=Source(
        "Singla, Singla & Feizi",
        2021,
        "Improved deterministic l2 robustness on CIFAR-10 and CIFAR-100",
        arxiv="2108.04062",
    ),
    used_in=("networks of Lipschitz constant 1",),
)

paired_relu = Activation(
    "paired_relu",
    "(relu(s x - t), relu(s' x - t'))",
    title="PairedReLU",
    family="paired",
    kind="shape_changing",
    rule="paired",
    samples=("paired_relu", "paired_relu((1.0, -1.0), dim=-1)"),
    summary="Two rectified lines of the input, side by side, with learned scales and thresholds.",
    source=Source("Tang et al.", 2018, "Joint Residual Pyramid for Joint Image Super-Resolution", verified=False),
)

probact = Activation(
    "probact",
    "relu(x) + sigma e, e ~ N(0, 1)",
    title="ProbAct",
    family="rectified",
    kind="stochastic",
    rule="probabilistic",
    samples=("probact", "probact(num_parameters=4, sigma_init=0.1)"),
    summary="ReLU plus, in training, noise of learned deviation.",
    source=Source(
        "Shridhar et al.",
        2019,
        "ProbAct: A Probabilistic Activation Function for Deep Neural Networks",
        arxiv="1905.10761",
    ),
)
