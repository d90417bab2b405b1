"""Choosing activations by their facts: what ``nonlin.names(monotonic=True)`` and ``nonlin list`` accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nonlin.errors import ArgumentError, suggestion
from nonlin.facts.lookup import of
from nonlin.facts.sheet import FactSheet
from nonlin.formula.declaration import Activation

FILTERS: dict[str, Callable[[FactSheet], bool | None]] = {
    "monotonic": lambda s: s.is_monotonic,
    "odd": lambda s: None if s.symmetry is None else s.symmetry.value == "odd",
    "even": lambda s: None if s.symmetry is None else s.symmetry.value == "even",
    "convex": lambda s: None if s.curvature is None else s.curvature.value in ("convex", "linear"),
    "bounded": lambda s: None if s.range is None else s.range.value.bounded,
    "smooth": lambda s: None if s.continuity is None else s.continuity.value.order is None,
    "continuous": lambda s: None if s.continuity is None else s.continuity.value.order != -1,
    "dead_zone": lambda s: None if s.dead_zones is None else bool(s.dead_zones.value),
    "saturating": lambda s: None if s.saturation is None else any(i.unbounded for i in s.saturation.value),
    "scale_invariant": lambda s: None if s.critical_point is None else s.critical_point.value.kind == "scale-invariant",
}


def matches(activation: Activation, wanted: Mapping[str, object]) -> bool:
    """True where every wanted fact has that truth value; an activation whose kind does not define a fact never matches.

    Raises:
        TypeError: for an unknown fact, or a value that is not True or False.

    Example:
        >>> from nonlin.catalogue import declarations
        >>> matches(declarations()["tanh"], {"odd": True, "bounded": True})
        True
    """
    for name, value in wanted.items():
        if name not in FILTERS:
            raise ArgumentError(
                f"there is no fact {name!r} to choose by{suggestion(name, FILTERS)}; expected some of {', '.join(FILTERS)}"
            )
        if not isinstance(value, bool):
            raise ArgumentError(f"{name}={value!r}; expected True or False")
    sheet = of(activation) if wanted else None
    return sheet is None or all(FILTERS[name](sheet) is value for name, value in wanted.items())
