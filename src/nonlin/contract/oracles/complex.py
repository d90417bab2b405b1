"""References of the activations of complex numbers."""

from __future__ import annotations

import cmath
from typing import Any

import numpy as np


def mod_relu(z: Any, bias: Any = 0.0) -> Any:
    biases = np.atleast_1d(bias)
    out = np.zeros_like(z)
    for index in np.ndindex(*z.shape):
        radius, phase = cmath.polar(complex(z[index]))
        length = radius + float(biases[index[1] if biases.size > 1 else 0])
        out[index] = cmath.rect(max(length, 0.0), phase) if radius > 0 else 0.0
    return out


def z_relu(z: Any) -> Any:
    out = np.zeros_like(z)
    for index in np.ndindex(*z.shape):
        out[index] = z[index] if z[index].real >= 0 and z[index].imag >= 0 else 0.0
    return out


def c_relu_complex(z: Any) -> Any:
    out = np.zeros_like(z)
    for index in np.ndindex(*z.shape):
        out[index] = complex(max(z[index].real, 0.0), max(z[index].imag, 0.0))
    return out
