"""Every pointwise and gated function of the catalogue beside the same formula in eager torch: the slowest and the quickest.

    python -m benchmarks.cpu_catalogue                   # two threads, some six minutes on an idle machine
    python -m benchmarks.cpu_catalogue --quick -o DIR    # three timings of each, to see that it runs

Writes cpu_catalogue.json and .txt to benchmarks/results/. Eager torch is its own function where it has one, else the textbook
formula, one torch call for each function and operator of it. ``benchmarks.cpu_kernels`` times the everyday ones at more sizes
and against torch.compile.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from nonlin.bench.plan import EAGER, Plan, sizes
from nonlin.bench.records import Report, Timing
from nonlin.bench.run import run
from nonlin.commands.guide import Bar
from nonlin.files import check_writable, write_text

RESULTS = Path(__file__).parent / "results"
SHOWN = 10


def plans(*, quick: bool) -> tuple[Plan, ...]:
    """float32 at two sizes and bfloat16 at one, with backward; float32 forward at one."""
    rounds, seconds = (3 if quick else None), 0.12
    return (
        Plan(sizes=sizes("131k,1M"), modes=("train",), threads=2, rounds=rounds, seconds=seconds),
        Plan(sizes=sizes("1M"), modes=("train",), dtypes=("bfloat16",), threads=2, rounds=rounds, seconds=seconds),
        Plan(sizes=sizes("1M"), modes=("forward",), threads=2, rounds=rounds, seconds=seconds),
    )


def table(report: Report) -> str:
    """The geometric means, then for each mode, dtype and size the slowest and the quickest functions."""
    lines = [", ".join(f"{key} {value}" for key, value in report.machine.items()), ""]
    lines += ["eager torch's time by nonlin's, median of paired rounds: over 1, nonlin is quicker", ""]
    for s in report.summaries:
        chosen = [t for t in report.timings if (t.mode, t.dtype, t.elements) == (s.mode, s.dtype, s.elements)]
        ratios = sorted(((t.ratios[EAGER].median, t) for t in chosen if EAGER in t.ratios), key=lambda pair: pair[0])
        below = sum(ratio < 0.95 for ratio, _ in ratios)
        lines += [
            f"{s.mode}, {s.dtype}, {s.elements:,} elements: {s.functions} functions, mean {s.geometric_mean:.2f}, {below} below 0.95",
            *_rows("slowest", ratios[:SHOWN]),
            *_rows("quickest", ratios[: -SHOWN - 1 : -1]),
            "",
        ]
    for t in report.timings:
        lines += [f"not compared: {t.function} {t.mode} {t.dtype}: {why}" for why in t.skipped.values()]
    return "\n".join(lines) + "\n"


def _rows(label: str, ratios: list[tuple[float, Timing]]) -> list[str]:
    return [f"  {label}"] + [
        f"    {t.function:<26} {ratio:7.2f}   nonlin {t.microseconds['nonlin'].median:9.1f} us, "
        f"eager {t.microseconds[EAGER].median:9.1f} us ({t.against}){' disturbed' if t.disturbed else ''}"
        for ratio, t in ratios
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="three timings of each: to see that it runs")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="the directory to write to")
    given = parser.parse_args(arguments)
    targets = {ending: given.output / f"cpu_catalogue.{ending}" for ending in ("json", "txt")}
    for target in targets.values():
        check_writable(target)
    started = time.perf_counter()
    bar = Bar() if sys.stderr.isatty() else (lambda label, share: None)
    first, *others = [run(plan, bar) for plan in plans(quick=given.quick)]
    measured = sum(others, first)
    text = table(measured)
    write_text(targets["json"], json.dumps(measured.to_dict(), indent=1, ensure_ascii=False) + "\n")
    write_text(targets["txt"], text)
    print(text)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
