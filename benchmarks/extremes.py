"""Denormal, huge and special inputs beside ordinary ones: ``python -m benchmarks.extremes``, results/extremes.txt.

The time of forward and of backward on 131,072 elements, one thread, as a multiple of the time on N(0, 1), for every
pointwise function and dtype. Interleaved; medians.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.accuracy import cpu
from nonlin.catalogue import declarations
from nonlin.files import write_text
from nonlin.kernels.pointwise_kernels import Kernels

SIZE = 131_072
DTYPES = {
    torch.float32: (1e-41, 1e30),
    torch.float64: (1e-310, 1e300),
    torch.bfloat16: (1e-39, 1e30),
    torch.float16: (1e-7, 6e4),
}


def inputs(dtype: torch.dtype) -> dict[str, Tensor]:
    tiny, huge = DTYPES[dtype]
    x = torch.randn(SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    mixed = torch.where(torch.arange(SIZE) % 1024 == 0, x * huge, x)
    kinds = {"ordinary": x, "denormal": x.sign() * tiny, "huge": x.sign() * huge, "one huge in 1,024": mixed}
    kinds["infinite"] = x.sign() * float("inf")
    return {name: value.to(dtype) for name, value in kinds.items()}


def medians(calls: list[Callable[[], object]], rounds: int = 15) -> list[float]:
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for call, kept in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return [statistics.median(kept) for kept in times]


def main() -> None:
    torch.set_num_threads(1)
    lines: list[str] = []
    worst: dict[str, tuple[float, str]] = {}
    for activation in declarations().values():
        if activation.kind != "pointwise" or activation.formula == "x":
            continue
        for dtype in DTYPES:
            kernels = Kernels(activation, dtype)
            data = inputs(dtype)
            grad = torch.ones(SIZE, dtype=dtype)
            for word, call in (("f ", lambda x: kernels.values(x, ())), ("f'", lambda x: kernels.slopes(grad, x, ()))):  # noqa: B023
                usual, *others = medians([lambda x=x, call=call: call(x) for x in data.values()])  # type: ignore[misc]
                ratios = dict(zip(list(data)[1:], (t / usual for t in others), strict=True))
                for kind, ratio in ratios.items():
                    worst[kind] = max(
                        worst.get(kind, (0.0, "")), (ratio, f"{activation.name} {word.strip()} {str(dtype)[6:]}")
                    )
                text = "  ".join(f"{kind} x{ratio:.2f}" for kind, ratio in ratios.items())
                lines.append(f"{activation.name:<14} {str(dtype)[6:]:<9} {word} {text}")
                print(lines[-1], flush=True)
    head = [f"{cpu()}; {SIZE:,} elements, 1 thread, as a multiple of the time on N(0, 1); the worst:"]
    head += [f"  {kind:<18} x{ratio:.2f}  {where}" for kind, (ratio, where) in worst.items()]
    print("\n".join(head))
    write_text(Path(__file__).parent / "results" / "extremes.txt", "\n".join([*head, "", *lines]) + "\n")


if __name__ == "__main__":
    main()
