"""torch.compile beyond the contract: inductor, dynamic shapes, first calls, tensor parameters."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import nonlin
from nonlin.contract.case import IMAGE, Case
from nonlin.contract.expect import near, same
from tests.catalogue import DEFAULTS

KINDS = sorted({case.kind for case in DEFAULTS})


def _together(kind: str) -> tuple[list[Case], list[Tensor]]:
    """All activations of a kind and one input of each, to compile as one graph."""
    chosen: list[Case] = [case for case in DEFAULTS if case.kind == kind]
    return chosen, [t for case in chosen for t in case.tensors(IMAGE, torch.float32, channels=4, grad=True)]


@pytest.mark.skipif(shutil.which("g++") is None, reason="inductor compiles C++: no g++ on this machine")
@pytest.mark.parametrize("kind", KINDS)
def test_inductor(kind: str) -> None:
    """Inductor, forward and backward: every activation of a kind in one graph, to float32's last digits."""
    torch._dynamo.reset()
    chosen, leaves = _together(kind)
    beside_zero = (
        1e-7 if kind == "rowwise" else 1e-30
    )  # a row's gradient is a difference, g - mean: next to 0 its digits are gone
    calls = [(case.bound(), len(case.tensors())) for case in chosen]

    def all_of_them(*tensors: Tensor) -> list[Tensor]:
        given, results = list(tensors), []
        for call, count in calls:
            results.append(call(*given[:count]))
            given = given[count:]
        return results

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # inductor's own, of its own imports
        compiled = torch.compile(all_of_them, fullgraph=True)(*leaves)
        gradients = torch.autograd.grad([y.square().sum() for y in compiled], leaves)
    expected = all_of_them(*leaves)
    for y, e in zip(compiled, expected, strict=True):
        same(
            y, e, rtol=1e-6, atol=1e-7 if (e < 0).all() else 1e-30
        )  # its own logarithm loses digits of what is next to 0
    for g, e in zip(gradients, torch.autograd.grad([y.square().sum() for y in expected], leaves), strict=True):
        same(g, e, rtol=3e-6, atol=beside_zero)


@pytest.mark.parametrize("kind", KINDS)
def test_dynamic_shapes(kind: str) -> None:
    """One graph for all sizes."""
    torch._dynamo.reset()
    case = next(case for case in DEFAULTS if case.kind == kind)
    graphs = []

    def backend(graph: torch.fx.GraphModule, _: object) -> Callable[..., Any]:
        graphs.append(graph)
        return graph.forward

    compiled = torch.compile(case.bound(), fullgraph=True, dynamic=True, backend=backend)
    for size in (6, 8, 12):
        tensors = case.tensors((5, 4, 3, size), torch.float32)
        near(compiled(*tensors), case(*tensors))
    assert len(graphs) == 1


@pytest.mark.parametrize(
    "call",
    ["nonlin.functional.mish(x)", "nonlin.GLU(gate='leaky_relu(0.2)')(x)", "nonlin.get('softplus')(x)"],
)
def test_first_call_is_a_compiled_one(call: str) -> None:
    """In a fresh process, where nothing is built yet, a function is found and built while Dynamo traces."""
    code = f"""
import torch, nonlin
model = nonlin.GLU(gate='leaky_relu(0.2)'); made = nonlin.get('softplus')
x = torch.linspace(-2, 2, 8, requires_grad=True)
f = lambda x: {call.replace("nonlin.GLU(gate='leaky_relu(0.2)')", "model").replace("nonlin.get('softplus')", "made")}
y = torch.compile(f, fullgraph=True, backend="aot_eager")(x)
y.sum().backward()
torch.testing.assert_close(y, f(x))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


def test_tensor_parameter_under_compile() -> None:
    """A parameter given as a tensor that needs a gradient gets it from the compiled graph too."""
    slope = torch.tensor(0.3, requires_grad=True)
    x = torch.tensor([-2.0, 1.0], requires_grad=True)
    y = torch.compile(nonlin.functional.leaky_relu, fullgraph=True, backend="aot_eager")(x, slope)
    same(
        torch.autograd.grad(y.sum(), (x, slope)),
        torch.autograd.grad(nonlin.functional.leaky_relu(x, slope).sum(), (x, slope)),
    )
