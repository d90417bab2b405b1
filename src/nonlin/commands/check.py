"""``nonlin check``: run the contract on activations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nonlin.commands import options

if TYPE_CHECKING:
    from nonlin.contract.report import Report


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "check",
        help="check what is promised of an activation: values, gradients, limits, layouts, transforms ...",
        description="Run the contract on activations and say what fails: values against a reference, gradients, limits, "
        "dtypes, devices, layouts, transforms, compilation, pickling, memory. The exit code is 0 where all of it holds, "
        "1 where something fails, 2 for a mistake in the call.",
    )
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="activations, with arguments if you like: mish, 'leaky_relu(0.2)'"
    )
    parser.add_argument("--all", action="store_true", help="every activation of the catalogue")
    parser.add_argument("--torch", action="store_true", help="every activation module of torch.nn")
    parser.add_argument(
        "--checks", metavar="GROUP,...",
        help="only these groups or checks, such as values,limits.nan_gives_nan (default: all)",
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="one line for each activation, no reasons")
    options.add_define(parser)
    options.add_format(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from nonlin import registry
    from nonlin.contract.run import chosen_checks
    from nonlin.errors import NonlinError

    options.define(arguments.define)
    wanted = tuple(part.strip() for part in arguments.checks.split(",")) if arguments.checks else None
    chosen_checks(wanted)  # a name that there is none of is an error before anything runs
    subjects: list[Any] = [*arguments.names, *(registry.names() if arguments.all else [])]
    for name in arguments.names:
        registry.parse(name)
    if arguments.torch:
        from nonlin.contract.peers import torch_modules

        subjects += torch_modules()
    if not subjects:
        raise NonlinError("nothing to check: name activations, or give --all or --torch")
    reports = []
    for report in _reports(subjects, wanted):
        reports.append(report)
        if arguments.format == "text":
            print(report.summary() if arguments.quiet else report, flush=True)
    if arguments.format == "json":
        options.print_json([report.to_dict() for report in reports])
    elif len(reports) > 1:
        run_, failed = (
            sum(map(len, rows)) for rows in ([r.passed + r.failed for r in reports], [r.failed for r in reports])
        )
        print(f"{len(reports)} activations, {run_} checks run, {failed} failed")
    return 0 if all(report.ok for report in reports) else 1


def _reports(subjects: list[Any], wanted: tuple[str, ...] | None) -> Iterator[Report]:
    from nonlin.contract.run import check

    for number, subject in enumerate(subjects, 1):
        if len(subjects) > 1 or sys.stderr.isatty():
            print(f"[{number}/{len(subjects)}] {subject}", file=sys.stderr, flush=True)
        yield check(subject, checks=wanted)
