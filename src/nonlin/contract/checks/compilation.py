"""torch.compile, torch.export, torch.jit.trace: one graph, the same numbers."""

from __future__ import annotations

import io
import warnings
from typing import Any

import torch
from torch.jit._trace import TracerWarning

from nonlin.builders.classes import Function
from nonlin.contract.case import Case
from nonlin.contract.expect import applies, near, same


def compiled_aot_eager(case: Case) -> None:
    """Dynamo and AOTAutograd, forward and backward: the eager numbers; ``fullgraph`` raises where the graph breaks."""
    torch._dynamo.reset()
    leaves = case.tensors(case.image, torch.float32, channels=4, grad=True)
    expected = case(*leaves)
    y = torch.compile(case.bound(), fullgraph=True, backend="aot_eager")(*leaves)
    if case.random:  # compiled code draws other numbers from the same seed: only the positive side is the same
        keep = (leaves[0] > 0).detach()
        y, expected = y[keep], expected[keep]
    near(y.detach(), expected.detach())
    incoming = torch.linspace(-1.0, 1.0, y.numel()).view(y.shape).to(y.dtype)
    # next to a zero of f' the unit is that of x f'', here below 1: the bar is 2 of them, for each element of a sum
    found, eager = (torch.autograd.grad(result, leaves, incoming) for result in (y, expected))
    for ours, theirs, leaf in zip(found, eager, leaves, strict=True):
        near(ours, theirs, atol=2 * 2.0**-24 * max(1, y.numel() // max(1, leaf.numel())))


def compiled_without_grad(case: Case) -> None:
    applies(not case.random, "two draws differ")
    torch._dynamo.reset()
    tensors = case.tensors(case.image, torch.bfloat16, channels=4)
    expected = case(*tensors)
    near(torch.compile(case.bound(), fullgraph=True, backend="eager")(*tensors), expected)


def compiled_module(case: Case) -> None:
    """A module inside a network, compiled whole, and its parameters' gradients."""
    applies(not case.apart, "a network of one tensor feeds it packed")
    applies(case.variant != "first_half", "the default half is compiled")
    applies(case.kind != "complex", "a linear layer feeds it real numbers")
    torch._dynamo.reset()
    (x,) = case.data(case.image, torch.float32)
    net = torch.nn.Sequential(torch.nn.Linear(x.shape[-1], x.shape[-1]), case.module(channels=4))
    y = torch.compile(net, fullgraph=True, backend="aot_eager")(x)
    if not case.random:
        same(y.detach(), net(x).detach(), rtol=1e-6, atol=1e-6)
    reached = torch.autograd.grad(net(x).sum(), list(net.parameters()), allow_unused=True)
    y.sum().backward()
    without = [
        n for (n, p), grad in zip(net.named_parameters(), reached, strict=True) if p.grad is None and grad is not None
    ]
    assert not without, f"no gradient reaches {without}"


def _exported(case: Case, *, strict: bool) -> None:
    module = case.module(channels=4)
    data = case.data(case.image, torch.float32)
    free = case.shape is None and not isinstance(module, Function)  # whose arguments have no names
    batch = {0: torch.export.Dim("batch", min=1, max=64)}
    shapes = tuple(batch for _ in data) if free else None
    program = torch.export.export(module, data, strict=strict, dynamic_shapes=shapes)
    targets = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    foreign = sorted(t for t in targets if not t.startswith(("aten.", "<built-in", "sym_")))
    assert not foreign, f"not plain torch operations: {foreign}"
    other = case.data((5, *case.image[1:]) if free else case.image, torch.float32, seed=3)
    if not case.random:
        near(program.module()(*other), module(*other))


def exported(case: Case) -> None:
    """torch.export with a dynamic batch: plain aten operations, the same numbers."""
    _exported(case, strict=False)


def exported_strictly(case: Case) -> None:
    _exported(case, strict=True)


def exported_and_loaded(case: Case) -> None:
    """The exported program is saved, loaded and runs without this library."""
    applies(case.variant == "default", "saving a graph does not depend on its arguments")
    applies(not case.random, "two draws differ")
    data = case.data(case.image, torch.float32)
    module = case.module(channels=4)
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(module, data), buffer)
    buffer.seek(0)
    loaded: Any = torch.export.load(buffer)
    near(loaded.module()(*data), module(*data))


def jit_traced(case: Case) -> None:
    """torch.jit.trace, without gradient as for deployment: the same numbers for other inputs."""
    applies(not case.random, "two draws differ")
    module = case.module(channels=4)
    with warnings.catch_warnings():
        # sizes are tensors to the tracer: checking them is a branch that it does not record
        warnings.simplefilter("ignore", TracerWarning)
        traced = torch.jit.trace(module, case.data(case.image, torch.float32), check_trace=False)
    other = case.data((3, *case.image[1:]) if case.shape is None else case.image, torch.float32, seed=3)
    with torch.no_grad():
        same(traced(*other), module(*other), rtol=1e-6, atol=1e-6)  # its fuser computes in float32
