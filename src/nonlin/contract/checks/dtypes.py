"""Dtypes: what goes in comes out, near the float64 value; what is no real number is refused by name."""

from __future__ import annotations

import torch

from nonlin.contract.case import Case
from nonlin.contract.expect import applies, raises, same

LAYERS = 16  # eps that the layers of a small network may be off


def dtypes(case: Case) -> None:
    """Every floating dtype comes back, in the value and in the gradient, near the float64 value."""
    applies(case.kind != "complex", "it is a function of complex numbers")
    for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.float16):
        tensors = case.tensors(case.image, dtype, channels=4, grad=True)
        y = case(*tensors)
        results = (y, *torch.autograd.grad(y, tensors, torch.ones_like(y)))
        assert {r.dtype for r in results} == {dtype}, f"{dtype} in, {sorted({str(r.dtype) for r in results})} out"
        if not case.random and dtype is not torch.float64:
            wide = case(*(t.detach().double() for t in tensors))
            bar = 2 if dtype is torch.float32 else 1  # ULP are up to eps wide
            atol = 1e-7 if dtype is torch.float16 else 1e-30
            if case.layers:  # they compute in the dtype that they are in: their sums carry its roundings
                bar, atol = LAYERS, LAYERS * torch.finfo(dtype).eps * float(wide.abs().max())
            same(y.detach().double(), wide, rtol=bar * torch.finfo(dtype).eps, atol=atol)


def complex_dtypes(case: Case) -> None:
    """A function of complex numbers gives its dtype back, in value and gradient."""
    applies(case.kind == "complex", "it is a function of real numbers")
    for dtype in (torch.float32, torch.float64):  # the parts'
        tensors = case.tensors(case.image, dtype, grad=True)
        y = case(*tensors)
        assert y.dtype in (tensors[0].dtype, dtype)
        (gradient,) = torch.autograd.grad(y.abs().sum(), tensors[:1])
        assert gradient.dtype is tensors[0].dtype


def other_dtypes(case: Case) -> None:
    """Integers, truth values and complex numbers are refused by name."""
    applies(case.own and case.kind != "complex", "what else a module of one's own takes is its author's choice")
    shape = case.shape or (2, 4, 2, 2)
    learned, count = case.learned(), len(case.data())
    name = case.activation.name if case.activation is not None else case.name
    for dtype in (torch.int64, torch.uint8, torch.bool):
        with raises(TypeError, match=rf"{name}: got a tensor of {dtype}; expected float32.*x\.float\(\)"):
            case(*(torch.ones(shape, dtype=dtype) for _ in range(count)), *learned)
    with raises(TypeError, match="a function of real numbers"):
        case(*(torch.ones(shape, dtype=torch.complex64) for _ in range(count)), *learned)
    with raises(TypeError, match=r"expected a torch\.Tensor"):
        case([1.0], *case.data()[1:], *learned)  # type: ignore[arg-type]


def autocast(case: Case) -> None:
    """Under CPU autocast the dtype of the input comes back, value and gradient: an activation is never cast."""
    applies(case.kind != "complex", "autocast is of real numbers")
    applies(not case.layers, "the layers inside are autocast as any layer is")
    for dtype in (torch.float32, torch.bfloat16):
        tensors = tuple(t.detach().requires_grad_() for t in case.tensors(case.image, dtype, channels=4))
        expected = case(*tensors)
        with torch.autocast("cpu", torch.bfloat16):
            y = case(*tensors)
        assert y.dtype is dtype, f"{dtype} in, {y.dtype} out"
        same(y, expected)
        assert {g.dtype for g in torch.autograd.grad(y.float().sum(), tensors)} == {dtype}
