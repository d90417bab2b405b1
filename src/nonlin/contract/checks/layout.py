"""Layouts and shapes: the same x gives the same number wherever it lies."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nonlin.contract.case import SEVERAL_SUMS, VOLUME, Case
from nonlin.contract.declared import Declared
from nonlin.contract.expect import applies, raises, same

_NOISE = "noise is drawn in the order of memory: another layout, other draws"


def _with_gradients(case: Case, tensors: tuple[Tensor, ...], seed: int = 1) -> tuple[Tensor, ...]:
    """The value and the gradient of every argument, for an incoming gradient that is not constant."""
    leaves = [t.detach().requires_grad_() for t in tensors]
    y = case(*leaves)
    incoming = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(y.dtype)
    return (y.detach(), *torch.autograd.grad(y, leaves, incoming))


def _elsewhere(case: Case, move: Callable[[Tensor], Tensor]) -> None:
    """Values and gradients of moved arguments equal those of contiguous ones, bit for bit where nothing is summed."""
    tensors = case.tensors(case.image, torch.float32, channels=4)
    expected = _with_gradients(case, tensors)
    moved = tuple(move(t) for t in tensors)
    same(moved, tensors)
    assert any(m.stride() != t.stride() or m.storage_offset() for m, t in zip(moved, tensors, strict=True))
    _equal(case, _with_gradients(case, moved), expected)


def _equal(case: Case, actual: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> None:
    """Value and gradients; where a foreign parameter's gradient is summed, in any order."""
    count = 1 + len(case.data())
    case.same(actual[:count], expected[:count])
    tolerance = {} if isinstance(case, Declared) else SEVERAL_SUMS
    same(actual[count:], expected[count:], **tolerance)


def strided_input(case: Case) -> None:
    """Every second element of a larger tensor."""
    applies(not case.random, _NOISE)
    _elsewhere(case, lambda t: torch.stack([t, torch.full_like(t, float("nan"))], dim=-1)[..., 0])


def transposed_input(case: Case) -> None:
    applies(not case.random, _NOISE)
    _elsewhere(case, lambda t: t.mT.contiguous().mT if t.ndim > 1 else t)


def offset_input(case: Case) -> None:
    """A view that starts in the middle of its storage, at an address no vector load likes."""
    _elsewhere(case, lambda t: torch.cat([t.flatten()[:1], t.flatten()])[1:].view(t.shape))


def expanded_input(case: Case) -> None:
    """Stride 0: one row in every place."""
    applies(not case.random, _NOISE)
    drawn = case.data(case.image, torch.float32)
    data = [t.narrow(t.ndim - 2, 0, 1).expand(t.shape) if t.ndim > 1 else t[:1].expand(t.shape) for t in drawn]
    tensors = (*data, *case.learned(torch.float32, channels=4))
    _equal(case, _with_gradients(case, tensors), _with_gradients(case, tuple(t.contiguous() for t in tensors)))


def expanded_gradient(case: Case) -> None:
    """The incoming gradient of ``sum()`` has stride 0."""
    leaves = case.tensors(case.image, torch.float32, channels=4, grad=True)
    y = case(*leaves)
    flat = torch.autograd.grad(y, leaves, torch.ones((), dtype=y.dtype).expand(y.shape), retain_graph=True)
    _equal(case, (y.detach(), *flat), (y.detach(), *torch.autograd.grad(y, leaves, torch.ones(y.shape, dtype=y.dtype))))


def strided_gradient(case: Case) -> None:
    leaves = case.tensors(case.image, torch.float32, channels=4, grad=True)
    y = case(*leaves)
    applies(y.ndim > 1, "its output has fewer than two dimensions")
    incoming = torch.randn(y.shape, dtype=y.dtype)
    turned = torch.autograd.grad(y, leaves, incoming.mT.contiguous().mT, retain_graph=True)
    plain = torch.autograd.grad(y, leaves, incoming)
    inputs = len(case.data())
    case.same(turned[:inputs], plain[:inputs])
    same(turned[inputs:], plain[inputs:], rtol=1e-5, atol=1e-6)  # a learned parameter's is a sum, in another order


def _keeps(case: Case, shape: tuple[int, ...], memory_format: torch.memory_format) -> None:
    data = [t.to(memory_format=memory_format).requires_grad_() for t in case.data(shape, torch.float32)]
    learned = case.learned(torch.float32, channels=shape[1])
    y = case(*data, *learned)
    assert y.is_contiguous(memory_format=memory_format), f"the output has strides {y.stride()}"
    incoming = torch.randn(y.shape).to(memory_format=memory_format)
    gradients = torch.autograd.grad(y, data, incoming, retain_graph=True)
    if case.kind != "gated" or case.apart:  # the gradient of a packed input joins two halves: torch.cat decides
        for gradient in gradients:
            assert gradient.is_contiguous(memory_format=memory_format), f"the gradient has strides {gradient.stride()}"
    plain = [t.detach().contiguous().requires_grad_() for t in data]
    case.same(gradients, torch.autograd.grad(case(*plain, *learned), plain, incoming))
    case.same(y.detach(), case(*(t.detach() for t in plain), *learned))


def channels_last(case: Case) -> None:
    """channels_last in, channels_last out, in the value and in the gradient."""
    applies(not case.random, _NOISE)
    applies(len(case.image) == 4, f"it is given inputs of shape {case.shape} alone")
    applies(case.kind in _PLAIN, "a result of another shape or of sums has the layout that its operations give it")
    _keeps(case, case.image, torch.channels_last)


def channels_last_3d(case: Case) -> None:
    applies(not case.random, _NOISE)
    applies(case.kind in _PLAIN, "a result of another shape or of sums has the layout that its operations give it")
    if _of_images(case):
        with raises(ValueError, match=r"expected|Softmax2d"):
            case(*case.data(VOLUME))
        return
    _keeps(case, VOLUME, torch.channels_last_3d)


_PLAIN = ("pointwise", "gated", "rowwise", "stochastic", "unknown")


def _of_images(case: Case) -> bool:
    """Softmax2d's input has channels, height and width."""
    return case.kind == "rowwise" and case.activation is not None and case.activation.name == "softmax2d"


def zero_dimensional(case: Case) -> None:
    """A 0-d tensor gives a 0-d tensor; what needs a dimension says so."""
    tensors = case.tensors(())
    if not case.elementwise:
        with raises((ValueError, IndexError, RuntimeError)):
            if case(*tensors).shape == ():
                raise ValueError("a row of one element, as torch has it")
        return
    y, *gradients = _with_gradients(case, tensors)
    assert y.shape == ()
    assert [g.shape for g in gradients] == [t.shape for t in tensors]
    same(y, case(*(t.reshape(1) for t in case.data(())), *case.learned())[0], rtol=1e-15)


def zero_dimensional_is_refused_by_name(case: Case) -> None:
    """The packed forms and the fixed dimensions say what they need."""
    applies(case.own and case.activation is not None and not case.activation.rule, "the wording is its author's")
    if case.kind == "gated" and not case.apart:
        with raises(ValueError, match="0-d tensor"):
            case(*case.tensors(()))
    elif _of_images(case):
        with raises(ValueError, match="expected"):
            case(*case.tensors(()))
    elif case.kind == "rowwise" and case.variant == "default":
        with raises(IndexError, match="dim=1"):
            case(*case.tensors(()))
    else:
        applies(False, "a 0-d tensor is taken")


def empty(case: Case) -> None:
    """No element in, none out, and gradients of the right shapes (a learned parameter's is zero)."""
    shapes = ((0, 4, 2, 2), (2, 4, 0, 2)) if case.shape is None else ((0, *case.shape[1:]),)
    for shape in shapes:
        y, *gradients = _with_gradients(case, case.tensors(shape, channels=4))
        assert y.numel() == 0
        assert [g.shape for g in gradients] == [t.shape for t in case.tensors(shape, channels=4)]
        assert all(bool((g == 0).all()) for g in gradients)


def strided_parameters(case: Case) -> None:
    """Learned parameters that are views: every second of a longer tensor, and one number expanded to all channels."""
    applies(case.learns, "nothing is learned")
    data, learned = case.data(case.image, torch.float32), case.learned(torch.float32, channels=4)
    expected = _with_gradients(case, (*data, *learned))
    strided = tuple(torch.stack([p, p * 0], -1)[..., 0] for p in learned)
    _equal(case, _with_gradients(case, (*data, *strided)), expected)
    if isinstance(case, Declared):
        one = case.learned(torch.float32)
        expanded = tuple(p.expand(4) for p in one)
        same(case(*data, *expanded), case(*data, *one))


def channels_by_rank(case: Case) -> None:
    """One parameter a channel: dimension 1 of 2-d to 5-d inputs; a 1-d input has one channel, or one parameter an element."""
    applies(isinstance(case, Declared) and case.learns, "it learns nothing that there is one of for each channel")
    for shape in ((3, 4), (3, 4, 2), case.image, VOLUME):
        data, learned = case.data(shape, torch.float32), case.learned(torch.float32, channels=4)
        value, *gradients = _with_gradients(case, (*data, *learned))
        for channel in range(4):
            alone = case(data[0][:, channel], *(p[channel : channel + 1] for p in learned))
            same(value[:, channel], alone)
        assert [g.shape for g in gradients] == [data[0].shape, *(p.shape for p in learned)]
    wrong: tuple[tuple[int, ...], ...] = ((3,), (3, 5), ())
    for size in wrong:
        with raises(ValueError, match=r"has 4 elements and the input, of shape .* has \d channel"):
            case(*case.data(size), *case.learned(channels=4))


def many_elements(case: Case) -> None:
    """More elements than a thread's share, with two threads: the values of one thread, and of each element alone."""
    shape = (8, 4, 32, 62)
    tensors = case.tensors(shape, torch.float32, channels=4)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = case(*tensors)
        torch.set_num_threads(2)
        case.same(case(*tensors), alone)
    finally:
        torch.set_num_threads(before)
    if case.kind != "rowwise" and case.kind != "unknown" and not case.random:
        few = tuple(t[:1, :, :1] for t in case.data(shape, torch.float32))
        same(case(*few, *case.learned(torch.float32, channels=4)), alone[:1, :, :1])


def same_bits_at_every_place(case: Case) -> None:
    """The same x in tensors of every length up to 67 and at every offset: vectors and what is left of them agree."""
    applies(case.elementwise and not case.random and not case.apart, "an element depends on more than its place")
    applies(case.shape is None, f"it is given inputs of shape {case.shape} alone")
    learned = case.learned(torch.float32)
    for dtype in (torch.float32, torch.bfloat16):
        (x,) = case.data((67,), dtype, scale=4.0)
        learned = case.learned(dtype)
        reference = _input_gradient(case, x, learned)
        for length in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65):
            same(_input_gradient(case, x[:length], learned), [r[:length] for r in reference])
            same(_input_gradient(case, x[length:], learned), [r[length:] for r in reference])


def _input_gradient(case: Case, x: Tensor, learned: tuple[Tensor, ...]) -> list[Tensor]:
    leaf = x.detach().requires_grad_()
    y = case(leaf, *learned)
    return [y.detach(), torch.autograd.grad(y, leaf, torch.ones_like(y))[0]]
