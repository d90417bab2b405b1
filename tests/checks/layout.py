"""Layouts, shapes, dtypes and devices: the same x gives the same number wherever it lies."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.cases import Case
from tests.checks import same

IMAGE = (2, 4, 3, 6)
VOLUME = (2, 4, 3, 2, 6)


def _with_gradients(case: Case, tensors: tuple[Tensor, ...], seed: int = 1) -> tuple[Tensor, ...]:
    """The value and the gradient of every argument, for an incoming gradient that is not constant."""
    leaves = [t.detach().requires_grad_() for t in tensors]
    y = case(*leaves)
    incoming = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(y.dtype)
    return (y.detach(), *torch.autograd.grad(y, leaves, incoming))


def _elsewhere(case: Case, tensors: tuple[Tensor, ...], move: object) -> None:
    """Values and gradients of moved arguments equal those of contiguous ones, bit for bit."""
    expected = _with_gradients(case, tensors)
    moved = tuple(move(t) for t in tensors)  # type: ignore[operator]
    same(moved, tensors)
    assert any(m.stride() != t.stride() or m.storage_offset() for m, t in zip(moved, tensors, strict=True))
    same(_with_gradients(case, moved), expected)


def strided_input(case: Case) -> None:
    """Every second element of a larger tensor."""

    def strided(t: Tensor) -> Tensor:
        return torch.stack([t, torch.full_like(t, float("nan"))], dim=-1)[..., 0]

    _elsewhere(case, case.tensors(IMAGE, torch.float32, channels=4), strided)


def transposed_input(case: Case) -> None:
    _elsewhere(
        case, case.tensors(IMAGE, torch.float32, channels=4), lambda t: t.mT.contiguous().mT if t.ndim > 1 else t
    )


def offset_input(case: Case) -> None:
    """A view that starts in the middle of its storage, at an address no vector load likes."""
    _elsewhere(
        case,
        case.tensors(IMAGE, torch.float32, channels=4),
        lambda t: torch.cat([t.flatten()[:1], t.flatten()])[1:].view(t.shape),
    )


def expanded_input(case: Case) -> None:
    """Stride 0: one row in every place."""
    data = [t[:, :, :1].expand(IMAGE) for t in case.data(IMAGE, torch.float32)]
    tensors = (*data, *case.learned(torch.float32, channels=4))
    same(_with_gradients(case, tensors), _with_gradients(case, tuple(t.contiguous() for t in tensors)))


def expanded_gradient(case: Case) -> None:
    """The incoming gradient of ``sum()`` has stride 0."""
    leaves = case.tensors(IMAGE, torch.float32, channels=4, grad=True)
    y = case(*leaves)
    flat = torch.autograd.grad(y, leaves, torch.ones(()).expand(y.shape), retain_graph=True)
    same(flat, torch.autograd.grad(y, leaves, torch.ones(y.shape)))


def strided_gradient(case: Case) -> None:
    leaves = case.tensors(IMAGE, torch.float32, channels=4, grad=True)
    y = case(*leaves)
    incoming = torch.randn(y.shape)
    turned = torch.autograd.grad(y, leaves, incoming.mT.contiguous().mT, retain_graph=True)
    plain = torch.autograd.grad(y, leaves, incoming)
    inputs = len(case.data())
    same(turned[:inputs], plain[:inputs])
    same(turned[inputs:], plain[inputs:], rtol=1e-5)  # a learned parameter's is a sum, in another order


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
    same(gradients, torch.autograd.grad(case(*plain, *learned), plain, incoming))
    same(y.detach(), case(*(t.detach() for t in plain), *learned))


def channels_last(case: Case) -> None:
    """channels_last in, channels_last out, in the value and in the gradient."""
    _keeps(case, IMAGE, torch.channels_last)


def channels_last_3d(case: Case) -> None:
    if case.kind == "rowwise" and case.activation.torch_name is None:
        with pytest.raises(ValueError, match=r"expected \(channels, height, width\)"):
            case(*case.data(VOLUME))
        return
    _keeps(case, VOLUME, torch.channels_last_3d)


def zero_dimensional(case: Case) -> None:
    """A 0-d tensor gives a 0-d tensor; what needs a dimension says so."""
    tensors = case.tensors(())
    if case.kind == "gated" and not case.apart:
        with pytest.raises(ValueError, match="0-d tensor"):
            case(*tensors)
    elif case.kind == "rowwise" and case.activation.torch_name is None:
        with pytest.raises(ValueError, match="expected"):
            case(*tensors)
    elif case.kind == "rowwise" and case.options["dim"] == 1:
        with pytest.raises(IndexError, match="dim=1"):
            case(*tensors)
    else:
        y, *gradients = _with_gradients(case, tensors)
        assert y.shape == ()
        assert [g.shape for g in gradients] == [t.shape for t in tensors]
        if case.kind != "rowwise":
            same(y, case(*(t.reshape(1) for t in case.data(())), *case.learned())[0], rtol=1e-15)


def empty(case: Case) -> None:
    """No element in, none out, and gradients of the right shapes (a learned parameter's is zero)."""
    for shape in ((0, 4, 2, 2), (2, 4, 0, 2)):
        y, *gradients = _with_gradients(case, case.tensors(shape, channels=4))
        assert y.numel() == 0
        assert [g.shape for g in gradients] == [t.shape for t in case.tensors(shape, channels=4)]
        assert all(bool((g == 0).all()) for g in gradients)


def meta(case: Case) -> None:
    """The meta device: shape, strides and dtype of the real call, without numbers."""
    real = case(*case.tensors(IMAGE, torch.bfloat16, channels=4))
    leaves = tuple(t.to("meta").requires_grad_() for t in case.tensors(IMAGE, torch.bfloat16, channels=4))
    ghost = case(*leaves) if not case.random else case.plain(*leaves)
    assert (ghost.device.type, ghost.shape, ghost.stride(), ghost.dtype) == (
        "meta",
        real.shape,
        real.stride(),
        real.dtype,
    )
    gradients = torch.autograd.grad(ghost, leaves, torch.empty_like(ghost))
    assert [(g.shape, g.dtype) for g in gradients] == [(t.shape, t.dtype) for t in leaves]


def dtypes(case: Case) -> None:
    """Every floating dtype comes back, in the value and in the gradient, near the float64 value."""
    exact = case(*case.tensors(IMAGE, channels=4))
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        tensors = case.tensors(IMAGE, dtype, channels=4)
        results = _with_gradients(case, tensors)
        assert {r.dtype for r in results} == {dtype}
        if not case.random:
            wide = case(*(t.double() for t in tensors))
            bar = 2 if dtype is torch.float32 else 1  # ULP are up to eps wide
            same(
                results[0].double(),
                wide,
                rtol=bar * torch.finfo(dtype).eps,
                atol=1e-7 if dtype is torch.float16 else 1e-30,
            )
    assert exact.dtype is torch.float64


def other_dtypes(case: Case) -> None:
    """Integers, truth values and complex numbers are refused by name."""
    shape = (2, 4, 2, 2)
    for dtype in (torch.int64, torch.uint8, torch.bool):
        with pytest.raises(
            TypeError, match=rf"{case.activation.name}: got a tensor of {dtype}; expected float32.*x\.float\(\)"
        ):
            case(*(torch.ones(shape, dtype=dtype) for _ in case.data()), *case.learned())
    with pytest.raises(TypeError, match="a function of real numbers"):
        case(*(torch.ones(shape, dtype=torch.complex64) for _ in case.data()), *case.learned())
    with pytest.raises(TypeError, match=r"expected a torch\.Tensor"):
        case([1.0], *case.data()[1:], *case.learned())  # type: ignore[arg-type]


def strided_parameters(case: Case) -> None:
    """Learned parameters that are views: every second of a longer tensor, and one number expanded to all channels."""
    if not case.activation.learnable:
        return
    data, learned = case.data(IMAGE, torch.float32), case.learned(torch.float32, channels=4)
    expected = _with_gradients(case, (*data, *learned))
    strided = tuple(torch.stack([p, p * 0], 1)[:, 0] for p in learned)
    assert not strided[0].is_contiguous()
    same(_with_gradients(case, (*data, *strided)), expected)
    one = case.learned(torch.float32)
    expanded = tuple(p.expand(4) for p in one)
    same(case(*data, *expanded), case(*data, *one))


def channels_by_rank(case: Case) -> None:
    """One parameter a channel: dimension 1 of 2-d to 5-d inputs; a 1-d input has one channel, or one parameter an element."""
    if not case.activation.learnable:
        return
    for shape in ((3, 4), (3, 4, 2), IMAGE, VOLUME):
        data, learned = case.data(shape, torch.float32), case.learned(torch.float32, channels=4)
        value, *gradients = _with_gradients(case, (*data, *learned))
        for channel in range(4):
            alone = case(data[0][:, channel], *(p[channel : channel + 1] for p in learned))
            same(value[:, channel], alone)
        assert [g.shape for g in gradients] == [data[0].shape, *(p.shape for p in learned)]
    wrong: tuple[tuple[int, ...], ...] = ((3,), (3, 5), ())
    for size in wrong:
        with pytest.raises(ValueError, match=r"has 4 elements and the input, of shape .* has \d channel"):
            case(*case.data(size), *case.learned(channels=4))


def many_elements(case: Case) -> None:
    """More elements than a thread's share, with two threads: the values of one thread, and of each element alone."""
    tensors = case.tensors((8, 4, 32, 62), torch.float32, channels=4)
    alone = case(*tensors)
    torch.set_num_threads(2)
    try:
        same(case(*tensors), alone)
    finally:
        torch.set_num_threads(1)
    if case.kind != "rowwise" and not case.random:
        few = tuple(t[:1, :, :1] for t in case.data((8, 4, 32, 62), torch.float32))
        same(case(*few, *case.learned(torch.float32, channels=4)), alone[:1, :, :1])
