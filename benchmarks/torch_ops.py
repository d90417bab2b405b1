"""Measure where torch's own forward is quicker than the kernels and as right: writes src/nonlin/kernels/torch_ops.json.

python -m benchmarks.torch_ops
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import nonlin.kernels
from nonlin import functional as F
from nonlin.catalogue import declarations
from nonlin.files import write_text
from nonlin.kernels import torch_ops
from tests.points import every, sweep
from tests.scalar_cases import Case
from tests.test_kernel_accuracy import BARS
from tests.ulp import score

SIZES = (64, 1024, 16_384, 131_072, 1_048_576, 16_777_216)
MARGIN = 1.05  # torch has to be this much quicker
TABLE = Path(nonlin.kernels.__file__).parent / "torch_ops.json"


def right(case: Case, dtype: torch.dtype, operation: Callable[[Tensor], Tensor]) -> bool:
    """Whether torch is within the kernels' bars, with the right limits, and equals the kernel bit for bit at every place:
    a function's value must not depend on how many elements are asked for at once."""
    points = every(dtype) if dtype.itemsize == 2 else sweep(case, dtype)
    x = torch.from_numpy(points).to(dtype)
    ends = torch.tensor([-math.inf, math.inf, math.nan, -0.0], dtype=dtype)
    y, own = operation(x), case(x)
    truth = case.oracle.truth(points, 0)[0] if dtype is torch.float64 else case.oracle.rough(points, 0)[0]
    found = score(x, y, truth)
    alone = torch.cat([operation(one) for one in x[:: max(1, len(x) // 3000)].split(1)])
    return (
        found.worst <= BARS[dtype]
        and found.lost == 0
        and torch.equal(y, own)
        and torch.equal(torch.signbit(y), torch.signbit(own))
        and torch.equal(torch.signbit(operation(ends)[3:]), torch.signbit(case(ends)[3:]))
        and torch.equal(alone, y[:: max(1, len(x) // 3000)])
        and np.array_equal(operation(ends).double().numpy(), case(ends).double().numpy(), equal_nan=True)
    )


def seconds(functions: list[Callable[[], object]], size: int) -> list[float]:
    """Median seconds a call, interleaved."""
    repeats = max(1, 100_000 // size)
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(21 if size < 10**7 else 7):
        for function, kept in zip(functions, times, strict=True):
            start = time.perf_counter()
            for _ in range(repeats):
                function()
            kept.append((time.perf_counter() - start) / repeats)
    return [statistics.median(kept) for kept in times]


def limit(name: str, dtype: torch.dtype, operation: Callable[[Tensor], Tensor]) -> int:
    """Up to how many elements torch is quicker; 0 for never."""
    best = 0
    for size in SIZES:
        x = torch.randn(size).to(dtype)
        ours, theirs = seconds([lambda x=x: getattr(F, name)(x), lambda x=x: operation(x)], size)  # type: ignore[misc]
        if ours / theirs < MARGIN:
            return best
        best = size
    return 1 << 62


def main() -> None:
    write_text(TABLE, "{}\n")
    torch_ops._table.cache_clear()
    table: dict[str, dict[str, int]] = {}
    with torch.no_grad():
        for activation in declarations().values():
            operation = torch_ops.spelled(activation)
            if activation.kind != "pointwise" or operation is None or activation.formula == "x":
                continue
            for dtype in BARS:
                if right(Case(activation), dtype, operation):
                    found = limit(activation.name, dtype, operation)
                    print(
                        f"{activation.name:<14} {str(dtype)[6:]:<9} torch is right; quicker up to {found}", flush=True
                    )
                    if found:
                        table.setdefault(activation.name, {})[str(dtype)[6:]] = found
    write_text(TABLE, json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
