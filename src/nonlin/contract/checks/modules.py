"""Modules: the same numbers as the function, its text and attributes, threads, tensor subclasses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

from nonlin.builders import signatures
from nonlin.contract.case import Case
from nonlin.contract.declared import Declared
from nonlin.contract.expect import applies, near, same
from nonlin.contract.given import Given, written_arguments


def _run(module: nn.Module, *data: Tensor) -> Tensor:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        value: Tensor = module(*data)
    return value


def module_is_function(case: Case) -> None:
    """The module computes what the function computes with the same arguments; calling it changes nothing in it."""
    module, data = case.module(channels=4), case.data(case.image, torch.float32)
    learned = tuple(module.get_parameter(name).detach() for name in case.learns)
    if isinstance(case, Given) and case.own and case.activation is not None and case.activation.rule:
        assert case.function is not None
        with torch.random.fork_rng():
            torch.manual_seed(0)
            expected = case.function(data[0], **written_arguments(case, data[0])).detach()
    else:
        expected = case(*data, *learned)
    same(_run(module, *data).detach(), expected)
    same(_run(module, *data).detach(), expected)


def printed(case: Case) -> None:
    """The text of a module names every number given to it, and nonlin.get reads it back."""
    applies(isinstance(case, Declared), "promised of formulas")
    assert isinstance(case, Declared)
    text = repr(case.module())
    assert text.startswith(case.activation.title + "(")
    for name, value in case.parameters.items():
        shown = next(
            (p.argument or p.name) if p.learnable else p.name for p in case.activation.parameters if p.name == name
        )
        assert f"{shown}={value}" in text


def attributes(case: Case) -> None:
    """Every argument of a module is its attribute of that name."""
    applies(case.own and case.activation is not None, "promised of this library's modules")
    assert case.activation is not None
    module = case.module()
    for argument in signatures.module(case.activation):
        assert argument.name in ("device", "dtype") or hasattr(module, argument.name)


def threads(case: Case) -> None:
    """Eight threads at once, each with a backward of its own, get the numbers of one."""
    applies(not case.random, "the seed is shared by all threads")
    data, learned = case.data(case.image, torch.float32), case.learned(torch.float32, channels=4, grad=True)
    call: Callable[..., Tensor] = case
    if isinstance(case, Given):  # torch's functional_call would swap the parameters of one module in all threads
        module = case.module()
        call, learned = module, tuple(module.get_parameter(name) for name in case.learns)

    def work(_: int) -> tuple[Tensor, ...]:
        leaves = [*(t.clone().requires_grad_() for t in data), *learned]
        y = call(*leaves[: len(data)]) if isinstance(case, Given) else call(*leaves)
        return (y.detach(), *torch.autograd.grad(y.abs().square().sum(), leaves))

    expected = work(0)
    with ThreadPoolExecutor(8) as pool:
        for result in pool.map(work, range(16)):
            same(result, expected)


class Marked(Tensor):
    """A subclass that carries nothing: results of torch functions on it are again of it."""


def subclasses(case: Case) -> None:
    """A tensor subclass comes out where one went in; an nn.Parameter gives an ordinary tensor."""
    tensors = case.tensors(case.image, torch.float32, channels=4)
    expected = case(*tensors)
    marked = case(*(t.as_subclass(Marked) for t in tensors))
    assert type(marked) is Marked
    near(marked.as_subclass(Tensor), expected)  # by the composite: a kernel would lose the subclass
    parameters = tuple(nn.Parameter(t) for t in tensors)
    y = case(*parameters)
    assert y is parameters[0] or type(y) is Tensor  # the identity's output is its input
    case.total(y).backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in parameters)
