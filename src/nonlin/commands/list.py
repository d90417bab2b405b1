"""``nonlin list``: the activations, and those that match."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from typing import Any

from nonlin.commands import options
from nonlin.formula.declaration import KINDS, Activation


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "list",
        help="list the activations, or those that match",
        description="List the activations of the catalogue. "
        "A fact chooses: --monotonic keeps those of which it is true, --no-monotonic those of which it is false, "
        "--where any comparison. An activation whose kind does not define a fact matches neither.",
        epilog="Facts for --where, --sort and --columns: " + "; ".join(f"{name}: {text}" for name, text in FIELDS.items())
        + ". Whatever else a sheet holds has a name too, its entries joined by dots: dead_zones.count, limits.right.",
    )  # fmt: skip
    parser.add_argument("--family", help="only this family, such as rectified")
    parser.add_argument("--kind", choices=KINDS, help="only this kind")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="a comparison, such as 'lipschitz <= 1', 'range.low >= 0', 'symmetry = odd'; all that are given must hold",
    )
    parser.add_argument("--year", metavar="A[..B]", help="published in that year, or from A to B")
    parser.add_argument("--parameters", type=int, metavar="N", help="with N numbers in the formula")
    parser.add_argument(
        "--learnable", action=argparse.BooleanOptionalAction, help="with numbers that are learned, or without"
    )
    parser.add_argument("--unverified", action="store_true", help="only those whose source could not be checked")
    parser.add_argument(
        "--torch", action=argparse.BooleanOptionalAction, help="torch.nn.functional has it (--no-torch: has not)"
    )
    for fact in FACTS:
        flag, words = fact.replace("_", "-"), fact.replace("_", " ")
        parser.add_argument(
            f"--{flag}", action=argparse.BooleanOptionalAction, help=f"only those that are, or are not, {words}"
        )
    parser.add_argument("--sort", metavar="FACT", help="by this fact, smallest first")
    parser.add_argument("--descending", action="store_true", help="with --sort: largest first")
    parser.add_argument("--columns", metavar="FACT,FACT", help="a table of these facts, such as name,lipschitz,year")
    parser.add_argument("--facts", action="store_true", help="with --format json: the whole fact sheet of each")
    options.add_format(parser)
    parser.set_defaults(run=run)


# the facts of nonlin.facts.filters.FILTERS, told here so that --help imports nothing; a test holds the two together
FACTS = {
    "monotonic": "never changes direction",
    "odd": "f(-x) = -f(x)",
    "even": "f(-x) = f(x)",
    "convex": "the slope never falls",
    "bounded": "the range is bounded",
    "smooth": "has derivatives of every order",
    "continuous": "has no jump",
    "dead_zone": "the slope is exactly 0 on an interval",
    "saturating": "the slope falls below 1 % far out",
    "scale_invariant": "multiplying the input by a positive number multiplies the output by it",
}
# the usual ones of nonlin.facts.fields; a test holds that they exist
FIELDS = {
    "lipschitz": "the steepest slope",
    "range.low": "infimum",
    "range.high": "supremum",
    "derivative_range.low": "smallest slope",
    "continuity.order": "how many derivatives are continuous",
    "mean": "of standard normal inputs",
    "second_moment": "of standard normal inputs",
    "non_linearity": "0 for a line",
    "dead_probability": "share of standard normal inputs without slope",
    "forward_gain": "of weights",
    "critical_point.kind": "how deep nets hold the signal",
    "saved_bytes": "kept for backward, an output",
    "observed.outputs_per_input": "2 where the width doubles",
    "observed.exact_zeros": "share of outputs",
    "observed.learned": "numbers that a rule learns",
    "symmetry": "odd, even, none",
    "year": "of publication",
}


def run(arguments: argparse.Namespace) -> int:
    from nonlin import registry

    truths: dict[str, Any] = {name: value for name in FACTS if (value := getattr(arguments, name)) is not None}
    names = registry.names(family=arguments.family, kind=arguments.kind, where=_conditions(arguments), **truths)
    chosen = [registry.find(name) for name in names]
    if arguments.sort is not None:
        chosen = _sorted(chosen, arguments.sort, arguments.descending)
    if arguments.format == "json":
        options.print_json({
            "count": len(chosen),
            "by_kind": dict(Counter(a.kind for a in chosen)),
            "by_family": dict(Counter(a.family for a in chosen)),
            "activations": [_record(a, arguments.facts) for a in chosen],
        })  # fmt: skip
        return 0
    if not chosen:
        print("no activation matches")
        return 0
    if arguments.columns is not None:
        _print_table(chosen, [column.strip() for column in arguments.columns.split(",")])
    elif arguments.sort is not None:
        _print_table(chosen, ["name", arguments.sort])
    else:
        _print_families(chosen)
    print(f"{len(chosen)} activation{'s' if len(chosen) != 1 else ''}; nonlin show NAME tells more of one")
    return 0


def _conditions(arguments: argparse.Namespace) -> list[str]:
    """``--where``, and the options that are short for one."""
    found = list(arguments.where)
    if arguments.year is not None:
        found.append(f"year = {arguments.year}")
    if arguments.parameters is not None:
        found.append(f"parameters = {arguments.parameters}")
    if arguments.unverified:
        found.append("not verified")
    found += [f"{n} = {held}" for n in ("learnable", "torch") if (held := getattr(arguments, n)) is not None]
    return found


def _sorted(chosen: list[Activation], key: str, descending: bool) -> list[Activation]:
    """By a fact; those without it come last."""
    from nonlin.facts.fields import field

    known = field(key)
    held = [(known.read(a), a) for a in chosen]
    present = sorted((pair for pair in held if pair[0] is not None), key=lambda p: p[0], reverse=descending)  # type: ignore[arg-type, return-value]
    return [a for _, a in present] + [a for value, a in held if value is None]


def _record(a: Activation, facts: bool) -> dict[str, Any]:
    s = a.source
    told: dict[str, Any] = {
        "name": a.name, "class": a.title, "kind": a.kind, "family": a.family, "formula": a.formula,
        "parameters": {p.name: p.default for p in a.parameters}, "learnable": [p.name for p in a.learnable],
        "aliases": list(a.aliases), "torch": a.torch_name, "summary": a.summary, "used_in": list(a.used_in),
        "source": None if s is None else {
            "authors": s.authors, "year": s.year, "title": s.title, "arxiv": s.arxiv, "verified": s.verified,
        },
    }  # fmt: skip
    if facts:
        from nonlin.facts import of

        told["facts"] = of(a).to_dict()
    return told


def _print_families(chosen: list[Activation]) -> None:
    width = max(len(a.name) for a in chosen)
    for family in dict.fromkeys(a.family for a in chosen):
        print(family)
        for a in chosen:
            if a.family == family:
                print(f"  {a.name:<{width}}  {a.summary}")


def _print_table(chosen: list[Activation], columns: list[str]) -> None:
    from nonlin.facts.fields import field
    from nonlin.facts.table import rows

    def cell(a: Activation, column: str) -> str:
        if column in ("range", "limits", "zeros", "minimum", "maximum", "saturation", "dead_zones", "continuity"):
            from nonlin.facts import of

            label = {"saturation": "|slope| < 1 %", "dead_zones": "slope exactly 0"}.get(column, column)
            return next((row.text for row in rows(of(a), digits=4) if row.label == label), "")
        value = field(column).read(a)
        if isinstance(value, float):
            return f"{value:.6g}" if math.isfinite(value) else ("∞" if value > 0 else "−∞")
        return "" if value is None else value if isinstance(value, str) else "yes" if value else "no"

    table = [columns, *([cell(a, column) for column in columns] for a in chosen)]
    widths = [max(len(row[i]) for row in table) for i in range(len(columns))]
    for row in table:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
