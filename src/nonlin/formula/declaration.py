"""The records that declare an activation: plain data, so that reading the catalogue imports neither sympy nor torch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from nonlin.errors import BoundsError

Kind = Literal["pointwise", "gated", "rowwise", "stochastic", "shape_changing", "adaptive", "surrogate", "complex"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Number = float | int


@dataclass(frozen=True)
class Source:
    """Where an activation was first published. ``verified`` is False where the reference could not be checked."""

    authors: str
    year: int | None
    title: str
    arxiv: str | None = None
    verified: bool = True

    def __str__(self) -> str:
        text = f"{self.authors} ({self.year}), {self.title}" if self.year else f"{self.authors}, {self.title}"
        if self.arxiv:
            text += f", arXiv:{self.arxiv}"
        return text if self.verified else text + " (unverified)"


@dataclass(frozen=True)
class Parameter:
    """A number in a formula, with the values for which the formula means something.

    Args:
        name: its name in the formula and in every signature, as in torch.nn.
        default: its value where the caller gives none.
        low, high: closed bounds; ``open_low`` excludes ``low`` itself.
        learnable: True where the module holds it as an ``nn.Parameter``.
        argument: the module's argument for its initial value, where it is learned (PReLU's ``init``; else ``<name>_init``).
        required: True where torch's signature gives no default.
        below: the name of another parameter that must not be smaller.
        unlimited_from: from this value on it means infinity (Softplus' ``threshold``: see the catalogue).
        meaning: one clause for docstrings.
    """

    name: str
    default: float
    low: float = float("-inf")
    high: float = float("inf")
    open_low: bool = False
    learnable: bool = False
    argument: str | None = None
    required: bool = False
    below: str | None = None
    unlimited_from: float | None = None
    meaning: str = ""

    def __post_init__(self) -> None:
        if self.learnable and self.argument in (None, self.name):  # the name itself is the nn.Parameter's
            object.__setattr__(self, "argument", f"{self.name}_init")

    def effective(self, value: float) -> float:
        """``value`` as the formula uses it: from ``unlimited_from`` on, infinity."""
        return float("inf") if self.unlimited_from is not None and value >= self.unlimited_from else float(value)

    def check(self, value: Number, owner: str) -> None:
        """Raise BoundsError where ``value`` lies outside the bounds."""
        inside = self.low < value if self.open_low else self.low <= value
        if not (inside and value <= self.high):
            left = "(" if self.open_low or self.low == float("-inf") else "["
            right = ")" if self.high == float("inf") else "]"
            raise BoundsError(
                f"{owner}: {self.name}={value!r} is out of bounds; expected a number in "
                f"{left}{self.low:g}, {self.high:g}{right} (default {self.default:g})"
            )


@dataclass(frozen=True)
class Activation:
    """One activation function, declared once; everything else about it is derived from this record.

    Args:
        name: its functional name (``nonlin.functional.<name>``).
        formula: the textbook formula in the grammar of :mod:`nonlin.formula.grammar`, in ``x``
            (a gated one in ``gate`` and ``value``; one with a ``rule``, in mathematical notation for people).
        title: the class name (``nonlin.<title>``).
        stable: an equal formula that loses no digits, where the textbook form does; tests prove the two equal.
        parameters: the formula's parameters in torch's argument order.
        family: a word to browse by.
        kind: what a value of the output depends on, and how it is differentiated.
            ``pointwise``: a formula in one input; ``gated``: in a gate and a value; ``rowwise``: the whole row, the layer or
            the batch; ``stochastic``: a draw in training; ``shape_changing``: several inputs, the shape is another;
            ``adaptive``: one input and a learned curve or a small network; ``surrogate``: its gradient is not its
            derivative; ``complex``: of a complex number.
        aliases: other names that :func:`nonlin.get` accepts.
        torch_name: the function of ``torch.nn.functional`` (or torch) that computes the same.
        inplace: True where torch's function takes ``inplace``.
        summary: one sentence.
        source: where it was published.
        used_in: where it is used, one clause each.
        gate: for gated kinds, the name of the pointwise function applied to the gate.
        training: for stochastic kinds, the formula in training, in ``x`` and ``noise``.
        noise: the two parameters between which ``noise`` is uniform.
        rule: where the formula language does not reach: the module of :mod:`nonlin.rules` in which a function ``name`` and,
            where it holds state, a class ``title`` are written.
        samples: texts for :func:`nonlin.get` that checks, docs and examples use where there is a ``rule``.
        sample_shape: the shape of an input that every sample accepts.
        choices: a string argument that selects another activation: {"approximate": {"none": "gelu", "tanh": "gelu_tanh"}}.
    """

    name: str
    formula: str
    title: str
    summary: str
    family: str
    stable: str | None = None
    parameters: tuple[Parameter, ...] = ()
    kind: Kind = "pointwise"
    aliases: tuple[str, ...] = ()
    torch_name: str | None = None
    inplace: bool = False
    source: Source | None = None
    used_in: tuple[str, ...] = ()
    gate: str | None = None
    training: str | None = None
    noise: tuple[str, str] = ("", "")
    rule: str | None = None
    samples: tuple[str, ...] = ()
    sample_shape: tuple[int, ...] = (2, 4, 6)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tensor arguments of the formula: ``("x",)``, or ``("gate", "value")`` for a gated one."""
        return ("gate", "value") if self.kind == "gated" else ("x",)

    @property
    def in_training(self) -> Activation | None:
        """A stochastic activation's formula in training, with what is drawn as its parameter ``noise``."""
        if self.training is None:
            return None
        return Activation(
            f"{self.name}_training",
            self.training,
            title=f"{self.title}Training",
            summary=self.summary,
            family=self.family,
            parameters=(Parameter("noise", 0.0),),
        )

    @property
    def learnable(self) -> tuple[Parameter, ...]:
        return tuple(p for p in self.parameters if p.learnable)

    @property
    def defaults(self) -> dict[str, float]:
        return {p.name: p.default for p in self.parameters}

    def __hash__(self) -> int:
        return hash((self.name, self.fingerprint))

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that the derived numbers depend on."""
        text = repr((self.formula, self.stable, self.parameters, self.kind, self.gate, self.training))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
