"""How much of the speed at large sizes is memory: eager torch with the system's allocator as it comes, and told to keep pages.

    python -m benchmarks.allocator     # two threads, about three minutes on an idle machine

nonlin takes large results from a pool whose pages stay mapped. glibc's malloc gives the pages of large blocks back and asks
for them anew, unless GLIBC_TUNABLES says otherwise; few programs set it. Both are measured, forward and backward: what is
left of the ratio under a tuned malloc is the kernels' own. Writes benchmarks/results/allocator.txt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import exp, fsum, log
from pathlib import Path
from typing import Any

from nonlin.files import write_text

RESULTS = Path(__file__).parent / "results"
SIZES = "131k,1M,16M"
KEEP_PAGES = "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456"


def measured(tunables: str) -> dict[str, Any]:
    """A report of ``nonlin bench`` in a process of its own: malloc reads its settings at the start."""
    command = [sys.executable, "-m", "nonlin", "bench", "--sizes", SIZES, "--mode", "train", "--threads", "2", "--seconds", "0.3"]  # fmt: skip
    environment = {**os.environ, "GLIBC_TUNABLES": tunables}
    done = subprocess.run([*command, "--format", "json"], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ratios(report: dict[str, Any]) -> dict[tuple[str, int], float]:
    """Eager's time by nonlin's, by function and number of elements."""
    return {(t["function"], t["elements"]): t["ratios"]["eager"]["median"] for t in report["timings"]}


def main() -> None:
    usual, tuned = measured(""), measured(KEEP_PAGES)
    first, second = ratios(usual), ratios(tuned)
    sizes = sorted({size for _, size in first})
    lines = [
        ", ".join(f"{key} {value}" for key, value in usual["machine"].items()),
        "",
        "eager torch's time by nonlin's, forward and backward, float32: malloc as it comes | told to keep its pages",
        "",
        f"{'function':<16}" + "".join(f"{f'{size:,} elements':>26}" for size in sizes),
    ]
    rows = {
        name: [(first[name, size], second[name, size]) for size in sizes] for name in dict.fromkeys(n for n, _ in first)
    }
    rows["geometric mean"] = [
        tuple(exp(fsum(log(row[column][i]) for row in rows.values()) / len(rows)) for i in (0, 1))  # type: ignore[misc]
        for column in range(len(sizes))
    ]
    lines += [f"{name:<16}" + "".join(f"{a:>16.2f} |{b:>8.2f}" for a, b in pairs) for name, pairs in rows.items()]
    text = "\n".join(lines) + "\n"
    write_text(RESULTS / "allocator.txt", text)
    print(text)


if __name__ == "__main__":
    main()
