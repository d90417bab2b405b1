"""Activations of complex numbers."""

from nonlin.formula.declaration import Activation, Parameter, Source

mod_relu = Activation(
    "mod_relu",
    "relu(|z| + bias) z / |z|",
    title="ModReLU",
    family="complex",
    kind="complex",
    rule="complex",
    parameters=(Parameter("bias", 0.0, learnable=True, meaning="what is added to the absolute value, learned"),),
    samples=("mod_relu", "mod_relu(bias_init=-0.5)", "mod_relu(num_parameters=4, bias_init=0.3)"),
    summary="Keeps the direction of a complex number and rectifies its length, moved by a learned amount.",
    source=Source("Arjovsky, Shah & Bengio", 2015, "Unitary Evolution Recurrent Neural Networks", arxiv="1511.06464"),
    used_in=("unitary recurrent networks",),
)

# Published with the phase in [0, pi / 2]: the quadrant with its edges, so that positive real numbers pass. The short
# "Re, Im > 0" of some lists leaves the edges out.
z_relu = Activation(
    "z_relu",
    "z where Re z >= 0 and Im z >= 0, else 0",
    title="ZReLU",
    family="complex",
    kind="complex",
    rule="complex",
    samples=("z_relu",),
    summary="Passes complex numbers of the first quadrant and drops all others.",
    source=Source("Guberman", 2016, "On Complex Valued Convolutional Neural Networks", arxiv="1602.09046"),
)

# CReLU in the paper; that name stands for the concatenated rectifier, see crelu.
c_relu_complex = Activation(
    "c_relu_complex",
    "relu(Re z) + i relu(Im z)",
    title="ComplexCReLU",
    family="complex",
    kind="complex",
    rule="complex",
    samples=("c_relu_complex",),
    aliases=("complex_crelu",),
    summary="ReLU of the real part and of the imaginary part.",
    source=Source(
        "Trabelsi, Bilaniuk, Zhang, Serdyuk, Subramanian, Santos, Mehri, Rostamzadeh, Bengio & Pal",
        2017,
        "Deep Complex Networks",
        arxiv="1705.09792",
    ),
    used_in=("deep complex networks",),
)
