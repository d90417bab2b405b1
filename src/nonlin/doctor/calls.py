"""What was seen of one call: its name, place, shapes, and what its numbers were like."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from nonlin.doctor.rows import Rows
from nonlin.doctor.sites import Site


@dataclass(frozen=True)
class Numbers:
    """Measured on an activation's input x and output y in one forward pass."""

    count: int
    units: int  # along ``axis``, which tells units apart
    positions: int  # how many numbers each unit was seen on
    axis: int
    dead: int | None  # units whose output is exactly 0 at every position; None: not a function that can be flat at 0
    rms_in: float
    rms_out: float
    spread: float  # of a unit over samples and positions, root mean square over units
    x: Tensor  # the same evenly spread thousand elements of both, float32 on the CPU
    y: Tensor


@dataclass(eq=False)
class Step:
    """Where a tensor came from: the operation and the steps behind its tensor arguments. Holds no tensor alive."""

    name: str
    parents: tuple[Step, ...] = ()
    axis: int | None = None  # the axis of units, where a layer upstream said it
    call: Call | None = None
    operand: weakref.ref[Tensor] | None = None  # of a comparison: what was compared
    sample: Tensor | None = (
        None  # of a layer's or norm's result: some elements, and its shape and node, to recognise what is made of it
    )
    shape: tuple[int, ...] = ()
    node: Any = None
    leaves_graph: bool = False  # its inputs require a gradient, its output does not
    grad_off: bool = False  # that is by torch.no_grad(), on purpose
    site: Site | None = None  # recorded where the gradient is lost


@dataclass(eq=False)
class Call:
    """One call of an activation, layer, norm, dropout, loss or attention, in the order in which they ran."""

    order: int
    name: str  # the catalogue's name where it is an activation, else torch's
    kind: str  # activation, layer, norm, dropout, loss, attention, fused, custom, neutral, replaced
    spelling: str
    path: str  # qualified name of the innermost module that was running; "" for the model itself
    module: str  # that module's class
    stage: str  # "model" or "loss"
    site: Site | None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    inplace: bool = False
    grad: bool = True
    shape_in: tuple[int, ...] = ()
    shape_out: tuple[int, ...] = ()
    node: Any = None
    step: Step | None = None
    numbers: Numbers | None = None
    rows: Rows | None = None  # of a softmax, fused attention's too
    start: Any = (
        None  # of an activation written out in arithmetic: the node of the layer's output that it is a function of
    )
    tensors: tuple[Tensor, ...] = ()  # a loss's input and target, detached
    owner: Any = None  # the module whose own call this is: its class is the activation's

    @property
    def where(self) -> str:
        """``classifier.3 (Softmax), train.py:12``."""
        place = f"{self.path or 'the model'} ({self.module})" if self.stage == "model" else "the loss"
        return f"{place}, {self.site}" if self.site else place
