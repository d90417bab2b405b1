"""Rectifiers with noise in training."""

from nonlin.formula.declaration import Activation, Parameter, Source

# NReLU also names the natural logarithm ReLU (nlrelu): no alias. In the paper sigmoid(x) is the variance. It trains
# Boltzmann machines by sampling and states no form for evaluation: ReLU, the noise at its mean, is taken.
noisy_relu = Activation(
    "noisy_relu",
    "relu(x + n), where n is normal with variance sigmoid(x) in training and 0 in evaluation",
    title="NoisyReLU",
    family="stochastic",
    kind="stochastic",
    rule="stochastic",
    training="relu(x + sqrt(sigmoid(x)) * noise)",
    samples=("noisy_relu",),
    summary="ReLU of the input with noise whose variance is the sigmoid of the input; without noise in evaluation.",
    source=Source("Nair & Hinton", 2010, "Rectified Linear Units Improve Restricted Boltzmann Machines"),
    used_in=("restricted Boltzmann machines",),
)

# RReLU's relative moves the bend instead of the slope. The reference could not be found by its title.
rt_relu = Activation(
    "rt_relu",
    "relu(x + n), where n is normal with standard deviation std in training and 0 in evaluation",
    title="RTReLU",
    family="stochastic",
    kind="stochastic",
    rule="stochastic",
    samples=("rt_relu", "rt_relu(std=0.3)"),
    aliases=("random_translation_relu",),
    summary="ReLU whose bend is moved by a random amount in training; plain ReLU in evaluation.",
    source=Source(
        "Cao, Pang, Li & Liang",
        2018,
        "Randomly Translational Activation Inspired by the Input Distributions of ReLU",
        verified=False,
    ),
)

# The paper's abstract: a positive value scales within a range in training, and the function becomes ReLU on test.
erelu = Activation(
    "erelu",
    "s relu(x), where s is uniform in [1 - alpha, 1 + alpha] in training and 1 in evaluation",
    title="EReLU",
    family="stochastic",
    kind="stochastic",
    rule="stochastic",
    samples=("erelu", "erelu(alpha=0.4)"),
    aliases=("elastic_relu",),
    summary="ReLU whose positive slope is random in training; plain ReLU in evaluation.",
    source=Source(
        "Jiang, Pang, Li, Pan & Xie",
        2018,
        "Deep Neural Networks with Elastic Rectified Linear Units for Object Recognition",
    ),
)

# A public implementation alternates steps with noise and steps that train alpha and beta, which start at 0.25 and 1; here
# every training call draws, and the learned numbers always train.
eelu = Activation(
    "eelu",
    "s x where x > 0, else alpha (exp(beta x) - 1); s is normal around 1 in training, cut off at 0 and 2, and 1 in evaluation",
    title="EELU",
    family="stochastic",
    kind="stochastic",
    rule="stochastic",
    parameters=(
        Parameter("alpha", 1.0, learnable=True, meaning="the negative side tends to -alpha, learned"),
        Parameter("beta", 1.0, learnable=True, meaning="how fast it does, learned"),
    ),
    samples=("eelu", "eelu(epsilon=0.5)", "eelu(num_parameters=4, alpha_init=0.25)"),
    aliases=("elastic_elu",),
    summary="An ELU with learned negative side whose positive slope is random in training.",
    source=Source("Kim, Kim & Kim", 2020, "Elastic Exponential Linear Units for Convolutional Neural Networks"),
)
