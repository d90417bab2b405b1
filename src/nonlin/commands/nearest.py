"""``nonlin nearest FORMULA``: the functions of the catalogue that a function is, or nearly is."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from nonlin.commands import options
from nonlin.errors import NonlinError


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "nearest",
        help="find the functions nearest to a formula",
        description="Find the pointwise functions of the catalogue nearest to a formula, or to one of them, "
        "up to an affine change of input and output: a f(b x + c) + d. The distance is the root mean square of the "
        "difference for standard normal x, as a share of what the best straight line leaves of the formula: "
        "0 for the same function, 1 for one that is no nearer than a line.",
    )
    parser.add_argument("formula", metavar="FORMULA", help="such as 'x * sigmoid(1.7 * x)', or a name such as mish")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="the value of a parameter; may be repeated"
    )
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="how many are listed (default: 10)")
    options.add_format(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from nonlin.neighbours import nearest

    found = nearest(arguments.formula, limit=arguments.limit, **dict(_value(text) for text in arguments.set))
    if arguments.format == "json":
        options.print_json({"target": arguments.formula, "nearest": [asdict(n) for n in found]})
        return 0
    width = max(len(n.name) for n in found)
    print(f"{arguments.formula}: distance as a share of what a straight line leaves, x from N(0, 1)")
    for n in found:
        print(f"  {n.distance:<9.3g}  {n.name:<{width}}  {n}")
    return 0


def _value(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        if not equals or not name.strip().isidentifier():
            raise ValueError
        return name.strip(), float(value)
    except ValueError:
        raise NonlinError(f"--set {text!r}: expected NAME=VALUE with a number, such as a=0.5") from None
