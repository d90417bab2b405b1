"""What the tests are parametrised over, read off the declarations: there is no list of activations to keep.

The full contract runs on every activation that torch has and on one of each signature of the others: kind, number of
parameters, what is learned, in place or not, choices, state. What depends on the formula rather than on that machinery
runs on all. ``benchmarks/contract.py`` runs everything on everything.
"""

from __future__ import annotations

from nonlin.builders import signatures, written
from nonlin.catalogue import declarations
from nonlin.contract.declared import Declared, cases_of
from nonlin.formula.declaration import Activation

ALL: tuple[Activation, ...] = tuple(declarations().values())
FORMULAS: tuple[Activation, ...] = tuple(a for a in ALL if not a.rule)


def signature(a: Activation) -> tuple[object, ...]:
    """What the machinery makes a difference of."""
    if a.rule:
        return (a.kind, "written", written.written_class(a) is not None)
    numbers = min(len(a.parameters), 2)
    return (a.kind, numbers, min(len(a.learnable), 2), signatures.takes_inplace(a), bool(a.choices), a.name == "glu")


def _representatives() -> tuple[Activation, ...]:
    first: dict[tuple[object, ...], Activation] = {}
    for a in ALL:
        if a.torch_name is None:
            first.setdefault(signature(a), a)
    return tuple(a for a in ALL if a.torch_name or first[signature(a)] is a)


REPRESENTATIVES: tuple[Activation, ...] = _representatives()
OTHERS: tuple[Activation, ...] = tuple(a for a in ALL if a not in REPRESENTATIVES)

DEFAULTS: tuple[Declared, ...] = tuple(next(cases_of(a)) for a in REPRESENTATIVES if not a.rule)
CASES: tuple[Declared, ...] = tuple(case for a in REPRESENTATIVES if not a.rule for case in cases_of(a))
