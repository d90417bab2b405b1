"""Layers with nothing non-linear between them, and rectifiers that do nothing: S01, S03, S04."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from nonlin.doctor.case import Case, bounds
from nonlin.doctor.finding import Finding, Remedy, plain, rule
from nonlin.doctor.flow import Op, ahead, behind
from nonlin.doctor.rules.logits import named, pictured, removed, shown, the_calls


def data(op: Op) -> Op | None:
    """The input of a layer's node that carries data: neither weight nor bias."""
    for given in op.inputs:
        if given is not None and any(s.parameter is None for s in behind(given)):
            return given
    return None


def weight(op: Op) -> Tensor | None:
    """The layer's weight as (outputs, inputs, ...): the parameter of at least two axes among its inputs, or its module's."""
    for given in op.inputs:
        for leaf in behind(given):
            if leaf.parameter is not None and leaf.parameter.ndim >= 2:
                straight = given is leaf and op.kind in ("Addmm", "Mm")  # multiplied as it is: (inputs, outputs)
                return leaf.parameter.t() if straight else leaf.parameter  # type: ignore[no-any-return]
    found = getattr(op.call.owner, "weight", None) if op.call is not None else None
    return found if isinstance(found, Tensor) and found.ndim >= 2 else None


@rule("S01", "two layers with nothing between", "warning", needs=("graph",))
def linear_linear(case: Case) -> Iterator[Finding]:
    """A linear layer or convolution is fed by another with nothing between but moves and dropout, and algebra says that the two save
    nothing: one layer of no more parameters computes all that they can. Exempt by that algebra, not by name: a hidden width under both
    ends (low rank), factorised, grouped and separable convolutions; also a norm between, shared weights, frozen layers, an output
    that is used elsewhere too, a linear layer spread out into an image. A note where the hidden width is no more than the narrower end's, as
    a projection's is."""
    for op in case.flow:
        if op.name not in ("linear", "conv"):
            continue
        given = data(op)
        inner = behind(given) if given is not None else []
        if len(inner) != 1 or inner[0].name not in ("linear", "conv") or inner[0] is op:
            continue
        first = inner[0]
        if (
            len(ahead(first)) != 1
            or case.is_output(first)
            or not _saves_nothing(first, op)
            or _shared(case, first)
            or _shared(case, op)
        ):
            continue
        calls = the_calls(case, [first, op])
        if len(calls) < 2:
            continue
        inside, hidden, out = _fan(first)[0], _fan(first)[1], _fan(op)[1]
        yield Finding(
            "warning" if hidden > min(inside, out) else "note",
            f"{shown_layer(calls[0])} feeds {shown_layer(calls[1])} with no activation between ({inside}-{hidden}-{out}): "
            "together they are one linear map",
            f"put an activation between {calls[0].path or calls[0].spelling} and {calls[1].path or calls[1].spelling}, or keep one of the two",
            calls,
            numbers={"inputs": inside, "hidden": hidden, "outputs": out},
            remedy=Remedy((calls[1],), _activated, "add an activation"),
        )


def shown_layer(call: Any) -> str:
    return f"{call.path} ({call.module})" if call.path else call.spelling


def _activated(func: Any) -> Any:
    return lambda x, *args, **kwargs: func(nn.functional.relu(x), *args, **kwargs)


def _fan(op: Op) -> tuple[int, int]:
    """(inputs of one output, outputs): channels times kernel for a convolution."""
    w = weight(op)
    if w is None:
        return 0, 0
    if op.call is not None and "transpose" in op.call.name:
        return int(w.shape[0]), int(w.shape[1])
    return int(w.shape[1] * math.prod(w.shape[2:])), int(w.shape[0])


def _saves_nothing(first: Op, second: Op) -> bool:
    w1, w2 = weight(first), weight(second)
    if w1 is None or w2 is None or not (w1.requires_grad and w2.requires_grad):
        return False
    calls = (first.call, second.call)
    if any(c is not None and "transpose" in c.name for c in calls) or (first.name, second.name) == ("linear", "conv"):
        return False
    if any(getattr(c.owner, "groups", 1) != 1 for c in calls if c is not None) or any(
        op.saved("groups") not in (None, 1) for op in (first, second)
    ):
        return False
    inside, hidden = int(w1.shape[1]), int(w1.shape[0])
    out = int(w2.shape[0])
    if first.name == "linear" and second.name == "linear":
        return hidden == int(w2.shape[1]) and hidden >= min(inside, out)
    kernel1, kernel2 = math.prod(w1.shape[2:]), math.prod(w2.shape[2:])
    if second.name == "linear":
        return _flattened(first, second)
    if hidden < min(inside * kernel1, out):
        return False
    stride = getattr(calls[0].owner, "stride", 1) if calls[0] is not None else 1
    strides = stride if isinstance(stride, tuple) else (stride,) * (w1.ndim - 2)
    reach = math.prod(k1 + (k2 - 1) * s for k1, k2, s in zip(w1.shape[2:], w2.shape[2:], strides, strict=False))
    return inside * hidden * kernel1 + hidden * out * kernel2 >= inside * out * reach


def _flattened(conv: Op, linear: Op) -> bool:
    """A convolution flattened into a linear layer, with no fewer numbers between than come in: the linear layer alone could do it."""
    call = conv.call
    if call is None or len(call.shape_in) < 3 or len(call.shape_out) < 3:
        return False
    w = weight(linear)
    between = math.prod(call.shape_out[1:])
    return w is not None and int(w.shape[1]) == between and between >= math.prod(call.shape_in[1:])


def _shared(case: Case, op: Op) -> bool:
    """Whether the layer's weight is used elsewhere too: tied weights, a layer applied again."""
    for given in op.inputs:
        for leaf in behind(given):
            if leaf.parameter is not None and leaf.parameter.ndim >= 2 and len(leaf.consumers) > 1:
                return True
    return False


@rule("S03", "rectifier of what is not negative", "note", needs=("graph",))
def relu_of_relu(case: Case) -> Iterator[Finding]:
    """A ReLU is applied to the output of an activation that is never negative: it changes nothing."""
    for op in case.flow:
        if op.activation != "relu":
            continue
        inner = behind(op.inputs[0]) if op.inputs else []
        if inner and all(s.activation is not None and (b := bounds(s)) is not None and b[0] >= 0 for s in inner):
            calls = the_calls(case, [op])
            yield Finding(
                "note",
                f"relu is applied to the output of {inner[0].activation}, which is never negative: it changes nothing",
                f"remove {named(calls)}",
                (*calls, *the_calls(case, inner)),
                remedy=removed(calls),
            )


@rule("S04", "softmax as a hidden activation", "warning", needs=("graph",))
def hidden_softmax(case: Case) -> Iterator[Finding]:
    """A softmax over the features goes straight into a linear layer or convolution, as an activation between two layers. Its outputs sum to
    1, so a wide layer's are tiny and its units compete. Weights of an attention go into a product with values, or are mixed over heads;
    routers pick; a last layer without bias, or a frozen one, mixes rows by weights (topics, embeddings, bins): none is reported."""
    for op in case.flow:
        if op.activation != "softmax" or op.call is None:
            continue
        users = ahead(op)
        if any(_mixes(case, u) for u in users):
            continue
        if not users or not all(
            u.name in ("linear", "conv") and u.call is not None and u.call.kind == "layer" for u in users
        ):
            continue
        features = len(op.call.shape_in) - 1 if users[0].name == "linear" else 1
        if op.call.arguments.get("dim") != features or _permuted(op):
            continue
        width = op.call.shape_in[features]
        calls = (op.call,)
        yield Finding(
            "warning",
            f"{shown(op.call)} is used as a hidden activation over {width} features: they share a sum of 1, {plain(1 / width)} each on average",
            f"use relu or gelu in the place of {shown(op.call)}",
            calls,
            numbers={"width": width},
            picture=pictured(calls, "outputs of the softmax", "value"),
            remedy=Remedy(calls, _relu, "relu"),
        )


def _mixes(case: Case, layer: Op) -> bool:
    """Whether a layer mixes learned or given rows by weights: it is frozen, or has no bias and is the last layer."""
    owner = layer.call.owner if layer.call is not None else None
    w = weight(layer)
    if w is not None and not w.requires_grad:
        return True
    waiting, seen = list(layer.consumers), set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            if one.name in ("linear", "conv"):
                return False
            waiting.extend(one.consumers)
    return getattr(owner, "bias", True) is None


def _permuted(op: Op) -> bool:
    return any(c.kind in ("Permute", "Transpose", "T", "Movedim") for c in op.consumers)


def _relu(func: Any) -> Any:
    return lambda x, *_, **__: nn.functional.relu(x)
