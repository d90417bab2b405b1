"""Functions of whole rows against their rivals: softmax and log_softmax against torch's, sparsemax and entmax against the package.

    python -m benchmarks.rowwise       # one and two threads, about ten minutes on an idle machine

float32, 64 rows of 100, 4,096 and 32,768 entries; forward, and forward with backward; every call in turns with its rival.
Rounds in which other programs held the cores are left out where enough others are left. The package's are few: its calls
take up to seconds. Differences of values and gradients are the largest ones to the rival in float64. Writes
benchmarks/results/rowwise.txt and .json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import entmax as package
import torch
from torch import Tensor
from torch.nn import functional as F

import nonlin
from nonlin.bench.machine import machine
from nonlin.bench.measure import Spread, forward, in_turns, threads, training
from nonlin.files import write_text
from nonlin.kernels import native

RESULTS = Path(__file__).parent / "results"
ROWS, COLUMNS = 64, (100, 4096, 32768)
Function = Callable[[Tensor], Tensor]


def _entmax(alpha: float) -> tuple[Function, Function]:
    return (lambda x: nonlin.functional.entmax(x, alpha)), (lambda x: package.entmax_bisect(x, alpha, -1))


# name: (ours, the rival, whether the rival is torch's)
SUBJECTS: dict[str, tuple[Function, Function, bool]] = {
    "softmax": (lambda x: nonlin.functional.softmax(x, -1), lambda x: F.softmax(x, -1), True),
    "log_softmax": (lambda x: nonlin.functional.log_softmax(x, -1), lambda x: F.log_softmax(x, -1), True),
    "sparsemax": (nonlin.functional.sparsemax, lambda x: package.sparsemax(x, -1), False),
    "entmax15": (nonlin.functional.entmax15, lambda x: package.entmax15(x, -1), False),
    "entmax alpha=1.25": (*_entmax(1.25), False),
    "entmax alpha=1.7": (*_entmax(1.7), False),
}


def differences(ours: Function, rival: Function, x: Tensor, g: Tensor) -> tuple[float, float]:
    """(of values, of gradients): the largest to the rival in float64."""
    mine, other = x.clone().requires_grad_(), x.double().requires_grad_()
    y, truth = ours(mine), rival(other)
    (slope,), (right,) = torch.autograd.grad(y, mine, g), torch.autograd.grad(truth, other, g.double())
    return float((y.detach() - truth.detach()).abs().max()), float((slope - right).abs().max())


def compared(name: str, columns: int, count: int) -> dict[str, Any]:
    """One line of the table."""
    ours, rival, quick = SUBJECTS[name]
    generator = torch.Generator().manual_seed(columns)
    x, g = (torch.randn(ROWS, columns, generator=generator) for _ in range(2))
    learned = x.clone().requires_grad_()
    value, slope = differences(ours, rival, x[:4], g[:4])
    line: dict[str, Any] = {"function": name, "columns": columns, "threads": count, "value": value, "gradient": slope}
    few = None if quick else 3
    with threads(count):
        for way, calls in (
            ("forward", {"ours": forward(ours, [x]), "rival": forward(rival, [x])}),
            ("train", {"ours": training(ours, [learned], g), "rival": training(rival, [learned], g)}),
        ):
            turns = in_turns(calls, seconds=1.5, rounds=few)
            times = {who: Spread.of(values) for who, values in turns.times.items()}
            ratios = Spread.of([b / a for a, b in zip(turns.times["ours"], turns.times["rival"], strict=True)])
            line[way] = {
                **{who: spread.median / 1e3 for who, spread in times.items()},
                "ratio": ratios.median,
                "low": ratios.low,
                "high": ratios.high,
                "rounds": len(turns.times["ours"]),
                "waited": turns.waited,
            }
    return line


def told(report: dict[str, Any]) -> str:
    """The report in words."""
    lines = [
        ", ".join(f"{key} {value}" for key, value in report["machine"].items()),
        "",
        f"microseconds of {ROWS} rows in float32, medians; the rival's time by ours with quartiles; rival: torch for softmax and",
        "log_softmax, the entmax package for the rest; the last two columns: the largest difference to the rival in float64",
        "",
        (
            f"{'function':<19}{'columns':>8}{'threads':>8}{'forward':>10}{'rival':>11}{'ratio':>8}{'quartiles':>15}"
            f"{'train':>11}{'rival':>11}{'ratio':>8}{'quartiles':>15}{'values':>10}{'gradients':>10}"
        ),
    ]
    for t in report["timings"]:
        text = f"{t['function']:<19}{t['columns']:>8}{t['threads']:>8}"
        for way, width in (("forward", 10), ("train", 11)):
            w = t[way]
            span = f"{w['low']:.2f}-{w['high']:.2f}"
            text += f"{w['ours']:>{width}.1f}{w['rival']:>11.1f}{w['ratio']:>8.2f}{span:>15}"
        lines.append(text + f"{t['value']:>10.0e}{t['gradient']:>10.0e}")
    return "\n".join(lines) + "\n"


def main() -> None:
    native.ready()
    report: dict[str, Any] = {
        "machine": {**machine(), "entmax": version("entmax"), "threads": "1 and 2"},
        "timings": [],
    }
    for count in (1, 2):
        for name in SUBJECTS:
            for columns in COLUMNS:
                report["timings"].append(compared(name, columns, count))
                print(told({**report, "timings": report["timings"][-1:]}).splitlines()[-1], flush=True)
    write_text(RESULTS / "rowwise.json", json.dumps(report, indent=1) + "\n")
    write_text(RESULTS / "rowwise.txt", told(report))


if __name__ == "__main__":
    main()
