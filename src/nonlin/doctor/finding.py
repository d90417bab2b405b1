"""What the doctor says: a finding with its evidence, and the rules that make findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from torch import Tensor

from nonlin.doctor.calls import Call

if TYPE_CHECKING:
    from nonlin.doctor.case import Case

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
Action = Callable[[Callable[..., Any]], Callable[..., Any]]  # from a call's function to what runs instead


@dataclass(frozen=True)
class Picture:
    """A distribution, to be drawn: values, what they are, and where a mark belongs."""

    title: str
    values: Tensor
    label: str  # of the horizontal axis
    marks: Mapping[float, str] = field(default_factory=dict)
    logarithmic: bool = False
    steps: bool = False  # the values are of places in order (layers), not a distribution


@dataclass(frozen=True)
class Remedy:
    """A fix that can be tried, and written as a patch: what runs instead of some calls."""

    calls: tuple[Call, ...]
    action: Action
    rewrite: str  # remove, inplace=False, or the name that takes the place of the call's own


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, where, how it shows, and what to write instead."""

    severity: Severity
    message: str
    fix: str
    calls: tuple[Call, ...] = ()
    places: tuple[str, ...] = ()  # where there is no call: names of parameters, of modules
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)
    picture: Picture | None = None
    remedy: Remedy | None = None
    rule: str = ""  # its id, which the rule itself fills in

    @property
    def name(self) -> str:
        """The rule's name in words."""
        return by_id(self.rule).name

    @property
    def where(self) -> list[str]:
        """Every place it names."""
        return [call.where for call in self.calls] + list(self.places)

    @property
    def fingerprint(self) -> str:
        """What stays the same when lines move: for baselines."""
        seen = [f"{c.path}/{c.spelling}" for c in self.calls] + list(self.places)
        return f"{self.rule}:{','.join(dict.fromkeys(seen))}"


Find = Callable[["Case"], Iterable[Finding]]


@dataclass(frozen=True)
class Rule:
    """A rule: its id and name, what it needs to be judged, and the function that finds."""

    id: str
    name: str
    severity: Severity  # the usual one; a finding may be milder or worse where its rule says so
    needs: tuple[str, ...]
    find: Find

    @property
    def text(self) -> str:
        """The rule's own account of when it speaks and when it does not."""
        return " ".join(line.strip() for line in (self.find.__doc__ or "").splitlines()).strip()

    def findings(self, case: Case) -> Iterator[Finding]:
        """What it finds, with the rule's id and its severity where the finding names none of its own."""
        for finding in self.find(case):
            yield replace(finding, rule=self.id)


_RULES: Final[dict[str, Rule]] = {}
NEEDS: Final = {  # what a rule needs -> how to give it
    "graph": "no gradient flows from the loss (or the output) back into the model",
    "loss": "no loss was given, and the model's output has none: pass loss=",
    "target": "no target was given: pass target=",
    "gradients": "no gradients were measured",
    "batch": "the batch has no axis of samples that all its tensors share, or only one sample",
}


def rule(id: str, name: str, severity: Severity, needs: tuple[str, ...] = ()) -> Callable[[Find], Find]:
    """Register a function as a rule."""

    def register(find: Find) -> Find:
        _RULES[id] = Rule(id, name, severity, needs, find)
        return find

    return register


def rules() -> list[Rule]:
    """Every rule, by id."""
    from nonlin.doctor.rules import load

    load()
    return [_RULES[key] for key in sorted(_RULES)]


def by_id(id: str) -> Rule:
    """One rule."""
    return next(r for r in rules() if r.id == id)


def plain(value: float) -> str:
    """A number as people read it: three digits, no trailing zeros."""
    return f"{value:.3g}"


def percent(share: float) -> str:
    """A share as a percentage: ``97 %``; never rounded to 0 or 100 where it is not."""
    value = 100 * share
    return f"{value:.0f} %" if 1 <= value <= 99 or value in (0, 100) else f"{value:.3g} %"
