"""Time of nonlin's functions beside PyTorch's own, eager, float32, one thread: ``python -m benchmarks.eager``.

Both are called in turns in one process; a figure is the median of paired ratios. Written to ``results/eager.txt``.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

import torch

from benchmarks.accuracy import cpu
from nonlin.catalogue import declarations
from nonlin.guide.build import subject, torch_peer
from nonlin.guide.experiments.speed import speed

SIZES = ((2**10, 15), (2**17, 9), (2**20, 5))  # elements, rounds
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print and record."""
    torch.set_num_threads(1)
    chosen = [subject(a.name) for a in declarations().values() if a.kind != "gated" and a.torch_name is not None]
    functions = {s.activation.name: s.function for s in chosen}
    peers = {s.activation.name: peer for s in chosen if (peer := torch_peer(s)) is not None}
    rows: dict[str, list[float]] = {name: [] for name in functions}
    for elements, rounds in SIZES:
        for record in speed(functions, peers, elements=elements, rounds=rounds, seed=0, tick=lambda share: None):
            rows[record.activation] += [
                record.nonlin_ratio / record.forward_ratio,
                record.nonlin_training_ratio / record.training_ratio,
            ]
    head = "".join(f" {elements:>11,} {'+ backward':>10}" for elements, _ in SIZES)
    lines = [
        f"{name:12}" + "".join(f" {v:>{11 if i % 2 == 0 else 10}.2f}" for i, v in enumerate(values))
        for name, values in rows.items()
    ]
    middle = "median      " + "".join(
        f" {median(values[i] for values in rows.values()):>{11 if i % 2 == 0 else 10}.2f}"
        for i in range(2 * len(SIZES))
    )
    text = "\n".join(
        [
            f"{cpu()}, torch {torch.__version__}, 1 thread, float32, eager",
            "time of nonlin's function / time of PyTorch's own: forward, and forward with backward",
            "",
            f"{'elements':12}{head}",
            *lines,
            middle,
            "",
        ]
    )
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "eager.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
