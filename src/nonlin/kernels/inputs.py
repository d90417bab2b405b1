"""What a function accepts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nonlin.errors import ArgumentError

_FLOATING = frozenset({torch.float32, torch.bfloat16, torch.float16, torch.float64})


def check_input(input: Any, owner: str) -> None:
    """Raise where ``input`` is not a floating point tensor."""
    if not isinstance(input, Tensor):
        raise ArgumentError(
            f"{owner}: got {type(input).__name__}; expected a torch.Tensor (wrap numbers with torch.tensor(...))"
        )
    if input.dtype not in _FLOATING:
        kind = "it is a function of real numbers" if input.is_complex() else "call it on x.float()"
        raise ArgumentError(
            f"{owner}: got a tensor of {input.dtype}; expected float32, bfloat16, float16 or float64; {kind}"
        )


def check_complex(input: Any, owner: str) -> None:
    """Raise where ``input`` is not a complex tensor."""
    if not isinstance(input, Tensor):
        raise ArgumentError(
            f"{owner}: got {type(input).__name__}; expected a torch.Tensor (wrap numbers with torch.tensor(...))"
        )
    if input.dtype not in (torch.complex64, torch.complex128):
        raise ArgumentError(
            f"{owner}: got a tensor of {input.dtype}; expected complex64 or complex128; call it on torch.complex(real, imag)"
        )
