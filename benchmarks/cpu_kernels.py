"""Every pointwise and gated function beside eager torch and torch.compile on this CPU: the table of the fused kernels.

    python -m benchmarks.cpu_kernels                   # two threads, about ten minutes on an idle machine
    python -m benchmarks.cpu_kernels --quick -o DIR    # three timings of each, to see that it runs

Writes cpu_kernels.json, .txt and .svg to benchmarks/results/. Both sides take turns in one process; ratios are theirs by
nonlin's, paired within rounds. torch.compile is warm, and timed at two sizes alone: it compiles anew for each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from nonlin import registry
from nonlin.bench import plot, report
from nonlin.bench.plan import COMPILE, EAGER, Plan, sizes
from nonlin.bench.run import run
from nonlin.bench.subjects import default_names
from nonlin.commands.guide import Bar
from nonlin.files import check_writable, write_text

RESULTS = Path(__file__).parent / "results"
SIZES = sizes("64,16k,131k,1M,16M")
COMPILED = sizes("16k,1M")


def plans(*, quick: bool) -> tuple[Plan, ...]:
    """Times against both; the cost of a call and the bytes saved against eager torch; the gated units' bytes against both."""
    base = Plan(
        dtypes=("float32", "bfloat16"),
        sizes=SIZES,
        threads=2,
        rounds=3 if quick else None,
        seconds=0.3,
        against=(EAGER,),
    )
    compiled = replace(base, against=(EAGER, COMPILE))
    gated = tuple(name for name in default_names() if registry.find(name).kind == "gated")
    pointwise = tuple(name for name in default_names() if name not in gated)
    return (
        replace(compiled, modes=("train",), compile_sizes=COMPILED),
        replace(compiled, modes=("forward",), compile_sizes=COMPILED[-1:]),
        replace(base, modes=("call",)),
        replace(base, modes=("memory",), names=pointwise),
        replace(compiled, modes=("memory",), names=gated),
    )


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="three timings of each: to see that it runs")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="the directory to write to")
    given = parser.parse_args(arguments)
    targets = {ending: given.output / f"cpu_kernels.{ending}" for ending in ("json", "txt", "svg")}
    for target in targets.values():
        check_writable(target)
    started = time.perf_counter()
    bar = Bar() if sys.stderr.isatty() else (lambda label, share: None)
    first, *others = [run(plan, bar) for plan in plans(quick=given.quick)]
    measured = sum(others, first)
    text = report.text(measured)
    write_text(targets["json"], json.dumps(measured.to_dict(), indent=1, ensure_ascii=False) + "\n")
    write_text(targets["txt"], text)
    write_text(targets["svg"], plot.draw(measured))
    print(text)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
