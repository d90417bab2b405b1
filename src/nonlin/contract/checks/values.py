"""Values and first derivatives against the reference, in every dtype, in units in the last place (ULP).

The unit of a value narrower than float64 is the spacing of its dtype there. Of derivatives, and of
all in float64, it is the largest of that and of what moving x by one of its own last places does: next to a zero, and where a
rounded number enters an exponent, no arithmetic of that width is bounded by the spacing of its result. Of a sine so far out that
x does not tell its phase nothing is asked.
"""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import torch
from torch import Tensor

from nonlin.contract import oracles
from nonlin.contract.case import Case, Scalar
from nonlin.contract.expect import applies, same
from nonlin.contract.given import Given, written_arguments
from nonlin.contract.points import points
from nonlin.contract.ulp import FORMATS

# ULP of the output dtype; 16 bits are rounded once from a wider result
BARS = {torch.float32: 2.0, torch.float64: 4.0, torch.bfloat16: 0.51, torch.float16: 0.51}
DOUBLE_SLOPE = 8.0  # a derivative is a product or two of three or four primitives, and float64 has no wider dtype
TINY = (
    mpmath.mpf(2) ** -1000
)  # of smaller float64 results only that they do not vanish is judged: factors are subnormal
MANY_TURNS = (
    8  # where the last place of x moves it so many times further along the slope than the value moves, it has turned
)

NO_FORMULA = (
    'nothing tells what its values should be: give the formula, as in nonlin.check(f, formula="x * sigmoid(x)")'
)


def float32(case: Case) -> None:
    """Value and derivative within 2 ULP; no normal number becomes 0."""
    _judge(case, torch.float32)


def float64(case: Case) -> None:
    """The value within 4 ULP, the derivative within 8; no normal number becomes 0."""
    _judge(case, torch.float64)


def bfloat16(case: Case) -> None:
    """Value and derivative are correctly rounded, but for ties."""
    _judge(case, torch.bfloat16)


def float16(case: Case) -> None:
    """Value and derivative are correctly rounded, but for ties."""
    _judge(case, torch.float16)


def of_rows(case: Case) -> None:
    """A function of more than one element against plain loops over wider numbers that share no code with it."""
    own = case.activation is not None and (case.activation.rule or case.kind == "rowwise")
    applies(own, "promised of functions of more than one element" if case.activation is not None else NO_FORMULA)
    applies(not case.random, "two draws differ")
    for scale in (1.0, 6.0):
        for dtype in (torch.float64, torch.float32, torch.bfloat16):
            (x,) = case.data(case.image, dtype, scale=scale)
            expected = torch.from_numpy(np.asarray(_reference(case, x)).astype(_numpy(x)))
            y = case(x, *case.learned(dtype)).detach()
            assert y.shape == expected.shape, f"the shape is {tuple(y.shape)}; expected {tuple(expected.shape)}"
            wide = y.to(expected.dtype)
            rtol = 1e-12 if dtype is torch.float64 else (2 if dtype is torch.float32 else 1) * torch.finfo(dtype).eps
            largest = float(expected.abs().max()) if expected.numel() else 0.0
            atol = 1e-12 * largest if case.activation is not None and case.activation.rule else 1e-37
            same(wide, expected, rtol=rtol, atol=atol)


def _numpy(x: Tensor) -> Any:
    return np.complex128 if x.is_complex() else np.float64


def _reference(case: Case, x: Tensor) -> Any:
    assert case.activation is not None

    def array(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        numbers = value.detach().to(torch.complex128 if value.is_complex() else torch.float64).numpy()
        wide = np.clongdouble if value.is_complex() else np.longdouble
        return numbers.astype(wide) if value.is_floating_point() or value.is_complex() else value.numpy()

    reference = oracles.find(case.activation)
    if isinstance(case, Given) and case.own:
        made = Given(case.module().to(x.dtype.to_real()), case.name, case.activation, own=True)
        arguments = written_arguments(made, x)
    else:
        module = case.module()
        arguments = {"dim": module.dim} if hasattr(module, "dim") else {}
    return reference(array(x), **{name: array(value) for name, value in arguments.items()})


def _judge(case: Case, dtype: torch.dtype) -> None:
    applies(not case.random, "two draws differ")
    scalars = list(case.scalars(dtype))
    if not scalars:
        known = case.activation is not None
        applies(False, "it is no function of one number" if known else NO_FORMULA)
    wrong = [text for scalar in scalars for text in _errors(scalar, dtype)]
    assert not wrong, "; ".join(wrong)


def _errors(scalar: Scalar, dtype: torch.dtype) -> list[str]:
    """The worst error of the value and that of the derivative, where they are over the bar."""
    x = _off_unsettled_kinks(scalar, points(dtype, scalar.breakpoints))
    leaf = x.clone().requires_grad_()
    y = scalar.function(leaf)
    slope = torch.autograd.grad(y, leaf, torch.ones_like(y))[0] if y.requires_grad else torch.zeros_like(x)
    found = []
    at = x.to(torch.float64).tolist()
    for order, computed in enumerate((y.detach(), slope)):
        worst = max(zip(_judged(scalar, dtype, order, at, computed), at, strict=True))
        bar = DOUBLE_SLOPE if order and dtype is torch.float64 else BARS[dtype]
        if worst[0] > bar:
            index = at.index(worst[1])
            jet = scalar.oracle.jet(worst[1])
            digits = 17 if dtype is torch.float64 else 9
            true = mpmath.nstr(jet[order], digits) if jet is not None else "unknown"
            what = "the value" if order == 0 else "the derivative"
            inside = f" {scalar.label}" if scalar.label else ""
            found.append(
                f"{what}{inside} at x = {worst[1]!r} is {float(computed[index]):.{digits}g}; the formula gives {true} "
                f"({worst[0]:.3g} ULP, the bar is {bar:g})"
            )
    return found


def _off_unsettled_kinks(scalar: Scalar, x: Tensor) -> Tensor:
    """Without the numbers nearest to a kink that no number of the dtype is: on which side they lie is a rounding of the
    parameters. Of a kink that float64 holds the number itself stays, unless the function jumps there."""
    unsettled = []
    for b in scalar.breakpoints:
        near = torch.tensor(b, dtype=torch.float64).to(x.dtype)
        if float(near) != b or _jumps(scalar, b):
            unsettled.append(near)
    return x[~torch.isin(x, torch.stack(unsettled))] if unsettled else x


def _jumps(scalar: Scalar, b: float) -> bool:
    left, right = (scalar.oracle.jet(math.nextafter(b, side)) for side in (-math.inf, math.inf))
    return left is not None and right is not None and bool(abs(left[0] - right[0]) > 1e-9 * (1 + abs(left[0])))


def _judged(scalar: Scalar, dtype: torch.dtype, order: int, at: list[float], computed: Tensor) -> list[float]:
    form = FORMATS[dtype]
    errors = []
    for x, value in zip(at, computed.to(torch.float64).tolist(), strict=True):
        jet = scalar.oracle.jet(x)
        if jet is None or (order == 1 and x in (0.0, *scalar.breakpoints)):
            errors.append(0.0)
            continue
        true = jet[order]
        if dtype is torch.float64 and abs(true) < TINY:
            errors.append(float("inf") if value == 0 and abs(true) >= form.smallest_normal else 0.0)
            continue
        forgiven = bool(order) or dtype is torch.float64
        error = form.error(value, true, mpmath.mpf(x) * jet[order + 1] if forgiven else 0)
        if error > BARS[dtype]:
            step = form.step(x)
            moved = scalar.oracle.moved(x, order, step)
            if 0 < MANY_TURNS * moved < step * abs(jet[order + 1]):  # the phase of a sine is not known
                error = 0.0
            elif forgiven and moved and math.isfinite(value):  # far from a straight line, or a parameter's rounding
                error = min(error, float(abs(value - true) / moved))
        lost = value == 0 and abs(true) >= form.smallest_normal and error > BARS[torch.float64]
        errors.append(float("inf") if lost else error)
    return errors
