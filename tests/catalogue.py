"""What the tests are parametrised over, read off the declarations: there is no list of activations to keep.

The full contract runs on every activation that torch has and on one of each signature of the others: kind, number of
parameters, what is learned, in place or not, choices, state. What depends on the formula rather than on that machinery
runs on all. Kernels, which take seconds to compile, are judged for these and for enough others that every function that
kernels are made of is called. ``benchmarks/contract.py`` and ``benchmarks/accuracy.py`` run everything on everything.
"""

from __future__ import annotations

import re

from nonlin.builders import signatures, written
from nonlin.catalogue import declarations
from nonlin.contract.declared import Declared, cases_of
from nonlin.formula.declaration import Activation
from nonlin.kernels.spec import get_spec

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


def _parts(a: Activation) -> frozenset[str]:
    """The C functions that its kernels call."""
    if a.rule or a.kind not in ("pointwise", "stochastic"):
        return frozenset()
    return frozenset(name for wrt in ((), ("x",)) for name in re.findall(r"NL\((\w+)\)", get_spec(a, wrt).c))


def _judged() -> tuple[Activation, ...]:
    """The representatives' formulas, and the fewest found that call what those do not."""
    chosen = [a for a in REPRESENTATIVES if not a.rule]
    parts = {a: _parts(a) for a in FORMULAS}
    left = frozenset().union(*parts.values()).difference(*(parts[a] for a in chosen))
    while left:
        most = max(parts, key=lambda a: len(parts[a] & left))
        chosen.append(most)
        left -= parts[most]
    return tuple(a for a in FORMULAS if a in chosen)


JUDGED: tuple[Activation, ...] = _judged()
