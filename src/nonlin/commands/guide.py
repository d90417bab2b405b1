"""``nonlin guide``: measure and write the field guide."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from nonlin.commands import options
from nonlin.guide import DEFAULT


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "guide",
        help="measure and write the field guide, one offline web page",
        description="Write a field guide to the activations named, one offline web page in which every claim is measured on this machine.",
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"the activations (default: {' '.join(DEFAULT)})")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("guide.html"), help="where to write the page (default: guide.html)"
    )
    parser.add_argument(
        "--seeds", type=int, default=6, help="how many nets are trained for each configuration (default: 6)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="much smaller experiments: to see that it runs, not for conclusions"
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser afterwards")
    options.add_define(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from nonlin.errors import NonlinError
    from nonlin.files import check_writable

    check_writable(arguments.output)
    if arguments.seeds < 2:
        raise NonlinError(f"--seeds {arguments.seeds}: expected at least 2, so that the spread can be shown")
    options.define(arguments.define)
    from nonlin.guide import build

    started = time.perf_counter()
    bar = Bar()
    build.write(
        arguments.output, arguments.names or DEFAULT, seeds=arguments.seeds, quick=arguments.quick, progress=bar
    )
    bar.close()
    size = arguments.output.stat().st_size
    path = arguments.output.resolve()
    print(f"wrote {path} ({size / 1000:.0f} kB) in {time.perf_counter() - started:.0f} s; open it in any browser")
    if arguments.open:
        import webbrowser

        webbrowser.open(path.as_uri())
    return 0


class Bar:
    """A progress bar on standard error: one line that grows on a terminal, one line a step elsewhere."""

    def __init__(self, width: int = 30) -> None:
        self.width = width
        self.label = ""
        self.live = sys.stderr.isatty()

    def __call__(self, label: str, fraction: float) -> None:
        if self.live:
            filled = round(self.width * fraction)
            sys.stderr.write(f"\r[{'█' * filled}{'·' * (self.width - filled)}] {100 * fraction:3.0f} %  {label:<40.40}")
        elif label != self.label:
            sys.stderr.write(f"{100 * fraction:3.0f} %  {label}\n")
        self.label = label
        sys.stderr.flush()

    def close(self) -> None:
        if self.live:
            sys.stderr.write("\r" + " " * (self.width + 52) + "\r")
            sys.stderr.flush()
