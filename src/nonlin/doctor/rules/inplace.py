"""In-place activations that stop the backward pass: S05."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nonlin.doctor.calls import Call
from nonlin.doctor.case import Case
from nonlin.doctor.finding import Finding, Remedy, rule
from nonlin.doctor.rules.logits import shown

TRIED: Final = 24  # in-place activations, each tried by itself


@rule("S05", "in-place activation breaks backward", "error")
def breaks_backward(case: Case) -> Iterator[Finding]:
    """The backward pass raises since a value that it needs was overwritten, and an in-place activation is to blame: with that one call out
    of place the same backward pass goes through."""
    failure = case.failure
    if failure is None or failure.stage != "backward" or "inplace operation" not in str(failure.error):
        return
    suspects = [c for c in case.calls if c.inplace and c.kind == "activation"]
    if not suspects or _fails(case, suspects):
        return  # something else writes over it
    guilty = suspects
    if len(suspects) <= TRIED:  # one by one: each alone in place, the others out of place
        guilty = [c for c in suspects if _fails(case, [other for other in suspects if other is not c])] or suspects
    yield Finding(
        "error",
        f"{', '.join(map(shown, guilty[:3]))} writes over a value that the backward pass needs: {_first_line(failure.error)}",
        f"make {', '.join(map(shown, guilty[:3]))} out of place: inplace=False, or the function without a trailing underscore",
        tuple(guilty),
        numbers={"in place": len(suspects), "to blame": len(guilty)},
        remedy=Remedy(tuple(guilty), out_of_place, "inplace=False"),
    )


def _fails(case: Case, out: list[Call]) -> bool:
    """Whether the backward pass still raises with these calls out of place."""
    orders = {c.order for c in out}
    return case.experiment(lambda seen: out_of_place if seen.order in orders else None).failure is not None


def out_of_place(func: Any) -> Any:
    """The function on a copy: what it overwrites nobody else holds."""
    return lambda x, *args, **kwargs: func(x.clone(), *args, **kwargs)


def _first_line(error: Exception) -> str:
    text = str(error).partition(". Hint")[0]
    return text.partition("inplace operation: ")[2] or text
