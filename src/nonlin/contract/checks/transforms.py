"""torch.func: every transform gives what the eager derivatives give, which gradcheck compares with finite differences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, func, nn
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, vmap
from torch.fx.experimental.proxy_tensor import make_fx

from nonlin.contract.case import Case
from nonlin.contract.expect import applies, near, same

# two orders of summation, and second derivatives in float64
CLOSE = {"rtol": 1e-10, "atol": 1e-10}

COMPLEX = "torch.func has no Jacobians of complex numbers"
LAYER_NORM = "torch's LayerNorm inside: the derivative of its tangent is wrong in torch"

Function = Callable[[Tensor], Tensor]


def _of_input(case: Case) -> tuple[Function, Tensor]:
    """The case as a function of its first argument, and that argument."""
    first, *rest = case.tensors()
    return lambda x: case(x, *rest), first


def _weights(like: Tensor) -> Tensor:
    return torch.linspace(-1.0, 1.0, like.numel(), dtype=like.dtype).view(like.shape)


def _scalar(function: Function) -> Function:
    """A number that depends on every output, not linearly."""

    def scalar(x: Tensor) -> Tensor:
        y = function(x)
        y = torch.view_as_real(y) if y.is_complex() else y
        return (y * _weights(y)).sum() + 0.5 * y.square().sum()

    return scalar


def _eager_gradient(function: Function, x: Tensor) -> Tensor:
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(_scalar(function)(leaf), leaf)[0]


def _eager_hessian(function: Function, x: Tensor) -> Tensor:
    leaf = x.detach().requires_grad_()
    (first,) = torch.autograd.grad(_scalar(function)(leaf), leaf, create_graph=True)
    rows = [torch.autograd.grad(entry, leaf, retain_graph=True)[0] for entry in first.flatten()]
    return torch.stack(rows).view(*x.shape, *x.shape)


def _one_place(x: Tensor, jacobian: Tensor) -> float:
    """What moving x by one unit in its last place does at most: a kernel and the composite may round inside a sine."""
    return torch.finfo(x.dtype).eps * float(x.detach().abs().max()) * float(jacobian.detach().abs().max())


def func_jvp(case: Case) -> None:
    """jvp: value and tangent; the tangent is the Jacobian times the direction."""
    applies(case.kind != "complex", COMPLEX)
    function, x = _of_input(case)
    direction = _weights(x)
    value, tangent, *_ = func.jvp(function, (x,), (direction,))
    jacobian = torch.autograd.functional.jacobian(function, x)
    near(value, function(x), atol=_one_place(x, jacobian))
    same(tangent, torch.tensordot(jacobian, direction, dims=x.ndim), **CLOSE)


def func_jvp_of_all(case: Case) -> None:
    """jvp in all arguments at once: gate and value, input and learned parameters."""
    tensors = case.tensors()
    directions = tuple(_weights(t) if t.numel() > 1 else torch.ones_like(t) for t in tensors)
    _, tangent, *_ = func.jvp(case, tensors, directions)
    _, expected = torch.autograd.functional.jvp(case, tensors, directions)
    same(tangent, expected, **CLOSE)


def func_vjp(case: Case) -> None:
    """vjp: value, and the gradient of every argument."""
    applies(case.kind != "complex", COMPLEX)
    tensors = case.tensors(grad=True)
    value, pull, *_ = func.vjp(case, *(t.detach() for t in tensors))
    jacobian = torch.autograd.functional.jacobian(lambda x: case(x, *tensors[1:]), tensors[0])
    near(value, case(*tensors).detach(), atol=_one_place(tensors[0], jacobian))
    weights = _weights(value)
    same(pull(weights), torch.autograd.grad(case(*tensors), tensors, weights), **CLOSE)


def func_grad(case: Case) -> None:
    function, x = _of_input(case)
    same(grad(_scalar(function))(x), _eager_gradient(function, x), **CLOSE)


def func_hessian(case: Case) -> None:
    """hessian is jacfwd of jacrev."""
    applies(case.kind != "complex", COMPLEX)
    function, x = _of_input(case)
    double = jacfwd(jacrev(_scalar(function)), randomness="same") if case.random else hessian(_scalar(function))
    same(double(x), _eager_hessian(function, x), **CLOSE)


def func_jacfwd_of_jacfwd(case: Case) -> None:
    applies(case.kind != "complex", COMPLEX)
    applies(not any(isinstance(layer, nn.LayerNorm) for layer in case.layers), LAYER_NORM)
    applies(not case.estimated, "the tangent of a gradient that is declared has no tangent")
    function, x = _of_input(case)
    inner = jacfwd(_scalar(function), randomness="same")
    same(jacfwd(inner, randomness="same")(x), _eager_hessian(function, x), **CLOSE)


def func_jacrev_of_jacrev(case: Case) -> None:
    applies(case.kind != "complex", COMPLEX)
    function, x = _of_input(case)
    same(jacrev(jacrev(_scalar(function)))(x), _eager_hessian(function, x), **CLOSE)


def func_jacrev_of_jacfwd(case: Case) -> None:
    applies(case.kind != "complex", COMPLEX)
    applies(not any(isinstance(layer, nn.LayerNorm) for layer in case.layers), LAYER_NORM)
    function, x = _of_input(case)
    same(jacrev(jacfwd(_scalar(function), randomness="same"))(x), _eager_hessian(function, x), **CLOSE)


def func_vmap(case: Case) -> None:
    """vmap over a new dimension, wherever it stands, equals a loop."""
    samples = [case.data(dtype=torch.float32, seed=seed) for seed in range(3)]
    learned = case.learned(torch.float32)
    looped = torch.stack([case(*sample, *learned) for sample in samples])
    for dim in (0, 1, samples[0][0].ndim):
        stacked = [torch.stack(tensors, dim) for tensors in zip(*samples, strict=True)]
        mapped = vmap(case, in_dims=(*[dim] * len(stacked), *[None] * len(learned)), randomness="same")(
            *stacked, *learned
        )
        near(mapped, looped, layers=bool(case.layers))


def func_vmap_of_vmap(case: Case) -> None:
    learned = case.learned(torch.float32)
    drawn = [case.data(case.small, torch.float32, seed=seed) for seed in range(6)]
    data = [torch.stack(tensors).view(2, 3, *case.small) for tensors in zip(*drawn, strict=True)]

    def inner(*tensors: Tensor) -> Tensor:
        return case(*tensors, *learned)

    mapped = vmap(vmap(inner, randomness="same"), randomness="same")(*data)
    looped = torch.stack([torch.stack([inner(*(t[i, j] for t in data)) for j in range(3)]) for i in range(2)])
    near(mapped, looped, layers=bool(case.layers))


def func_vmap_of_grad(case: Case) -> None:
    """Gradients per sample."""
    function, x = _of_input(case)
    batch = torch.stack([x, x * 0.9, x + 0.01])
    mapped = vmap(grad(_scalar(function)), randomness="same")(batch)
    same(mapped, torch.stack([_eager_gradient(function, row) for row in batch]), **CLOSE)


def func_grad_of_vmap(case: Case) -> None:
    function, x = _of_input(case)
    batch = torch.stack([x, x * 0.9, x + 0.01])
    mapped = grad(lambda b: vmap(_scalar(function), randomness="same")(b).sum())(batch)
    same(mapped, torch.stack([_eager_gradient(function, row) for row in batch]), **CLOSE)


def func_vmap_over_parameters(case: Case) -> None:
    """An ensemble: one set of learned parameters a member; where nothing is learned, of inputs."""
    data, learned = case.data(), case.learned(channels=3)
    applies(learned, "nothing is learned")
    stacked = tuple(torch.stack([p, p + 0.25]) for p in learned)
    mapped = vmap(partial(case, *data))(*stacked)
    looped = torch.stack([case(*data, *(p[i] for p in stacked)) for i in range(2)])
    near(mapped, looped, atol=1e-15)  # next to a zero of f a composite and a kernel lose digits each in its own way


def func_of_module(case: Case) -> None:
    """functional_call under grad: gradients of a module's parameters and of its input."""
    module = case.module(channels=3).double()
    data = case.data()
    parameters = {name: p.detach() for name, p in module.named_parameters()}

    def loss(parameters: dict[str, Tensor], *data: Tensor) -> Tensor:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            value: Tensor = functional_call(module, parameters, data)
        return case.total(value * value)

    by_parameter, by_input = grad(loss, argnums=(0, 1))(parameters, *data)
    leaves = [t.clone().requires_grad_() for t in data]
    expected = torch.autograd.grad(
        loss(dict(module.named_parameters()), *leaves), [*module.parameters(), leaves[0]], materialize_grads=True
    )
    same(by_input, expected[-1], **CLOSE)
    same(list(by_parameter.values()), list(expected[:-1]), **CLOSE)


def traced_by_make_fx(case: Case) -> None:
    """make_fx: the value and the gradient as one graph of plain operations with the same numbers."""
    applies(not case.random, "a traced seed would be the same number at every call")
    tensors = case.tensors()
    others = tuple(t * 0.75 + 0.1 for t in tensors)
    same(make_fx(case)(*tensors)(*others), case(*others), **CLOSE)

    def gradient(first: Tensor, *rest: Tensor) -> Tensor:
        result: Tensor = grad(_scalar(lambda x: case(x, *rest)))(first)
        return result

    same(make_fx(gradient)(*tensors)(*others), gradient(*others), **CLOSE)
