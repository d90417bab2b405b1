"""The accuracy of every activation beside torch's own: worst error in ULP and how many normal values became 0.

    python -m benchmarks.accuracy            # all dtypes, about four minutes
    python -m benchmarks.accuracy float32    # one

Writes benchmarks/results/accuracy.json and accuracy.txt. Points, units and oracle are those of the tests: bfloat16 and
float16 exhaustively, float32 and float64 over the whole range. float64 values below 2^-1000 are left out of the worst error
(their factors are subnormal). Derivatives are judged by the local unit, max(|f'|, |x f''|) (see tests/test_kernel_accuracy.py).
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as peer

from nonlin.catalogue import declarations
from tests.oracle import Truth
from tests.points import every, sweep
from tests.scalar_cases import DTYPES, Case, cases
from tests.test_accuracy import TINY
from tests.ulp import Score, score

COLUMNS = ("nonlin value", "torch value", "nonlin derivative", "torch derivative")
RESULTS = Path(__file__).parent / "results"


def torch_function(case: Case) -> Callable[[Tensor], Tensor] | None:
    """Torch's function for a case, called with the same parameters; None where torch has none."""
    activation = case.activation
    for other in declarations().values():
        for argument, options in other.choices.items():
            for option, name in options.items():
                if name == activation.name and other.torch_name:
                    chosen = getattr(peer, other.torch_name)
                    return lambda x, f=chosen, a=argument, o=option: f(x, **{a: o})  # type: ignore[misc]
    if case.fixed or activation.torch_name is None:
        return None
    function = getattr(peer, activation.torch_name)
    required = [p for p in activation.parameters if p.required]
    return lambda x: function(
        x, *(torch.tensor(p.default, dtype=x.dtype) if p.learnable else p.default for p in required)
    )


def torch_slopes(function: Callable[[Tensor], Tensor], x: Tensor) -> list[Tensor]:
    """Torch's value and its reverse-mode derivative."""
    with torch.no_grad():
        value = function(x)
    x = x.detach().clone().requires_grad_()
    y = function(x)
    return [value, torch.autograd.grad(y, x, torch.ones_like(y))[0]]


def measure(case: Case, dtype: torch.dtype) -> dict[str, Any]:
    """The scores of one function in one dtype: nonlin's and torch's, value and derivative."""
    points = every(dtype) if dtype.itemsize == 2 else sweep(case, dtype)
    double = dtype is torch.float64
    truth: list[Truth] = (
        case.oracle.truth(points, 2) if double else [Truth(t, np.zeros_like(t)) for t in case.oracle.rough(points, 2)]
    )
    x = torch.from_numpy(points).to(dtype)
    own = torch_function(case)
    row: dict[str, Any] = {"function": str(case), "dtype": str(dtype).removeprefix("torch."), "points": len(points)}
    for side, computed in (("nonlin", list(case.fused(x))), ("torch", None if own is None else torch_slopes(own, x))):
        if computed is None:
            continue
        for order, label in ((0, "value"), (1, "derivative")):
            keep = (
                (np.abs(truth[order].nearest) >= TINY) | (truth[order].nearest == 0)
                if double
                else np.ones(len(points), dtype=bool)
            )
            scale = None
            if order == 1:
                with np.errstate(over="ignore", invalid="ignore"):
                    scale = np.nan_to_num(np.abs(points * truth[2].nearest), posinf=0.0)[keep]
            chosen = torch.from_numpy(keep)
            found: Score = score(x[chosen], computed[order][chosen], truth[order][keep], scale)
            row[f"{side} {label}"] = {
                "ulp": found.worst,
                "at": found.at,
                "lost": found.lost,
                "nan": int(torch.isnan(computed[order]).sum()),
            }
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """One line a function and dtype: worst ULP, and in parentheses how many normal values became 0."""
    lines = [f"{'function':16} {'dtype':9}" + "".join(f" {c:>22}" for c in COLUMNS)]
    for row in rows:
        cells = (f"{row[c]['ulp']:.4g} ({row[c]['lost']})" if c in row else "-" for c in COLUMNS)
        lines.append(f"{row['function']:16} {row['dtype']:9}" + "".join(f" {cell:>22}" for cell in cells))
    return "\n".join(lines)


def summary(rows: list[dict[str, Any]]) -> str:
    """The worst of all functions that torch has too, by dtype: ULP, and how many normal values became 0."""
    lines = ["Worst over the functions that torch has: ULP (normal values that became 0)", ""]
    lines.append(f"{'dtype':9}" + "".join(f" {c:>24}" for c in COLUMNS))
    for dtype in dict.fromkeys(row["dtype"] for row in rows):
        shared = [row for row in rows if row["dtype"] == dtype and "torch value" in row]
        cells = (f"{max(r[c]['ulp'] for r in shared):.3g} ({sum(r[c]['lost'] for r in shared)})" for c in COLUMNS)
        lines.append(f"{dtype:9}" + "".join(f" {cell:>24}" for cell in cells))
    return "\n".join(lines)


def cpu() -> str:
    """The CPU's model, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def main(names: list[str]) -> None:
    """Measure, print and record."""
    torch.set_num_threads(1)
    torch.tanh(torch.zeros(1))  # the vector library's first call is not always right on two threads
    dtypes = [d for d in DTYPES if not names or str(d).removeprefix("torch.") in names]
    rows = []
    for dtype in dtypes:
        for case in cases():
            rows.append(measure(case, dtype))
            print(table(rows[-1:]).splitlines()[1], flush=True)
    RESULTS.mkdir(exist_ok=True)
    record = {
        "cpu": cpu(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "rows": rows,
    }
    (RESULTS / "accuracy.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "accuracy.txt").write_text(
        f"{record['cpu']}, torch {record['torch']}\n\n{summary(rows)}\n\n{table(rows)}\n", encoding="utf-8"
    )
    print(summary(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
