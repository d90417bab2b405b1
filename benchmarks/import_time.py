"""What ``import nonlin`` costs: alone, beside ``import torch``, and with a first function and a first backward.

Fresh processes, the cases interleaved, so that a busy machine slows all of them alike; the median of each is printed.

    python benchmarks/import_time.py [--runs 11]
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys

TIMER = """
import time
{before}
start = time.perf_counter()
{timed}
print((time.perf_counter() - start) * 1e3)
"""

CASES = {
    "import nonlin": ("", "import nonlin"),
    "import torch": ("", "import torch"),
    "import nonlin, after torch": ("import torch", "import nonlin"),
    "nonlin.functional.silu, after torch": ("import torch", "import nonlin\nnonlin.functional.silu"),
    "first silu with backward, after torch": (
        "import torch\nx = torch.ones(8, requires_grad=True)",
        "import nonlin\nnonlin.functional.silu(x).sum().backward()",
    ),
    "all functions built, after torch": (
        "import torch",
        "import nonlin\nfor name in nonlin.names():\n    getattr(nonlin.functional, name)",
    ),
}


def milliseconds(before: str, timed: str) -> float:
    """One fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", TIMER.format(before=before, timed=timed)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(options.runs):
        for name, (before, timed) in CASES.items():
            times[name].append(milliseconds(before, timed))
    medians = {name: statistics.median(values) for name, values in times.items()}
    if options.format == "json":
        print(
            json.dumps(
                {
                    "python": platform.python_version(),
                    "machine": platform.machine(),
                    "runs": options.runs,
                    "median_ms": medians,
                },
                indent=2,
            )
        )
        return
    for name, value in medians.items():
        print(f"{value:9.1f} ms  {name}  (of {options.runs}: {min(times[name]):.1f} to {max(times[name]):.1f})")


if __name__ == "__main__":
    main()
