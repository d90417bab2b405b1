"""The autograd graph walked back from the loss: what the loss really used, in the order in which data flowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from nonlin.doctor import names
from nonlin.doctor.calls import Call

_LAYERS: Final = {
    "Addmm": "linear", "Linear": "linear", "MkldnnLinear": "linear", "Convolution": "conv", "Embedding": "embedding",
    "Mm": "matmul", "Bmm": "matmul", "Baddbmm": "matmul", "Matmul": "matmul", "Addbmm": "matmul", "Dot": "matmul", "Mv": "matmul",
}  # fmt: skip


@dataclass(eq=False)
class Op:
    """One node of the graph with what is known of it."""

    node: Any
    kind: str  # the node's own name without Backward0: "LogSoftmax"
    name: str  # the catalogue's name where it is an activation, "linear", "conv", "matmul", else ``kind``
    call: Call | None  # the recorded call whose result this is
    inputs: list[Op | None] = field(
        default_factory=list
    )  # in the order of the operation's inputs; None: no gradient flows there
    consumers: list[Op] = field(default_factory=list)
    normaliser: Op | None = None  # of a log_softmax written out: the logsumexp that is taken away

    @property
    def activation(self) -> str | None:
        """The catalogue's name where this is an activation."""
        if self.call is not None and self.call.kind == "activation":
            return self.call.name
        return names.activation_of_node(self.kind)

    @property
    def moves_only(self) -> bool:
        """Whether numbers pass through unchanged (or dropped out, or with zeros added)."""
        return self.kind in names.SHAPES or (self.call is not None and self.call.kind in ("dropout", "neutral"))

    @property
    def parameter(self) -> Any:
        """The leaf tensor itself, where this is one."""
        return getattr(self.node, "variable", None)

    def saved(self, name: str) -> Any:
        """A value that the node saved, None where it has none of that name or has let go of it."""
        try:
            return getattr(self.node, f"_saved_{name}", None)
        except RuntimeError:  # freed, or changed in place since
            return None


class Flow:
    """The graph behind some roots."""

    def __init__(self, roots: Iterable[Any], calls: Sequence[Call]) -> None:
        by_node: dict[int, Call] = {}
        for call in calls:  # the first: a dropout that drops nothing hands its input on, which is another call's result
            if call.node is not None and call.kind != "replaced":
                by_node.setdefault(id(call.node), call)
        self.ops: dict[int, Op] = {}
        self.roots: list[Op] = []
        for root in roots:
            self.roots.append(self._walk(root, by_node))
        for op in list(self.ops.values()):
            self._settle(op)
            self._shorten(op)
            self._normalise(op)
        self._forget_inside()
        self.calls = {id(op.call): op for op in self.ops.values() if op.call is not None}
        self.order: Mapping[int, int] = {key: i for i, key in enumerate(self.ops)}

    def _walk(self, root: Any, calls: Mapping[int, Call]) -> Op:
        if id(root) in self.ops:
            return self.ops[id(root)]
        first = self._op(root, calls)
        waiting = [first]
        while waiting:
            op = waiting.pop()
            for node, _ in op.node.next_functions:
                if node is None:
                    op.inputs.append(None)
                    continue
                known = id(node) in self.ops
                found = self.ops[id(node)] if known else self._op(node, calls)
                op.inputs.append(found)
                found.consumers.append(op)
                if not known:
                    waiting.append(found)
        return first

    def _settle(self, op: Op) -> None:
        """A layer's result may be a view of what it computed: the call belongs to the computation."""
        call = op.call
        if call is None or op.kind not in names.SHAPES or call.kind not in ("activation", "layer", "norm", "attention"):
            return
        op.call, op.name = None, op.kind
        computed = behind(op)
        if len(computed) == 1 and computed[0].call is None:
            computed[0].call = call
            computed[0].name = _name(call) or computed[0].name

    def _shorten(self, op: Op) -> None:
        """An activation written out in arithmetic is one op, from the layer to its last operation."""
        start = self.ops.get(id(op.call.start)) if op.call is not None and op.call.start is not None else None
        if start is not None and start is not op:
            op.inputs = [start]
            start.consumers.insert(0, op)

    def _normalise(self, op: Op) -> None:
        """``x - logsumexp(x)`` is a log_softmax, as distributions of logits write it."""
        if op.kind != "Sub" or len(op.inputs) != 2 or None in op.inputs:
            return
        total = behind(op.inputs[1])
        if len(total) == 1 and total[0].kind == "Logsumexp" and behind(total[0].inputs[0]) == behind(op.inputs[0]):
            op.name, op.inputs, op.normaliser = "log_softmax", op.inputs[:1], total[0]

    def _forget_inside(self) -> None:
        """Drop what lies inside activations that were written out: no path from the loss leads there any more."""
        kept: set[int] = set()
        waiting = list(self.roots)
        while waiting:
            op = waiting.pop()
            if id(op) not in kept:
                kept.add(id(op))
                waiting.extend(i for i in op.inputs if i is not None)
        self.ops = {key: op for key, op in self.ops.items() if id(op) in kept}
        for op in self.ops.values():
            op.consumers = [c for c in op.consumers if id(c) in kept]

    def _op(self, node: Any, calls: Mapping[int, Call]) -> Op:
        kind, call = names.of_node(node), calls.get(id(node))
        op = Op(node, kind, _name(call) or names.activation_of_node(kind) or _LAYERS.get(kind, kind), call)
        self.ops[id(node)] = op  # which keeps the node's Python object alive, and so its id its own
        return op

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops.values())

    @property
    def reentrant(self) -> bool:
        """Whether a reentrant checkpoint is in it."""
        return any(op.kind.startswith("CheckpointFunction") for op in self)

    def of_call(self, call: Call) -> Op | None:
        """The node of a call, where the loss used it."""
        return self.calls.get(id(call))

    def upstream_first(self) -> Iterator[Op]:
        """Every op after all of its inputs."""
        done: set[int] = set()
        for root in self.roots:
            stack: list[tuple[Op, bool]] = [(root, False)]
            while stack:
                op, expanded = stack.pop()
                if id(op) in done:
                    continue
                if expanded:
                    done.add(id(op))
                    yield op
                else:
                    stack.append((op, True))
                    stack.extend((i, False) for i in op.inputs if i is not None and id(i) not in done)

    def named(self, *wanted: str) -> Iterator[Op]:
        """The ops with one of these names or node kinds."""
        return (op for op in self if op.name in wanted or op.kind in wanted)

    def site_call(self, op: Op) -> Call | None:
        """The recorded call that an op belongs to: its own, or the nearest one towards the loss."""
        seen, level = {id(op)}, [op]
        while level:
            for one in level:
                if one.call is not None:
                    return one.call
            level = [c for one in level for c in one.consumers if id(c) not in seen and not seen.add(id(c))]  # type: ignore[func-returns-value]
        return None


def _name(call: Call | None) -> str | None:
    if call is None or call.kind not in ("activation", "layer", "norm"):
        return None
    return "conv" if call.name.startswith("conv") else call.name


def sources(op: Op | None, pools: bool = False) -> list[Op]:
    """What ``op``'s first input really is: the ops behind it, through those that only move numbers (and pools, if asked)."""
    return behind(op.inputs[0], pools) if op is not None and op.inputs and op.inputs[0] is not None else []


def behind(op: Op | None, pools: bool = False) -> list[Op]:
    """``op`` itself, or what lies behind it where it only moves numbers."""
    found: list[Op] = []
    seen: set[int] = set()
    waiting = [op]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if one.moves_only or (pools and one.kind in names.POOLS) or _guards(one):
            waiting.extend(one.inputs)
        else:
            found.append(one)
    return found


def moves(op: Op) -> set[str]:
    """The kinds of ops that only move numbers, between ``op``'s first input and what lies behind it."""
    found: set[str] = set()
    waiting = [op.inputs[0]] if op.inputs else []
    while waiting:
        one = waiting.pop()
        if one is not None and one.moves_only and one.kind not in found:
            found.add(one.kind)
            waiting.extend(one.inputs)
    return found


def _guards(op: Op) -> bool:
    """Whether an op clamps what a bounded activation gives, to keep it off 0 or 1."""
    if not op.kind.startswith("Clamp") or not op.inputs:
        return False
    inner = behind(op.inputs[0])
    return bool(inner) and all(s.activation in names.BOUNDED for s in inner)


def ahead(op: Op) -> list[Op]:
    """Who really uses ``op``: its consumers, through those that only move numbers."""
    found: list[Op] = []
    seen: set[int] = set()
    waiting = list(op.consumers)
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if one.moves_only:
            waiting.extend(one.consumers)
        else:
            found.append(one)
    return found
