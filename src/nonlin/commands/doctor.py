"""``nonlin doctor``: watch one training step of a model and say which activation harms it."""

from __future__ import annotations

import argparse
import contextlib
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.commands import options

if TYPE_CHECKING:
    from nonlin.doctor.finding import Finding
    from nonlin.doctor.report import Report

# the names of nonlin.doctor.given.LOSSES, told here so that --help imports nothing; a test holds the two together
LOSSES = ("cross_entropy", "nll", "bce", "bce_with_logits", "mse", "l1", "smooth_l1", "huber", "kl_div", "poisson_nll")
FORMATS = ("text", "json", "html", "github", "sarif")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "doctor",
        help="which activation harms a model, with evidence and a fix",
        description="Watch one training step of a model and say which activation harms it, with evidence and a fix. "
        "The exit code is 0 where nothing is found, 1 where there are errors or warnings (--fail-on), 2 for a mistake in the call "
        "or in the model's code.",
        epilog="[tool.nonlin.doctor] in the nearest pyproject.toml may hold targets, input, target, loss, ignore, baseline and "
        "fail-on. What the command line says takes the place of what a target returns, and that of what the table says.",
    )
    parser.add_argument(
        "targets", metavar="TARGET", nargs="*",
        help="file.py:name or package.module:name, of a model, a class, or a function that returns a model, (model, batch, target, "
        "loss, optimizer) or its beginning, or a dict of nonlin.diagnose's arguments (default: those in pyproject.toml)",
    )  # fmt: skip
    parser.add_argument(
        "--input", action="append", metavar="SHAPE",
        help="a batch drawn at random: 32,784 for normal numbers, int:1000:8,128 (or 8,128:1000) for integers below 1000; several are "
        "the model's arguments in their order",
    )  # fmt: skip
    parser.add_argument(
        "--target", metavar="SHAPE",
        help="a target drawn at random, written as --input is; left out, one as a loss given by name wants it",
    )  # fmt: skip
    parser.add_argument("--loss", metavar="NAME", help=f"one of {', '.join(LOSSES)}")
    parser.add_argument("--seed", type=int, default=0, help="of the model's weights and what is drawn (default: 0)")
    parser.add_argument("--eval", action="store_true", help="put the model in evaluation mode (default: as it is made)")
    parser.add_argument(
        "--ignore", action="append", metavar="RULE[:PATTERN]", help="leave a rule out, as in S01:encoder.*"
    )
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="set the findings that FILE holds aside")
    parser.add_argument(
        "--write-baseline", type=Path, metavar="FILE", help="write all findings to FILE; the exit code is 0"
    )
    parser.add_argument(
        "--fail-on", choices=("error", "warning", "note", "never"), help="the mildest finding that is exit code 1 (default: warning)"
    )  # fmt: skip
    parser.add_argument("--format", choices=FORMATS, default="text", help="how it is told (default: text)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of the screen")
    parser.add_argument(
        "--fix", action="store_true", help="print patches, each tried on the model (with --format text)"
    )
    parser.add_argument("--rules", nargs="*", metavar="RULE", help="tell these rules, or all, and diagnose nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.rules is not None:
        return _tell_rules(arguments.rules, arguments.format)
    from nonlin.doctor import config, ignore, several
    from nonlin.doctor.step import Part, Step
    from nonlin.doctor.target import opened
    from nonlin.errors import ArgumentError, NonlinError
    from nonlin.files import check_writable, write_text

    settings = config.nearest(Path.cwd())
    folder = Path.cwd() if arguments.targets else settings.folder
    targets = list(dict.fromkeys(arguments.targets or settings.targets))
    if not targets:
        where = settings.file or "a pyproject.toml"
        raise ArgumentError(
            f"nothing to diagnose: name a TARGET such as train.py:build, or set targets in [tool.nonlin.doctor] of {where}"
        )
    step = Step(
        Part(arguments.input or (), arguments.target, arguments.loss, "--{}"),
        Part(settings.input, settings.target, settings.loss, "{} of [tool.nonlin.doctor]"),
        ignore.check(arguments.ignore if arguments.ignore is not None else settings.ignore),
        seed=arguments.seed,
        eval=arguments.eval,
    )
    several.check(arguments.format, len(targets))
    if arguments.fix and arguments.format != "text":
        raise ArgumentError(
            f"--fix prints patches, and --format {arguments.format} has no place for them; leave one of the two out"
        )
    for path in (arguments.output, arguments.write_baseline):
        if path is not None:
            check_writable(path)
    baseline = arguments.baseline or settings.baseline
    known = ignore.read_baseline(baseline) if baseline is not None and arguments.write_baseline is None else set()
    level, reports, patches = arguments.fail_on or settings.fail_on or "warning", {}, {}
    failed: list[str] = []
    live = arguments.format == "text" and arguments.output is None
    for number, text in enumerate(targets, 1):
        if len(targets) > 1:
            print(f"[{number}/{len(targets)}] {text}", file=sys.stderr, flush=True)
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what the user's code prints is no part of a report
                step.sow()
                with opened(text, folder) as target:
                    report = step.report(target)
                    _set_aside(report, text, known)
                    patches[text] = _patches(report) if arguments.fix else ""
        except NonlinError as error:
            if len(targets) == 1:
                raise
            failed.append(text)  # the others are still told
            print(f"nonlin: {text}: {error}", file=sys.stderr)
            continue
        reports[text] = report
        if live:
            print(
                ("\n" if number > 1 else "") + several.as_text(text, report, len(targets)) + patches[text],
                end="",
                flush=True,
            )
    if failed and (arguments.output is not None or arguments.write_baseline is not None):
        print(f"nonlin: nothing was written, since {', '.join(failed)} could not be diagnosed", file=sys.stderr)
        return 2
    if not live and reports:
        whole = several.written(reports, arguments.format) + "".join(patches.values())
        if arguments.output is not None:
            write_text(arguments.output, whole)
        else:
            print(whole, end="")
    if arguments.write_baseline is not None:
        prints = {_print(text, finding) for text, report in reports.items() for finding in report.findings}
        ignore.write_baseline(arguments.write_baseline, prints)
        count = len(prints)
        print(f"wrote {count} finding{'s' if count != 1 else ''} to {arguments.write_baseline}", file=sys.stderr)
        return 0
    return 2 if failed else int(any(several.fails(report, level) for report in reports.values()))


def _print(target: str, finding: Finding) -> str:
    """A finding in a baseline: of one target, since two models may have the same fault at the same place."""
    return f"{target} {finding.fingerprint}"


def _set_aside(report: Report, target: str, known: set[str]) -> None:
    report.ignored += [finding for finding in report.findings if _print(target, finding) in known]
    report.findings = [finding for finding in report.findings if _print(target, finding) not in known]


def _patches(report: Report) -> str:
    from nonlin.doctor.fixes import patches

    return "".join(f"\n{patch}" for patch in patches(report))


def _tell_rules(wanted: list[str], format: str) -> int:
    from nonlin.doctor.finding import rules
    from nonlin.errors import ArgumentError, suggestion

    known = {rule.id: rule for rule in rules()}
    for name in wanted:
        if name.upper() not in known:
            raise ArgumentError(f"there is no rule {name}{suggestion(name, known)}; the rules are {', '.join(known)}")
    chosen = [known[name.upper()] for name in wanted] or list(known.values())
    if format == "json":
        told: list[dict[str, Any]] = [
            {"id": r.id, "name": r.name, "severity": r.severity, "needs": list(r.needs), "text": r.text} for r in chosen
        ]
        options.print_json(told)
        return 0
    for rule in chosen:
        needs = f"; needs {', '.join(rule.needs)}" if rule.needs else ""
        print(f"{rule.id} {rule.name} ({rule.severity}{needs})")
        print(textwrap.fill(rule.text, 110, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False))
    return 0
