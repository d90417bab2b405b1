"""What a monitor costs a training run: steps without it, its ordinary steps and its watched ones, in turns.

    python -m benchmarks.doctor.monitor_cost       # two threads, some minutes

A ResNet-50 on 4 images of 64 x 64 and a transformer (6 layers, 256 wide) on 8 rows of 128 tokens, float32, with SGD. A run with
``every=200`` costs one watched step and 199 ordinary ones by 200 steps without. The watched step is timed together with making
the monitor and taking it off again. Writes benchmarks/results/monitor_cost.txt and .json; ends with 1 where a run costs over 3 %.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch.nn.functional as F
from torch import Tensor, nn, optim

from benchmarks.doctor.models import resnet50, transformer
from nonlin.bench.machine import machine
from nonlin.bench.measure import Spread, in_turns, threads
from nonlin.doctor.monitor import Monitor
from nonlin.files import write_text

RESULTS: Final = Path(__file__).parents[1] / "results"
EVERY: Final = 200
BAR: Final = 1.03
SUBJECTS: Final[dict[str, Callable[[], tuple[nn.Module, Tensor, Tensor]]]] = {
    "ResNet-50": resnet50,
    "transformer": transformer,
}


def measured(name: str, rounds: int) -> dict[str, Any]:
    """Milliseconds of each kind of step, and what a run costs as a multiple of one without a monitor."""
    model, x, y = SUBJECTS[name]()
    optimizer = optim.SGD(model.parameters(), lr=1e-3)
    ordinary = Monitor(model, every=10**9).start()
    ordinary.step()  # the first is watched; the next that is, is out of reach
    figures = 0

    def step(monitor: Monitor | None) -> None:
        nonlocal figures
        loss = F.cross_entropy(model(x).flatten(0, -2), y.flatten())
        loss.backward()
        optimizer.step()
        if monitor is not None:
            figures = max(figures, len(monitor.step()))
        optimizer.zero_grad()

    def watched() -> None:
        with Monitor(model, every=EVERY) as monitor:
            step(monitor)

    turns = in_turns(
        {"without": lambda: step(None), "ordinary": lambda: step(ordinary), "watched": watched},
        seconds=0,
        rounds=rounds,
    )
    count = in_turns({"count": ordinary.step}, seconds=0, rounds=9).times["count"]
    without, plain, seen = turns.times["without"], turns.times["ordinary"], turns.times["watched"]
    run = [((EVERY - 1) * b + c) / (EVERY * a) for a, b, c in zip(without, plain, seen, strict=True)]
    costs = {
        "ordinary": [b / a for a, b in zip(without, plain, strict=True)],
        "watched": [c / a for a, c in zip(without, seen, strict=True)],
        # without the ordinary steps' part, a call that counts: far less than what two equal steps differ by
        "by the watched step": [1 + (c / a - 1) / EVERY for a, c in zip(without, seen, strict=True)],
        "run": run,
    }
    return {
        "model": name,
        "parameters": sum(p.numel() for p in model.parameters()),
        "figures": figures,
        "rounds": len(run),
        "waited": turns.waited,
        "ordinary call ns": Spread.of(count).median,
        "ms": {kind: Spread.of([t / 1e6 for t in times]).__dict__ for kind, times in turns.times.items()},
        "ratio": {kind: Spread.of(ratios).__dict__ for kind, ratios in costs.items()},
    }


def told(report: dict[str, Any]) -> str:
    """The report in words."""
    lines = [
        ", ".join(f"{key} {value}" for key, value in report["machine"].items()),
        "",
        "medians over rounds, quartiles in brackets; ratios to the step without a monitor of the same round;",
        f"a run: one watched step in {EVERY}, the others ordinary",
    ]
    for one in report["models"]:
        lines += [
            "",
            f"{one['model']}: {one['parameters']:,} parameters, {one['figures']} figures, {one['rounds']} rounds",
        ]
        for kind, ms in one["ms"].items():
            lines.append(f"  {kind + ' step':<22}{ms['median']:9.1f} ms  [{ms['low']:.1f}, {ms['high']:.1f}]")
        lines.append(f"  {'ordinary monitor.step()':<23}{one['ordinary call ns']:8.0f} ns")
        for kind, ratio in one["ratio"].items():
            lines.append(f"  {'ratio, ' + kind:<28}{ratio['median']:8.4f}  [{ratio['low']:.4f}, {ratio['high']:.4f}]")
    return "\n".join(lines) + "\n"


def main() -> int:
    with threads(2):
        report: dict[str, Any] = {
            "machine": machine(),
            "models": [measured("ResNet-50", 31), measured("transformer", 31)],
        }
    write_text(RESULTS / "monitor_cost.json", json.dumps(report, indent=1) + "\n")
    write_text(RESULTS / "monitor_cost.txt", told(report))
    print(told(report), end="")
    return int(any(one["ratio"]["run"]["median"] > BAR for one in report["models"]))


if __name__ == "__main__":
    sys.exit(main())
