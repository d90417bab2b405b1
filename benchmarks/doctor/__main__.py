"""How well the doctor tells faulty programs from healthy ones.

    python -m benchmarks.doctor programs            # the programs that the rules were developed on
    python -m benchmarks.doctor aside               # those that were kept aside
    python -m benchmarks.doctor families            # transformers' families, at init and after five steps (needs transformers)
    python -m benchmarks.doctor mutations --every 4 # faults put into every fourth family

Each run writes benchmarks/results/doctor_NAME.json and .txt.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.doctor import outcomes, tally
from nonlin.bench.machine import machine
from nonlin.files import write_text

RESULTS = Path(__file__).parents[1] / "results"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doctor", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("programs", "aside", "families", "mutations"))
    parser.add_argument("--every", type=int, default=1, help="of mutations: every N-th family (default: 1)")
    parser.add_argument("--suffix", default="", help="of the files' names, to keep an earlier record")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    started, found = time.perf_counter(), []
    for one in cases(arguments.what, arguments.every):
        found.append(one)
        if one.missed or one.false:
            print(
                f"{one.name}: missed {sorted(one.missed)}, false {sorted(one.false)} {one.error[:100]}",
                file=sys.stderr,
                flush=True,
            )
    what = arguments.what + (f", one family in {arguments.every}" if arguments.every > 1 else "")
    on = machine()
    head = f"nonlin doctor, {what}: {on['cpu']}, torch {on['torch']}, {time.perf_counter() - started:.0f} s\n"
    text = head + tally.table(found) + "\n"
    name = f"doctor_{arguments.what}{arguments.suffix}"
    write_text(RESULTS / f"{name}.txt", text)
    record = {
        "machine": on,
        "what": what,
        "summary": tally.summary(found),
        "rules": tally.by_rule(found),
        "cases": [o.to_dict() for o in found],
    }
    write_text(RESULTS / f"{name}.json", written(record))
    print(text, end="")
    return 0


def written(record: dict[str, Any]) -> str:
    """The record as JSON, a line for each case and each rule: records are compared by their lines."""
    parts = []
    for key, value in record.items():
        rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value) if isinstance(value, list) else ""
        parts.append(f"{json.dumps(key)}: " + (f"[\n  {rows}\n ]" if rows else json.dumps(value, ensure_ascii=False)))
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def cases(what: str, every: int) -> Iterator[outcomes.Outcome]:
    if what == "families":
        return outcomes.families()
    if what == "mutations":
        return outcomes.mutations(every)
    return outcomes.programs(what)


if __name__ == "__main__":
    raise SystemExit(main())
