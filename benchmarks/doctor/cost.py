"""What a whole diagnosis costs, in training steps: forward, backward and Adam, interleaved in one process.

python -m benchmarks.doctor.cost    # writes benchmarks/results/doctor_cost.txt
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.doctor.models import resnet50, transformer
from nonlin.bench.machine import machine
from nonlin.doctor.diagnose import diagnose
from nonlin.files import write_text

ROUNDS = 9


def seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def loss(output: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy over the last axis: of one answer an image, of one a token."""
    return nn.functional.cross_entropy(output.flatten(0, -2), target.flatten())


def measured(model: nn.Module, batch: Tensor, target: Tensor) -> tuple[float, float, str]:
    """(median seconds of a step, of a diagnosis, what it found)."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        loss(model(batch), target).backward()
        optimizer.step()

    def diagnosis() -> None:
        found.append(diagnose(model, batch, target, loss=loss, optimizer=optimizer).summary)

    found: list[str] = []
    step()
    diagnosis()
    times = [(seconds(step), seconds(diagnosis)) for _ in range(ROUNDS)]
    steps, diagnoses = zip(*times, strict=True)
    return statistics.median(steps), statistics.median(diagnoses), found[-1]


def main() -> int:
    on = machine()
    lines = [
        f"A diagnosis in training steps: {on['cpu']}, {on['threads']} threads, torch {on['torch']}, median of {ROUNDS}"
    ]
    for name, make, more in (("ResNet-50", resnet50, 1), ("ResNet-50", resnet50, 4), ("transformer", transformer, 1)):
        model, batch, target = make()
        batch, target = batch.repeat(more, *[1] * (batch.ndim - 1)), target.repeat(more, *[1] * (target.ndim - 1))
        step, whole, found = measured(model, batch, target)
        lines.append(
            f"{name:12} batch {tuple(batch.shape)}: step {1000 * step:.0f} ms, diagnosis {1000 * whole:.0f} ms, {whole / step:.2f} steps; {found}"
        )
    text = "\n".join(lines) + "\n"
    write_text(Path(__file__).parents[1] / "results" / "doctor_cost.txt", text)
    print(text, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
