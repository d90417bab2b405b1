"""What torch.nn has and what nonlin has, by kind: ``python -m benchmarks.coverage`` writes the table into the README."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from torch import nn

import nonlin
from nonlin.catalogue import declarations
from nonlin.formula.declaration import KINDS

README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- coverage: python -m benchmarks.coverage -->\n", "<!-- /coverage -->"
_LAYERS = {"MultiheadAttention"}  # stands beside the activations in torch's module, and is none
_MEANING = {
    "pointwise": "a formula in one input",
    "gated": "a gate and a value",
    "rowwise": "a row, a layer or the batch",
    "stochastic": "a draw in training",
    "shape_changing": "several inputs, another width",
    "adaptive": "a learned curve or a small network",
    "surrogate": "a stand-in for the derivative",
    "complex": "complex numbers",
}


def table() -> str:
    """Markdown: the number of activations by kind, here and in torch.nn."""
    here = Counter(a.kind for a in declarations().values())
    theirs = Counter(nonlin.find(name).kind for name in nn.modules.activation.__all__ if name not in _LAYERS)
    lines = ["| an output depends on | torch.nn | nonlin |", "|---|---|---|"]
    lines += [
        f"| {_MEANING[kind]} ({kind.replace('_', ' ')}) | {theirs[kind]} | {here[kind]} |"
        for kind in KINDS
        if here[kind]
    ]
    lines.append(f"| all | {theirs.total()} | {here.total()} |")
    return "\n".join(lines) + "\n"


def write(path: Path = README) -> None:
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(START)
    path.write_text(before + START + table() + END + rest.split(END, 1)[1], encoding="utf-8")


if __name__ == "__main__":
    write()
    print(table())
