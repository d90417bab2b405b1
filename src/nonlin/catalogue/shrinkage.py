"""Shrinkage: small inputs become zero or smaller, large ones pass."""

from nonlin.formula.declaration import Activation, Parameter, Source

hardshrink = Activation(
    "hardshrink",
    "where(abs(x) > lambd, x, 0)",
    title="Hardshrink",
    family="shrinkage",
    aliases=("hard_shrink",),
    parameters=(Parameter("lambd", 0.5, meaning="magnitudes up to here become zero"),),
    torch_name="hardshrink",
    summary="Sets small inputs to zero and passes large ones unchanged.",
    source=Source("Donoho & Johnstone", 1994, "Ideal Spatial Adaptation by Wavelet Shrinkage"),
    used_in=("denoising and sparse coding",),
)

softshrink = Activation(
    "softshrink",
    "where(x > lambd, x - lambd, where(x < -lambd, x + lambd, 0))",
    title="Softshrink",
    family="shrinkage",
    aliases=("soft_shrink",),
    parameters=(Parameter("lambd", 0.5, low=0.0, meaning="what every magnitude is reduced by"),),
    torch_name="softshrink",
    summary="Moves every input towards zero by a constant, small ones all the way.",
    source=Source("Donoho", 1995, "De-noising by Soft-thresholding"),
    used_in=("unrolled iterative shrinkage (LISTA)",),
)

tanhshrink = Activation(
    "tanhshrink",
    "x - tanh(x)",
    stable="tanh_residual(x)",
    title="Tanhshrink",
    family="shrinkage",
    aliases=("tanh_shrink",),
    torch_name="tanhshrink",
    summary="What tanh takes away: cubic near zero, a shifted line far out.",
    used_in=("sparse coding",),
)
