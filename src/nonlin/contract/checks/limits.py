"""At the ends of the range: infinities, NaN, and the finite numbers where an exponential overflows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nonlin.contract.case import Case
from nonlin.contract.checks.values import NO_FORMULA
from nonlin.contract.expect import applies, same
from nonlin.contract.oracle import limit
from nonlin.contract.points import points

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


def at_infinity(case: Case) -> None:
    """At +-inf the value and the derivative are their limits, where there are limits."""
    applies(not case.random, "two draws differ")
    judged = 0
    for dtype in DTYPES:
        for scalar in case.scalars(dtype):
            x = torch.tensor([float("-inf"), float("inf")], dtype=dtype)
            of = f" {scalar.label}" if scalar.label else ""
            found = _jet(scalar.function, x, 1)
            for order, (computed, word) in enumerate(zip(found, ("value", "derivative"), strict=True)):
                for i, side in enumerate((-1, 1)):
                    expected = limit(scalar.oracle, side, order)
                    if expected is None:
                        continue
                    judged += 1
                    right = torch.tensor(expected, dtype=torch.float64).to(dtype)
                    message = (
                        f"the {word}{of} at {x[i].item()} in {dtype} is {computed[i].item()}; its limit is {expected:g}"
                    )
                    bar = 4 * torch.finfo(dtype).eps
                    assert torch.isclose(computed[i], right, rtol=bar, atol=0.0, equal_nan=False), message
    if not judged:
        applies(case.activation is not None and case.kind != "unknown", NO_FORMULA)
        applies(False, "it has no limits, or is no function of one number")


def nan_gives_nan(case: Case) -> None:
    """A NaN in gives a NaN out, in the value; what does not depend on it stays what it was."""
    applies(case.kind != "complex", "a complex NaN has many forms")
    for dtype in DTYPES:
        data, learned = case.data(case.image, dtype), case.learned(dtype, channels=4)
        before = case(*data, *learned)
        marked = data[0].clone()
        marked.view(-1)[marked.numel() // 2] = float("nan")
        y = case(marked, *data[1:], *learned)
        assert bool(torch.isnan(y).any()), f"no NaN in the output, in {dtype}"
        if case.elementwise:
            expected = before.clone()
            expected.view(-1)[marked.numel() // 2] = float("nan")
            same(y, expected)


def nan_gradient(case: Case) -> None:
    """The derivative of an elementwise function at NaN is NaN, but where it is one number everywhere."""
    applies(case.elementwise and not case.random and not case.apart, "an element depends on more than its place")
    applies(case.shape is None, f"it is given inputs of shape {case.shape} alone")
    for dtype in DTYPES:
        call = _first(case, dtype)
        (x,) = case.data((64,), dtype, scale=6.0)
        slopes = _jet(call, x, 1)[1]
        applies(len(slopes.unique()) > 1, "its derivative is one number")
        for length in (1, 3, 37):
            marked = x[:length].clone()
            marked[length // 2] = float("nan")
            where = torch.isnan(_jet(call, marked, 1)[1]).nonzero().flatten().tolist()
            assert where == [length // 2], (
                f"of {length} elements in {dtype}, NaN at {length // 2}: the gradient is NaN at {where}"
            )


def finite_inputs(case: Case) -> None:
    """Nothing is NaN at a finite input, from the smallest subnormal number to the largest: f, f' and f''."""
    applies(case.elementwise and not case.random and not case.apart, "an element depends on more than its place")
    applies(case.shape is None, f"it is given inputs of shape {case.shape} alone")
    for dtype in DTYPES:
        x = points(dtype)
        for order, computed in enumerate(_jet(_first(case, dtype), x, 2)):
            bad = x[torch.isnan(computed)].tolist()
            assert not bad, f"derivative {order} in {dtype} is NaN at x = {bad[0]!r} and {len(bad) - 1} other points"


def huge_rows(case: Case) -> None:
    """A function of a whole row keeps to finite numbers for rows as large as float32 holds, in value and gradient."""
    applies(case.kind == "rowwise", "promised of rowwise functions")
    (x,) = case.data(case.image, torch.float32)
    leaf = (x * 1e37).requires_grad_()
    y = case(leaf, *case.learned(torch.float32, channels=4))
    (gradient,) = torch.autograd.grad(y.sum(), leaf)
    assert not bool(torch.isnan(y).any()), "the value is NaN"
    assert not bool(torch.isnan(gradient).any()), "the gradient is NaN"


def _first(case: Case, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    learned = case.learned(dtype)
    return lambda x: case(x, *learned)


def _jet(function: Callable[[Tensor], Tensor], x: Tensor, order: int) -> list[Tensor]:
    """f, f', ... at every element."""
    leaf = x.clone().requires_grad_()
    found = [function(leaf)]
    for k in range(order):
        last = found[-1]
        if not last.requires_grad:
            found.append(torch.zeros_like(x))
            continue
        more = k + 1 < order
        ones = torch.ones_like(last)
        (slope,) = torch.autograd.grad(last, leaf, ones, create_graph=more, allow_unused=True, materialize_grads=True)
        found.append(slope)
    return [f.detach() for f in found]
