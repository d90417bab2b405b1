"""``nonlin bench``: time nonlin's functions beside torch's."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from nonlin.commands import options


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "bench",
        help="time functions beside torch's, on this machine",
        description="Time nonlin's functions beside eager torch, torch.compile and other packages, in turns in one process. "
        "Ratios are the others' time by nonlin's: over 1, nonlin is quicker.",
    )
    parser.add_argument(
        "names", metavar="NAME", nargs="*",
        help="functions, with arguments if you like: mish, 'leaky_relu(0.2)', \"glu(gate='mish')\" (default: all)",
    )  # fmt: skip
    parser.add_argument("--sizes", help="elements, such as 64,16k,131k,1M,16M (default: 16k,1M)")
    parser.add_argument(
        "--dtypes", default="float32", help="some of float32,bfloat16,float16,float64 (default: float32)"
    )
    parser.add_argument(
        "--mode", default="forward,train",
        help="some of forward, train (forward and backward), call (the cost of one call), memory (bytes saved for "
        "backward) (default: forward,train)",
    )  # fmt: skip
    parser.add_argument(
        "--against", default="eager", metavar="PEER,...",
        help="eager, compile (torch.compile, warm) and installed packages with functions of the same names (default: eager)",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, help="torch's threads (default: as torch is set)")
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument("--repeats", type=int, help="how often each is timed (default: as often as --seconds allow)")
    effort.add_argument("--seconds", type=float, help="for each function, mode, dtype and size (default: 0.5)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="16k elements and three timings of each: to see that it runs, not for conclusions",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the ratios")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.json", help="write everything measured, as JSON")
    options.add_define(parser)
    options.add_format(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from nonlin.bench import plan
    from nonlin.errors import NonlinError
    from nonlin.files import check_writable, write_text

    repeats = 3 if arguments.quick and arguments.repeats is None and arguments.seconds is None else arguments.repeats
    settings = plan.Plan(
        names=tuple(arguments.names),
        sizes=plan.chosen_sizes(
            None if arguments.sizes is None else plan.sizes(arguments.sizes), quick=arguments.quick
        ),
        dtypes=plan.words(arguments.dtypes),
        modes=plan.words(arguments.mode),
        against=plan.words(arguments.against),
        threads=arguments.threads,
        rounds=repeats,
        seconds=plan.Plan.seconds if arguments.seconds is None else arguments.seconds,
    )
    for path in (arguments.plot, arguments.output):
        if path is not None:
            check_writable(path)
    if arguments.plot is not None and not {"forward", "train"} & set(settings.modes):
        raise NonlinError(f"--plot draws forward and train; --mode {arguments.mode} measures neither. Add one of them")
    options.define(arguments.define)
    from nonlin.bench import plot, report
    from nonlin.bench.run import run as measure
    from nonlin.commands.guide import Bar

    bar = Bar() if sys.stderr.isatty() else None
    try:
        measured = measure(settings, bar) if bar else measure(settings)
    finally:
        if bar:
            bar.close()
    if arguments.output is not None:
        write_text(arguments.output, json.dumps(measured.to_dict(), indent=1, ensure_ascii=False) + "\n")
    if arguments.plot is not None:
        write_text(arguments.plot, plot.draw(measured))
    if arguments.format == "json":
        options.print_json(measured.to_dict())
    else:
        sys.stdout.write(report.text(measured))
    return 0
