"""Activations written out in arithmetic, such as 1 / (1 + exp(-x)): recognised by their values, from the layer that x comes from."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from nonlin.doctor import measure
from nonlin.doctor.calls import Step
from nonlin.doctor.recognise import recognised

SAMPLE: Final = 256  # elements that a layer's output leaves behind for comparison
DEPTH: Final = 8  # operations between the layer and the last one
CURVED: Final = frozenset({"exp", "tanh", "sigmoid", "expit", "erf", "expm1", "softplus"})
ENDS: Final = frozenset({"div", "true_divide", "__rdiv__", "__rtruediv__", "reciprocal", "mul", "log", "log1p", "pow"})
ELEMENTWISE: Final = (
    CURVED
    | ENDS
    | {"neg", "add", "sub", "rsub", "__rsub__", "__radd__", "square", "sqrt", "abs", "float", "to", "type_as"}
)


def origin(step: Step) -> Step | None:
    """The layer's step that everything behind ``step`` is computed from element by element, by a curved function somewhere."""
    found: Step | None = None
    curved, level = False, [step]
    for _ in range(DEPTH):
        behind: list[Step] = []
        for one in level:
            if one.sample is not None:
                if found is not None and found is not one:
                    return None  # two layers meet: a gate or a sum, no function of one input
                found = one
            elif one.name not in ELEMENTWISE or not one.parents:
                return None
            else:
                curved = curved or one.name in CURVED
                behind.extend(one.parents)
        if not behind:
            return found if curved else None
        level = list(dict.fromkeys(behind))
    return None


def name_of(step: Step, out: Tensor) -> tuple[str, Step] | None:
    """(the catalogue's name, the layer's step), where the result of an operation is a known activation of a layer's output."""
    start = origin(step) if step.name in ENDS else None
    if start is None or start.sample is None or start.shape != tuple(out.shape):
        return None
    name = recognised(start.sample, measure.sample(out, SAMPLE))
    return (name, start) if name is not None else None
