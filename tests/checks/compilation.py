"""torch.compile, torch.export, torch.jit.trace: one graph, the same numbers."""

from __future__ import annotations

import io
import warnings
from typing import Any

import torch
from torch.jit._trace import TracerWarning

from tests.cases import Case
from tests.checks import near, same

IMAGE = (2, 4, 3, 6)


def compiled_aot_eager(case: Case) -> None:
    """Dynamo and AOTAutograd, forward and backward: the eager numbers; ``fullgraph`` raises where the graph breaks."""
    torch._dynamo.reset()
    leaves = case.tensors(IMAGE, torch.float32, channels=4, grad=True)
    y, expected = torch.compile(case.bound(), fullgraph=True, backend="aot_eager")(*leaves), case(*leaves)
    if case.random:  # compiled code draws other numbers from the same seed: only the positive side is the same
        keep = (leaves[0] > 0).detach()
        y, expected = y[keep], expected[keep]
    near(y.detach(), expected.detach())
    incoming = torch.linspace(-1.0, 1.0, y.numel()).view(y.shape)
    # next to a zero of f' the unit is that of x f'', here below 1: the bar is 2 of them (tests/test_kernel_accuracy.py)
    bar = 2 * 2.0**-24
    near(torch.autograd.grad(y, leaves, incoming), torch.autograd.grad(expected, leaves, incoming), atol=bar)


def compiled_without_grad(case: Case) -> None:
    torch._dynamo.reset()
    tensors = case.tensors(IMAGE, torch.bfloat16, channels=4)
    if not case.random:
        near(torch.compile(case.bound(), fullgraph=True, backend="eager")(*tensors), case(*tensors))


def compiled_module(case: Case) -> None:
    """A module inside a network, compiled whole, and its parameters' gradients."""
    if case.apart or (case.kind == "gated" and case.variant != "default"):
        return
    torch._dynamo.reset()
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), case.module(channels=4))
    x = torch.randn(IMAGE[0], 3, 4, 6)
    y = torch.compile(net, fullgraph=True, backend="aot_eager")(x)
    if not case.random:
        same(y.detach(), net(x).detach(), rtol=1e-6, atol=1e-6)
    y.sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def _exported(case: Case, *, strict: bool) -> None:
    module = case.module(channels=4)
    data = case.data(IMAGE, torch.float32)
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(module, data, strict=strict, dynamic_shapes=tuple({0: batch} for _ in data))
    targets = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    foreign = sorted(t for t in targets if not t.startswith(("aten.", "<built-in", "sym_")))
    assert not foreign, f"not plain torch operations: {foreign}"
    other = case.data((5, *IMAGE[1:]), torch.float32, seed=3)
    if not case.random:
        near(program.module()(*other), module(*other))


def exported(case: Case) -> None:
    """torch.export with a dynamic batch: plain aten operations, the same numbers."""
    _exported(case, strict=False)


def exported_strictly(case: Case) -> None:
    _exported(case, strict=True)


def exported_and_loaded(case: Case) -> None:
    """The exported program is saved, loaded and runs without this library."""
    if case.variant != "default":
        return
    data = case.data(IMAGE, torch.float32)
    module = case.module(channels=4)
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(module, data), buffer)
    buffer.seek(0)
    loaded: Any = torch.export.load(buffer)
    near(loaded.module()(*data), module(*data))


def jit_traced(case: Case) -> None:
    """torch.jit.trace, without gradient as for deployment: the same numbers for other inputs."""
    if case.random:
        return
    module = case.module(channels=4)
    with warnings.catch_warnings():
        # sizes are tensors to the tracer: checking them is a branch that it does not record
        warnings.simplefilter("ignore", TracerWarning)
        traced = torch.jit.trace(module, case.data(IMAGE, torch.float32), check_trace=False)
    other = case.data((3, *IMAGE[1:]), torch.float32, seed=3)
    with torch.no_grad():
        same(traced(*other), module(*other), rtol=1e-6, atol=1e-6)  # its fuser computes in float32
