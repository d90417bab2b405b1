"""Is torch's own operation anywhere quicker than the kernels and as right?

    python -m benchmarks.torch_ops        # half a minute, one thread

A function is a candidate where torch's worst error at every 16-bit number, or over the sweep of the wider types, is within
the kernels' bars, its limits and NaN are right, and it equals the kernel bit for bit, so that no value would depend on the
number of elements. Forward alone: torch's gradients at NaN are numbers, or depend on the position. Writes
results/torch_ops.txt. No call takes torch's operation: what the table shows is a few hundredths here and there, at one
function and size or another, and a choice by size is one more step in every call.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.accuracy import cpu
from nonlin import functional as F
from nonlin.catalogue import declarations
from nonlin.files import write_text
from nonlin.formula.declaration import Activation
from nonlin.kernels import native
from tests.judging import BARS
from tests.points import every, sweep
from tests.scalar_cases import Case
from tests.ulp import score

RESULTS = Path(__file__).parent / "results"
SIZES = (64, 1024, 16_384, 131_072, 1_048_576, 16_777_216)
MARGIN = 1.05  # torch has to be this much quicker


def spelled(activation: Activation) -> Callable[[Tensor], Tensor] | None:
    """Torch's operation for the default parameters, without the checks of torch.nn.functional."""
    if activation.torch_name is None or any(p.required for p in activation.parameters):
        return None
    found = getattr(torch._C._nn, activation.torch_name, None) or getattr(torch, activation.torch_name, None)
    return found if callable(found) else None


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


def quicker(name: str, dtype: torch.dtype, operation: Callable[[Tensor], Tensor]) -> list[tuple[int, float]]:
    """(elements, the kernels' time by torch's) for every size."""
    found = []
    for size in SIZES:
        x = torch.randn(size).to(dtype)
        ours, theirs = seconds([lambda x=x: getattr(F, name)(x), lambda x=x: operation(x)], size)  # type: ignore[misc]
        found.append((size, ours / theirs))
    return found


def main() -> None:
    torch.set_num_threads(1)
    native.ready()
    lines = [f"Candidates, and the kernels' time as a multiple of torch's by number of elements; {cpu()}, 1 thread"]
    taken = []
    with torch.no_grad():
        for activation in declarations().values():
            operation = spelled(activation)
            if activation.kind != "pointwise" or operation is None or activation.formula == "x":
                continue
            for dtype in BARS:
                if right(Case(activation), dtype, operation):
                    found = quicker(activation.name, dtype, operation)
                    times = "  ".join(f"{size:,}: {ratio:.2f}" for size, ratio in found)
                    lines.append(f"{activation.name:<12} {str(dtype)[6:]:<9} {times}")
                    print(lines[-1], flush=True)
                    taken += [f"{activation.name} {dtype} {size:,}" for size, ratio in found if ratio >= MARGIN]
    lines.append(f"torch quicker by {MARGIN - 1:.0%} or more: {', '.join(taken) or 'nowhere'}")
    print(lines[-1])
    write_text(RESULTS / "torch_ops.txt", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
