"""The accuracy of every activation beside torch's own: worst error in ULP and how many normal values became 0.

    python -m benchmarks.accuracy                  # all functions in all dtypes, on two processes
    python -m benchmarks.accuracy float32 snake    # one dtype, one function
    python -m benchmarks.accuracy --stale          # what the record lacks, or has of another formula
    python -m benchmarks.accuracy --quick float64  # an eighth of the points

Writes benchmarks/results/accuracy.json and accuracy.txt; rows of an earlier run on the same CPU and torch stay where they are not
measured again. Points, units and oracle are those of the tests:
float32 and float64 over the whole range, bfloat16 and float16 exhaustively for what torch has and at every 17th number for the
rest. float64 values below 2^-1000 are left out of the worst error (their factors are subnormal). Derivatives, and the values of
what torch does not have, are judged by the local unit, max(|f'|, |x f''|) and max(|f|, |x f'|) (see tests/judging.py).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as peer

from nonlin.catalogue import declarations
from nonlin.files import write_text
from tests.judging import BARS, judged, truth_at
from tests.oracle import Array
from tests.points import every, sweep
from tests.scalar_cases import DTYPES, Case, cases

COLUMNS = ("nonlin value", "torch value", "nonlin derivative", "torch derivative")
STRIDE = 17  # of the 16-bit numbers, for functions that torch does not have
QUICK = 8
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


def sample(case: Case, dtype: torch.dtype, step: int = 1) -> Array:
    """Where a function is judged; with a step above 1, at some of these points only."""
    if dtype.itemsize == 2:
        return every(dtype)[:: step if case.activation.torch_name else STRIDE * step]
    return sweep(case, dtype)[::step]


def measure(case: Case, dtype: torch.dtype, step: int = 1) -> dict[str, Any]:
    """The scores of one function in one dtype: nonlin's and torch's, value and derivative."""
    points = sample(case, dtype, step)
    truth = truth_at(case, dtype, points)
    x = torch.from_numpy(points).to(dtype)
    own = torch_function(case)
    row: dict[str, Any] = {
        "function": str(case), "formula": case.activation.fingerprint, "dtype": str(dtype).removeprefix("torch."),
        "points": len(points),
    }  # fmt: skip
    for side, computed in (("nonlin", list(case.fused(x))), ("torch", None if own is None else torch_slopes(own, x))):
        if computed is None:
            continue
        for order, label in ((0, "value"), (1, "derivative")):
            found = judged(case, dtype, points, truth, order, computed[order])
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


def worst(rows: list[dict[str, Any]], count: int = 10) -> str:
    """For each dtype, of values and of derivatives: how many functions are within the bar, and those with the largest errors."""
    lines = []
    for dtype, label in dict.fromkeys((row["dtype"], c) for row in rows for c in COLUMNS[::2]):
        bar = BARS[getattr(torch, dtype)]
        found = sorted((r for r in rows if r["dtype"] == dtype), key=lambda r: r[label]["ulp"], reverse=True)
        within = sum(row[label]["ulp"] <= bar for row in found)
        lines.append(f"{dtype}, {label.split()[1]}: {within} of {len(found)} within {bar} ULP")
        for row in found[:count]:
            score = row[label]
            lines.append(f"    {row['function']:24} {score['ulp']:.4g} at {score['at']!r}, {score['nan']} NaN")
    return "\n".join(lines)


def cpu() -> str:
    """The CPU's model, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def work(quick: bool, job: tuple[int, str]) -> dict[str, Any]:
    """One function in one dtype, in a process of its own."""
    torch.set_num_threads(1)
    index, dtype = job
    return measure(cases()[index], getattr(torch, dtype), QUICK if quick else 1)


def survey(jobs: list[tuple[int, str]], processes: int, quick: bool) -> list[dict[str, Any]]:
    """The rows of all jobs, in their order, with a line of progress."""
    rows: list[dict[str, Any]] = []
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for row in pool.imap(partial(work, quick), jobs):
            rows.append(row)
            passed = time.monotonic() - began
            print(
                f"{len(rows)}/{len(jobs)} {passed:.0f} s  {table([row]).splitlines()[1]}", file=sys.stderr, flush=True
            )
    return rows


def main(given: list[str] | None = None) -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description="worst errors in ULP")
    parser.add_argument("names", nargs="*", help="dtypes and functions; all where none is given")
    parser.add_argument("--quick", action="store_true", help=f"one point in {QUICK}; nothing is recorded")
    parser.add_argument("--stale", action="store_true", help="only what the record does not have of today's formulas")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(given)
    known = [str(d).removeprefix("torch.") for d in DTYPES]
    unknown = set(options.names) - set(known) - {c.activation.name for c in cases()}
    if unknown:
        parser.error(f"no dtype and no function of one input: {', '.join(sorted(unknown))}")
    dtypes = [name for name in known if name in options.names] or known
    chosen = [i for i, c in enumerate(cases()) if c.activation.name in options.names] or list(range(len(cases())))
    machine = {
        "cpu": cpu(), "torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version(),
    }  # fmt: skip
    before = current(machine)
    jobs = [(i, d) for d in dtypes for i in chosen if not (options.stale and (str(cases()[i]), d) in before)]
    found = survey(jobs, options.processes, options.quick)
    print(worst(found))
    if options.quick:
        return
    known_rows = before | {(row["function"], row["dtype"]): row for row in found}
    rows = [known_rows[key] for d in known for c in cases() if (key := (str(c), d)) in known_rows]
    write_text(RESULTS / "accuracy.json", json.dumps({**machine, "rows": rows}, indent=1) + "\n")
    write_text(
        RESULTS / "accuracy.txt",
        f"{machine['cpu']}, torch {machine['torch']}\n\n{worst(rows)}\n\n{summary(rows)}\n\n{table(rows)}\n",
    )


def current(machine: dict[str, str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The record's rows that are of today's formulas, where it is of this machine."""
    record = json.loads((RESULTS / "accuracy.json").read_text(encoding="utf-8"))
    if any(record[key] != value for key, value in machine.items()):
        return {}
    formulas = {str(c): c.activation.fingerprint for c in cases()}
    return {
        (row["function"], row["dtype"]): row
        for row in record["rows"]
        if row.get("formula") == formulas.get(row["function"])
    }


if __name__ == "__main__":
    main()
