"""The primitives in torch operations: what the torch column of the table calls.

Each is accurate to a few units in the last place of the dtype it is given, in its tails too, and never returns NaN at a
finite argument. Nothing here knows an activation.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

import torch

from nonlin.kernels.numerics.elementary import (
    cos,
    cosh,
    expm1,
    logistic_pdf,
    normal_cdf,
    normal_pdf,
    sech2,
    sigmoid,
    sin,
    sinh,
    softplus,
    tanh_softplus,
    tanh_softplus_slope,
)
from nonlin.kernels.numerics.quotients import (
    atan_residual,
    exprel,
    exprel_curvature,
    exprel_slope,
    log1prel,
    log1prel_slope,
    sinc,
    spherical_j1,
    spherical_j2,
    tanh_residual,
)
from nonlin.kernels.numerics.roots import (
    inverse_root,
    isru,
    pseudo_huber,
    squareplus,
    squareplus_slope,
)
from nonlin.kernels.numerics.selections import (
    clip,
    keep_nan,
    leaky,
    maximum,
    minimum,
    power,
    settle,
    tensor,
    where,
)

# The first call of torch's vector mathematics is sometimes of low precision in its second thread (pytorch#188792: 437 eps
# in a tanh); after a call with one element it was not seen again.
torch.tanh(torch.zeros(1, device="cpu"))


NAMESPACE: dict[str, Any] = {
    "torch": torch, "inf": inf, "nan": nan, "sin": sin, "cos": cos, "expm1": expm1, "cosh": cosh, "sinh": sinh, "sigmoid": sigmoid,
    "logistic_pdf": logistic_pdf, "softplus": softplus, "sech2": sech2, "normal_pdf": normal_pdf, "normal_cdf": normal_cdf,
    "tanh_residual": tanh_residual, "tanh_softplus": tanh_softplus, "tanh_softplus_slope": tanh_softplus_slope,
    "sinc": sinc, "spherical_j1": spherical_j1, "spherical_j2": spherical_j2, "exprel": exprel,
    "exprel_slope": exprel_slope, "exprel_curvature": exprel_curvature, "log1prel": log1prel,
    "log1prel_slope": log1prel_slope, "atan_residual": atan_residual, "isru": isru, "inverse_root": inverse_root,
    "pseudo_huber": pseudo_huber, "squareplus": squareplus, "squareplus_slope": squareplus_slope, "power": power,
    "leaky": leaky, "clip": clip, "maximum": maximum, "minimum": minimum, "tensor": tensor,
    "where": where, "keep_nan": keep_nan, "settle": settle,
}  # fmt: skip
