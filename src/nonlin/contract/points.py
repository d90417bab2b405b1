"""Where functions of one number are judged: the whole range of a dtype, dense where activations bend, and around kinks."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from nonlin.contract.ulp import FORMATS

_SHARED = 60  # numbers that every dtype holds, so that the reference is computed once for all
_TAILS = (15.0, 17.5, 19.0, 26.0, 38.5, 60.0, 88.0, 89.5, 92.0, 104.0, 300.0, 708.0, 709.5, 745.0)


@cache
def _spread() -> Tensor:
    rng = np.random.default_rng(20)
    magnitudes = [
        np.abs(rng.normal(0, 1.5, _SHARED // 2)),
        rng.uniform(2, 12, _SHARED // 4),
        np.exp2(np.arange(-14.0, 1.0)),
    ]
    positive = torch.from_numpy(np.concatenate(magnitudes)).to(torch.bfloat16)
    return torch.cat([positive, -positive]).to(torch.float64)


@cache
def points(dtype: torch.dtype, breakpoints: tuple[float, ...] = ()) -> Tensor:
    """Finite numbers of ``dtype``."""
    form = FORMATS[dtype]
    top = 2.0**1000 if dtype is torch.float64 else form.largest  # float64 has no wider dtype for a parameter times x
    binades = np.ldexp(1.0, np.linspace(form.lowest + form.digits, np.frexp(top)[1] - 1, 24).astype(int))
    ends = np.array([*binades * 1.25, *_TAILS, top, form.smallest_normal, form.smallest_normal / 4])
    spread = torch.from_numpy(np.concatenate([ends, -ends, [0.0]])).to(dtype)
    kinks = torch.tensor([b for b in breakpoints if abs(b) < form.largest], dtype=torch.float64).to(dtype)
    around = [torch.nextafter(kinks, torch.full_like(kinks, side)) for side in (float("-inf"), float("inf"))]
    chosen = torch.cat([_spread().to(dtype), spread, kinks, *around])
    found: Tensor = torch.unique(chosen[torch.isfinite(chosen)])
    return found
