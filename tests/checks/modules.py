"""Modules: the same numbers as the function, through copying, pickling, state, threads, subclasses and autocast."""

from __future__ import annotations

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

from nonlin.builders import signatures
from tests.cases import Case
from tests.checks import near, same

IMAGE = (2, 4, 3, 6)


def _run(module: nn.Module, *data: Tensor) -> Tensor:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        value: Tensor = module(*data)
    return value


def module_is_function(case: Case) -> None:
    """The module computes what the function computes with the same arguments; calling it changes nothing in it."""
    module, data = case.module(channels=4), case.data(IMAGE, torch.float32)
    learned = tuple(module.get_parameter(p.name).detach() for p in case.activation.learnable)
    same(_run(module, *data).detach(), case(*data, *learned))
    same(_run(module, *data).detach(), case(*data, *learned))


def deep_copied(case: Case) -> None:
    module, data = case.module(channels=4), case.data(IMAGE, torch.float32)
    copied = copy.deepcopy(module)
    assert type(copied) is type(module)
    assert repr(copied) == repr(module)
    same(_run(copied, *data), _run(module, *data))
    for parameter in copied.parameters():
        parameter.data.add_(1.0)
    assert all(bool((a != b).all()) for a, b in zip(copied.parameters(), module.parameters(), strict=True))


def pickled(case: Case) -> None:
    module, data = case.module(channels=4), case.data(IMAGE, torch.float32)
    loaded = pickle.loads(pickle.dumps(module))
    assert type(loaded) is type(module)
    assert loaded.training is module.training
    same(_run(loaded, *data), _run(module, *data))
    buffer = io.BytesIO()
    torch.save(nn.Sequential(module), buffer)
    buffer.seek(0)
    same(_run(torch.load(buffer, weights_only=False), *data), _run(module, *data)) if not case.apart else None


def function_pickled(case: Case) -> None:
    """Functions pickle by name, as torch's do."""
    assert pickle.loads(pickle.dumps(case.raw)) is case.raw


def state_saved(case: Case) -> None:
    """The state is the learned parameters and nothing else; it loads strictly."""
    module = case.module(channels=4)
    state = module.state_dict()
    assert list(state) == [p.name for p in case.activation.learnable]
    other = case.module(channels=4)
    for parameter in other.parameters():
        parameter.data.zero_()
    other.load_state_dict(state)
    same(other.state_dict(), state)


def printed(case: Case) -> None:
    """The text of a module names every number given to it, and nonlin.get reads it back."""
    text = repr(case.module())
    assert text.startswith(case.activation.title + "(")
    for name, value in case.parameters.items():
        shown = next(
            (p.argument or p.name) if p.learnable else p.name for p in case.activation.parameters if p.name == name
        )
        assert f"{shown}={value}" in text


def attributes(case: Case) -> None:
    """Every argument of a module is its attribute of that name."""
    module = case.module()
    for argument in signatures.module(case.activation):
        assert argument.name in ("device", "dtype") or hasattr(module, argument.name)


def moved(case: Case) -> None:
    """``.to`` and ``.double`` move the learned parameters; there are no buffers to forget."""
    module = case.module(channels=4).double()
    assert not list(module.buffers())
    assert all(p.dtype is torch.float64 for p in module.parameters())
    assert _run(module, *case.data(IMAGE)).dtype is torch.float64
    assert all(p.device.type == "meta" for p in case.module(channels=4).to("meta").parameters())


def threads(case: Case) -> None:
    """Eight threads at once, each with a backward of its own, get the numbers of one."""
    if case.random:
        return  # the seed is shared by all threads
    tensors = case.tensors(IMAGE, torch.float32, channels=4)

    def work(_: int) -> tuple[Tensor, ...]:
        leaves = [t.clone().requires_grad_() for t in tensors]
        y = case(*leaves)
        return (y.detach(), *torch.autograd.grad(y.square().sum(), leaves))

    expected = work(0)
    with ThreadPoolExecutor(8) as pool:
        for result in pool.map(work, range(16)):
            same(result, expected)


class Marked(Tensor):
    """A subclass that carries nothing: results of torch functions on it are again of it."""


def subclasses(case: Case) -> None:
    """A tensor subclass comes out where one went in; an nn.Parameter gives an ordinary tensor."""
    tensors = case.tensors(IMAGE, torch.float32, channels=4)
    expected = case(*tensors)
    marked = case(*(t.as_subclass(Marked) for t in tensors))
    assert type(marked) is Marked
    near(marked.as_subclass(Tensor), expected)  # by the composite: a kernel would lose the subclass
    parameters = tuple(nn.Parameter(t) for t in tensors)
    y = case(*parameters)
    assert y is parameters[0] or type(y) is Tensor  # the identity's output is its input
    y.sum().backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in parameters)


def autocast(case: Case) -> None:
    """Under CPU autocast the dtype of the input comes back, value and gradient: an activation is never cast."""
    for dtype in (torch.float32, torch.bfloat16):
        tensors = tuple(t.detach().requires_grad_() for t in case.tensors(IMAGE, dtype, channels=4))
        expected = case(*tensors)
        with torch.autocast("cpu", torch.bfloat16):
            y = case(*tensors)
        assert y.dtype is dtype
        same(y, expected)
        assert {g.dtype for g in torch.autograd.grad(y.float().sum(), tensors)} == {dtype}
