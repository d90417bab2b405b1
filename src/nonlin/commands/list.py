"""``nonlin list``: the activations, and those that match."""

from __future__ import annotations

import argparse

from nonlin.commands import options


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "list",
        help="list the activations, or those that match",
        description="List the activations of the catalogue. "
        "A fact chooses: --monotonic keeps those of which it is true, --no-monotonic those of which it is false.",
    )
    parser.add_argument("--family", help="only this family, such as rectified")
    parser.add_argument("--kind", choices=("pointwise", "gated", "rowwise", "stochastic"), help="only this kind")
    parser.add_argument(
        "--torch", action=argparse.BooleanOptionalAction, help="torch.nn.functional has it (--no-torch: has not)"
    )
    for fact in FACTS:
        flag, words = fact.replace("_", "-"), fact.replace("_", " ")
        parser.add_argument(
            f"--{flag}", action=argparse.BooleanOptionalAction, help=f"only those that are, or are not, {words}"
        )
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


def run(arguments: argparse.Namespace) -> int:
    from nonlin import registry

    facts = {name: getattr(arguments, name) for name in FACTS if getattr(arguments, name) is not None}
    names = registry.names(family=arguments.family, kind=arguments.kind, **facts)
    chosen = [registry.find(name) for name in names]
    if arguments.torch is not None:
        chosen = [a for a in chosen if (a.torch_name is not None) == arguments.torch]
    if arguments.format == "json":
        options.print_json([
            {
                "name": a.name, "class": a.title, "kind": a.kind, "family": a.family, "formula": a.formula,
                "parameters": {p.name: p.default for p in a.parameters}, "aliases": list(a.aliases), "torch": a.torch_name,
                "summary": a.summary, "source": str(a.source) if a.source else None,
            }
            for a in chosen
        ])  # fmt: skip
        return 0
    if not chosen:
        print("no activation matches")
        return 0
    width = max(len(a.name) for a in chosen)
    for family in dict.fromkeys(a.family for a in chosen):
        print(family)
        for a in chosen:
            if a.family == family:
                print(f"  {a.name:<{width}}  {a.summary}")
    print(f"{len(chosen)} activation{'s' if len(chosen) != 1 else ''}; nonlin show NAME tells more of one")
    return 0
