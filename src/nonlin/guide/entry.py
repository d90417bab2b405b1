"""What the page says about one activation, as a plain frozen record: the formula room fills it, the page draws it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple


class Fact(NamedTuple):
    """One line of the fact sheet; ``how`` is "derived", "quadrature" or "measured"."""

    label: str
    value: str
    how: str


class Statement(NamedTuple):
    """An advantage, a disadvantage or a note, with the way its number was obtained."""

    text: str
    how: str


@dataclass(frozen=True)
class Slider:
    """A parameter of the formula that the reader may move."""

    name: str
    default: float
    low: float
    high: float
    step: float
    meaning: str = ""


@dataclass(frozen=True)
class Curve:
    """Samples of f and f', ``x`` ascending.

    Args:
        x, f, derivative: equally long; a value that does not exist is NaN.
        breaks: every x where f or f' jumps. No line is drawn across one, so sample just left and just right of each.
    """

    x: tuple[float, ...]
    f: tuple[float, ...]
    derivative: tuple[float, ...]
    breaks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        lengths = {len(self.x), len(self.f), len(self.derivative)}
        if len(lengths) != 1 or len(self.x) < 2:
            raise ValueError(
                f"Curve: x, f and derivative have {len(self.x)}, {len(self.f)} and {len(self.derivative)} samples; "
                "expected the same number, at least 2"
            )


@dataclass(frozen=True)
class Row:
    """One example of a rowwise activation: what goes in and what comes out, entry by entry."""

    inputs: tuple[float, ...]
    outputs: tuple[float, ...]


@dataclass(frozen=True)
class Entry:
    """One activation of the page.

    Args:
        name: its functional name, as measurements call it.
        title: its class name.
        summary: one sentence.
        family: a word to browse by.
        source: where it was published.
        formula_mathml, derivative_mathml: complete ``<math>`` elements (the second empty where there is none).
        sliders: its parameters.
        js_value, js_derivative: JavaScript function expressions. Pointwise: ``(x, p) => number`` with ``p.<name>`` for
            each slider; rowwise: ``(row, p) => array``, and an empty ``js_derivative``.
        js_helpers: JavaScript function declarations that the two call; equal ones are emitted once per page.
        curve: samples for the static figure of a pointwise activation.
        row: the example for the static figure of a rowwise one.
        example_code, example_output: a runnable example and what it printed.
        kinks: every x where f or f' jumps; None where the question has no meaning (rowwise).
        nonlinearity: 1 - (E[z f(z)])^2 / Var f(z) for z ~ N(0, 1); None where it has no meaning.
        torch_equivalent: the name of torch's own, or None.
    """

    name: str
    title: str
    summary: str
    family: str
    source: str
    formula_mathml: str
    derivative_mathml: str
    js_value: str
    js_derivative: str
    example_code: str
    example_output: str
    kind: Literal["pointwise", "rowwise"] = "pointwise"
    sliders: tuple[Slider, ...] = ()
    js_helpers: tuple[str, ...] = ()
    curve: Curve | None = None
    row: Row | None = None
    facts: tuple[Fact, ...] = ()
    advantages: tuple[Statement, ...] = ()
    disadvantages: tuple[Statement, ...] = ()
    notes: tuple[Statement, ...] = ()
    kinks: tuple[float, ...] | None = None
    nonlinearity: float | None = None
    torch_equivalent: str | None = None
    used_in: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        needed = self.curve if self.kind == "pointwise" else self.row
        if needed is None:
            missing = "curve" if self.kind == "pointwise" else "row"
            raise ValueError(f"Entry {self.name!r} is {self.kind} and has no {missing}; give {missing}=")

    @property
    def anchor(self) -> str:
        """Its id on the page: the name where that can be one, else a hash of it."""
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", self.name):
            return self.name
        return "u" + hashlib.sha256(self.name.encode()).hexdigest()[:10]
