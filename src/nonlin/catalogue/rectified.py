"""Rectifiers: linear on one side, flat or less steep on the other."""

from nonlin.formula.declaration import Activation, Parameter, Source

relu = Activation(
    "relu",
    "relu(x)",
    title="ReLU",
    family="rectified",
    aliases=("rectifier", "ramp"),
    torch_name="relu",
    inplace=True,
    summary="Keeps what is positive and sets the rest to zero.",
    source=Source("Nair & Hinton", 2010, "Rectified Linear Units Improve Restricted Boltzmann Machines"),
    used_in=("hidden layers of convolutional networks such as ResNet and VGG",),
)

relu6 = Activation(
    "relu6",
    "clip(x, 0, 6)",
    title="ReLU6",
    family="rectified",
    aliases=("clipped_relu",),
    torch_name="relu6",
    inplace=True,
    summary="ReLU that stops growing at 6, so that low-precision arithmetic holds its values.",
    source=Source("Krizhevsky", 2010, "Convolutional Deep Belief Networks on CIFAR-10"),
    used_in=("MobileNet and MobileNetV2",),
)

leaky_relu = Activation(
    "leaky_relu",
    "where(x > 0, x, negative_slope * x)",
    stable="leaky(x, negative_slope)",
    title="LeakyReLU",
    family="rectified",
    aliases=("lrelu",),
    parameters=(Parameter("negative_slope", 0.01, meaning="slope for negative x"),),
    torch_name="leaky_relu",
    inplace=True,
    summary="ReLU with a small slope for negative inputs, so that no unit stops learning.",
    source=Source("Maas, Hannun & Ng", 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models"),
    used_in=("YOLO detectors", "discriminators of generative adversarial networks"),
)

prelu = Activation(
    "prelu",
    "where(x > 0, x, weight * x)",
    stable="leaky(x, weight)",
    title="PReLU",
    family="rectified",
    aliases=("parametric_relu",),
    parameters=(
        Parameter(
            "weight", 0.25, learnable=True, argument="init", required=True, meaning="slope for negative x, learned"
        ),
    ),
    torch_name="prelu",
    summary="Leaky ReLU whose slope is learned, one for all channels or one for each.",
    source=Source("He, Zhang, Ren & Sun", 2015, "Delving Deep into Rectifiers", arxiv="1502.01852"),
    used_in=("image super-resolution and face recognition networks",),
)

rrelu = Activation(
    "rrelu",
    "where(x > 0, x, (lower + upper) / 2 * x)",
    stable="leaky(x, (lower + upper) / 2)",
    title="RReLU",
    family="rectified",
    kind="stochastic",
    training="leaky(x, noise)",
    noise=("lower", "upper"),
    aliases=("randomized_leaky_relu",),
    parameters=(
        Parameter("lower", 1 / 8, below="upper", meaning="smallest slope drawn in training"),
        Parameter("upper", 1 / 3, meaning="largest slope drawn in training"),
    ),
    torch_name="rrelu",
    inplace=True,
    summary="Leaky ReLU whose slope is drawn anew for every element in training and is its mean in evaluation.",
    source=Source(
        "Xu, Wang, Chen & Li",
        2015,
        "Empirical Evaluation of Rectified Activations in Convolutional Network",
        arxiv="1505.00853",
    ),
    used_in=("small data sets, where the noise regularises",),
)

relu_squared = Activation(
    "relu_squared",
    "relu(x)**2",
    title="ReLUSquared",
    family="rectified",
    aliases=("relu2", "squared_relu", "requ"),
    summary="The square of ReLU: sparse like ReLU, with a derivative that has no jump.",
    source=Source(
        "So, Manke, Liu, Dai, Shazeer & Le",
        2021,
        "Primer: Searching for Efficient Transformers for Language Modeling",
        arxiv="2109.08668",
    ),
    used_in=("feed-forward blocks of transformers (Primer)",),
)

threshold = Activation(
    "threshold",
    "where(x > threshold, x, value)",
    title="Threshold",
    family="rectified",
    parameters=(
        Parameter("threshold", 0.0, required=True, meaning="inputs up to here are replaced"),
        Parameter("value", 0.0, required=True, meaning="what replaces them"),
    ),
    torch_name="threshold",
    inplace=True,
    summary="Keeps what exceeds a threshold and puts a constant in place of the rest.",
    used_in=("sparse codes",),
)
