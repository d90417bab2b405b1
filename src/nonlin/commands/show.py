"""``nonlin show NAME``: the fact sheet of one activation in the terminal."""

from __future__ import annotations

import argparse
import textwrap

from nonlin.commands import options
from nonlin.commands.plot import plot
from nonlin.formula.declaration import Activation

WIDTH = 96


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "show",
        help="show the fact sheet of an activation",
        description="Show formula, curve, facts, advantages and disadvantages of an activation.",
    )
    parser.add_argument(
        "name", metavar="NAME", help="a name or alias, with arguments if you like: mish, 'leaky_relu(0.2)'"
    )
    options.add_define(parser)
    options.add_format(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from nonlin.facts import of, sentences
    from nonlin.facts.lookup import declared

    options.define(arguments.define)
    activation, values = declared(arguments.name)
    sheet = of(activation, values)
    told = sentences(sheet)
    if arguments.format == "json":
        options.print_json({
            "name": activation.name, "class": activation.title, "kind": activation.kind, "family": activation.family,
            "summary": activation.summary, "formula": activation.formula, "aliases": list(activation.aliases),
            "torch": activation.torch_name, "source": str(activation.source) if activation.source else None,
            "verified": activation.source.verified if activation.source else None, "used_in": list(activation.used_in), "facts": sheet.to_dict(),
            "sentences": [{"kind": s.kind, "text": s.text, "value": _json_number(s.value), "how": s.how} for s in told],
        })  # fmt: skip
        return 0
    print("\n".join(text(activation, {**activation.defaults, **values})))
    return 0


def _json_number(value: float) -> float | str:
    return value if abs(value) != float("inf") else "inf" if value > 0 else "-inf"


def text(activation: Activation, values: dict[str, float]) -> list[str]:
    """The lines of the sheet."""
    from nonlin.facts import of, sentences
    from nonlin.facts.table import rows

    sheet = of(activation, values)
    names = [*activation.aliases, *([f"torch.nn.functional.{activation.torch_name}"] if activation.torch_name else [])]
    lines = [f"{activation.title}: {activation.summary}", ""]
    lines += [f"  f(x) = {activation.formula}" if activation.kind == "pointwise" else f"  {activation.formula}"]
    lines += [
        f"    {p.name} = {values[p.name]:g}" + (f"  {p.meaning}" if p.meaning else "") for p in activation.parameters
    ]
    lines += _wrapped("also known as", ", ".join(names)) if names else []
    lines += _wrapped("used in", "; ".join(activation.used_in)) if activation.used_in else []
    lines += _wrapped("source", str(activation.source) if activation.source else "none known")
    if activation.rule and activation.samples:
        lines += _wrapped("write", "; ".join(f"nonlin.get({sample!r})" for sample in activation.samples))
    if activation.kind in ("pointwise", "stochastic") and not activation.rule:
        lines += ["", *plot(activation, values)]
    table = rows(sheet)
    width = max((len(row.label) for row in table), default=0)
    lines += ["", "Facts"]
    lines += [f"  {row.label:<{width}}  {row.text}  ({row.how})" for row in table]
    told = sentences(sheet)
    for kind, title in (("advantage", "Advantages"), ("disadvantage", "Disadvantages"), ("note", "Notes")):
        said = [s.text for s in told if s.kind == kind]
        if said:
            lines += ["", title]
            for sentence in said:
                lines += textwrap.wrap(sentence, WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return lines


def _wrapped(label: str, value: str) -> list[str]:
    return textwrap.wrap(f"{label}: {value}", WIDTH, initial_indent="  ", subsequent_indent="    ")
