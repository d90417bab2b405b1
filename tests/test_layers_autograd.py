"""GatedMLP and ActLinear under whatever asks for a gradient: higher orders, autocast, transforms, compilers, threads."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, jvp, vmap
from torch.utils.checkpoint import checkpoint

import nonlin
from nonlin.contract.expect import same
from tests.layers import BOTH, composed, mlp, recomputes, results


@BOTH
def test_gradients_of_every_order(make: Callable[..., nn.Module]) -> None:
    layer = make(bias=True, gate="mish", dtype=torch.float64)
    x = torch.randn(2, 3, 16, dtype=torch.float64)
    names = [name for name, _ in layer.named_parameters()]

    def run(x: Tensor, *parameters: Tensor) -> Tensor:
        return functional_call(layer, dict(zip(names, parameters, strict=True)), (x,))  # type: ignore[no-any-return]

    leaves = [t.detach().clone().requires_grad_() for t in (x, *layer.parameters())]
    assert recomputes(run(*leaves))
    assert torch.autograd.gradcheck(run, leaves, fast_mode=True, check_forward_ad=True, check_batched_grad=True)
    assert torch.autograd.gradgradcheck(run, leaves, fast_mode=True)


@pytest.mark.parametrize("gate", ["prelu", "silu"])
def test_second_derivatives_are_those_composed(gate: str) -> None:
    layer = mlp(gate=gate, bias=True, dtype=torch.float64)
    x = torch.randn(3, 16, dtype=torch.float64)

    def second(layer: nn.Module) -> tuple[Tensor, ...]:
        leaves = [x.clone().requires_grad_(), *layer.parameters()]
        first = torch.autograd.grad(layer(leaves[0]).square().sum(), leaves, create_graph=True)
        return torch.autograd.grad([g.square().sum() for g in first], leaves)

    same(second(layer), second(composed(layer)), rtol=1e-10, atol=1e-10)


@BOTH
@pytest.mark.parametrize("gate", ["silu", "prelu", "softplus"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64], ids=str)
def test_autocast(make: Callable[..., nn.Module], gate: str, dtype: torch.dtype) -> None:
    layer = make(gate=gate, bias=True, dtype=dtype)
    x = torch.randn(3, 16).to(dtype)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
        inside = results(layer, x)
        expected = results(composed(layer), x)
    assert recomputes(y)
    assert y.dtype is (torch.float64 if dtype is torch.float64 else torch.bfloat16)
    same(inside, expected)


def test_a_backward_computes_as_its_forward_did() -> None:
    """Under autocast, the backward of a step that was computed without it."""
    layer = nonlin.ActLinear(16, 4, "gelu")
    x = torch.randn(3, 16, requires_grad=True)
    y, twin = layer(x), composed(layer)
    with torch.autocast("cpu", torch.bfloat16):
        found = torch.autograd.grad(y.sum(), [x, *layer.parameters()])
    same(found, torch.autograd.grad(twin(x).sum(), [x, *twin.parameters()]))


def test_autocast_outside_the_backward() -> None:
    """The usual way, and float32 pre-activations under autocast: torch's linear casts what the activation gives."""
    for layer in (nonlin.ActLinear(16, 4, "gelu"), nonlin.ActLinear(16, 4, nn.PReLU)):
        x = torch.randn(3, 16)
        found = []
        for one in (layer, composed(layer)):
            leaf = x.clone().requires_grad_()
            with torch.autocast("cpu", torch.bfloat16):
                y = one(leaf)
            found.append([y, *torch.autograd.grad(y.float().square().sum(), [leaf, *one.parameters()])])
        same(found[0], found[1])


def test_autocast_keeps_no_cast_without_a_graph() -> None:
    """Autocast gives a cast weight out again: to a composed call after a recomputed one, too, and that must learn."""
    layer = nonlin.ActLinear(16, 4, "gelu")
    x = torch.randn(3, 16, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        layer(x)
        y = layer.linear(layer.act(x))
    (found,) = torch.autograd.grad(y.sum(), [layer.linear.weight])
    assert bool(found.any())


@BOTH
def test_transforms(make: Callable[..., nn.Module]) -> None:
    layer = make(bias=True, dtype=torch.float64)
    x, t = torch.randn(3, 16, dtype=torch.float64), torch.randn(3, 16, dtype=torch.float64)
    same(vmap(layer)(x), layer(x), rtol=1e-12, atol=1e-13)
    _, tangent, *_ = jvp(layer, (x,), (t,))
    _, expected = torch.autograd.functional.jvp(layer, x, t)
    same(tangent, expected, rtol=1e-10, atol=1e-12)
    parameters = {name: p.detach() for name, p in layer.named_parameters()}

    def loss(parameters: dict[str, Tensor], x: Tensor) -> Tensor:
        return functional_call(layer, parameters, (x,)).square().sum()  # type: ignore[no-any-return]

    by_sample = vmap(torch.func.grad(loss), in_dims=(None, 0))(parameters, x)
    whole = torch.autograd.grad(layer(x).square().sum(), list(layer.parameters()))
    same([g.sum(0) for g in by_sample.values()], list(whole), rtol=1e-10, atol=1e-12)


@BOTH
def test_batched_gradients(make: Callable[..., nn.Module]) -> None:
    """A Jacobian whose rows are computed at once is the one whose rows are computed one by one."""
    layer = make(dtype=torch.float64)
    x = torch.randn(2, 16, dtype=torch.float64)
    at_once = torch.autograd.functional.jacobian(layer, x, vectorize=True)
    same(at_once, torch.autograd.functional.jacobian(layer, x), rtol=1e-10, atol=1e-12)


def test_functional_call_differentiates_what_was_given() -> None:
    """A gate's parameters that were swapped in for the call are those of the backward."""
    layer = mlp(gate="prelu")
    own = dict(layer.named_parameters())
    given = {name: (p.detach() * 2).requires_grad_() for name, p in own.items()}
    x = torch.randn(3, 16)
    y = functional_call(layer, given, (x,))
    found = torch.autograd.grad(y.sum(), list(given.values()))
    twin = composed(layer)
    twin.load_state_dict({name: p.detach() for name, p in given.items()})
    same(list(found), list(torch.autograd.grad(twin(x).sum(), list(twin.parameters()))))


@BOTH
@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compiles_whole(make: Callable[..., nn.Module], backend: str) -> None:
    layer = make(gate="gelu", bias=True)
    x = torch.randn(3, 16)
    torch._dynamo.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        compiled: nn.Module = torch.compile(layer, backend=backend, fullgraph=True)  # type: ignore[assignment]
        same(results(compiled, x), results(layer, x), rtol=1e-5, atol=1e-5)


@BOTH
def test_exports(make: Callable[..., nn.Module]) -> None:
    layer = make(gate="gelu")
    batch = torch.export.Dim("batch", min=2)
    program = torch.export.export(layer, (torch.randn(3, 16),), dynamic_shapes=({0: batch},))
    x = torch.randn(5, 16)
    same(program.module()(x), layer(x), rtol=1e-5, atol=1e-6)


@BOTH
@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpoint(make: Callable[..., nn.Module], reentrant: bool) -> None:
    layer = make(gate="prelu")
    x = torch.randn(3, 16, requires_grad=True)
    wanted = list(layer.parameters())

    def gradients(run: Callable[[], Tensor]) -> list[Tensor | None]:
        layer.zero_grad()
        run().square().sum().backward()
        return [p.grad for p in wanted]

    plain = gradients(lambda: layer(x))
    same(gradients(lambda: checkpoint(layer, x, use_reentrant=reentrant)), plain)


@BOTH
def test_twice_and_in_threads(make: Callable[..., nn.Module]) -> None:
    """A graph gives the same gradients again; threads that share a layer do not disturb each other."""
    layer = make(gate="prelu")
    x = torch.randn(64, 16)
    y = layer(x).square().sum()
    wanted = list(layer.parameters())
    same(torch.autograd.grad(y, wanted, retain_graph=True), torch.autograd.grad(y, wanted))
    expected = results(layer, x)
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda _: results(layer, x), range(60)):
            same(found, expected)


def test_an_overwritten_input_is_noticed() -> None:
    z = torch.randn(3, 16, requires_grad=True)
    copied = z.clone()
    y = nonlin.ActLinear(16, 4)(copied)
    copied.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_numbers_changed_before_the_backward_do_not_reach_it() -> None:
    layer = nonlin.ActLinear(4, 4, act="leaky_relu(0.1)")
    x = torch.randn(2, 4)
    layer(x).sum().backward()
    assert layer.linear.weight.grad is not None
    expected = layer.linear.weight.grad.clone()
    layer.zero_grad()
    y = layer(x)
    layer.act.negative_slope = 0.9  # type: ignore[assignment]
    y.sum().backward()
    assert torch.equal(layer.linear.weight.grad, expected)
