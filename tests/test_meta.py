"""Tests of the tests: an activation broken on purpose, and the check that must catch it.

Each break is one that a library has shipped, or nearly: a gradient that ignores strides, a backward that overwrites what
was saved, a kernel without a tangent. The unbroken twin passes the same check, so that it is the break that fails it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from nonlin.catalogue import declarations
from nonlin.contract.checks import (
    GROUPS,
    Check,
    autograd,
    compilation,
    devices,
    dtypes,
    layout,
    learning,
    limits,
    memory,
    modules,
    pickling,
    transforms,
    values,
)  # fmt: skip
from nonlin.contract.declared import Declared
from nonlin.contract.given import Given
from nonlin.contract.run import check as run_contract


@dataclass(frozen=True)
class Broken(Declared):
    """SiLU by another function."""

    broken: Callable[..., Tensor] = torch.nn.functional.silu

    @property
    def function(self) -> Callable[..., Tensor]:
        function = self.broken

        def silu(input: Any, inplace: bool = False, **_: Any) -> Tensor:
            return function(input, inplace) if function in TAKE_INPLACE else function(input)

        return silu


def _slope(x: Tensor) -> Tensor:
    s = torch.sigmoid(x)
    return s * (1 + x * (1 - s))


class Once(torch.autograd.Function):
    """No second derivative, no tangent, no batching rule."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return grad * _slope(x)


class SavesTwo(Once):
    """Keeps the sigmoid as well."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        x, s = ctx.saved_tensors
        result: Tensor = grad * s * (1 + x * (1 - s))
        return result


class Overwrites(SavesTwo):
    """Reuses the saved memory for the gradient."""

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        x, s = ctx.saved_tensors
        result: Tensor = s.data.mul_(grad * (1 + x * (1 - s)))  # behind the version counter
        return result


class IgnoresStrides(Once):
    """Reads the incoming gradient as if it were contiguous, as a kernel over raw pointers does."""

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        flat = torch.empty(0, dtype=grad.dtype).set_(grad.untyped_storage())
        flat = torch.cat([flat, flat.new_zeros(max(0, grad.numel() - flat.numel()))])[: grad.numel()]
        return flat.view(grad.shape) * _slope(x)


def wrong_slope(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x).detach()


def wrong_by_a_millionth(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x) + 1e-4 * (x - x.detach())


def second_by_detaching(x: Tensor) -> Tensor:
    """The right first derivative, a zero second one."""
    return (x * torch.sigmoid(x)).detach() + (x - x.detach()) * _slope(x.detach())


def always_contiguous(x: Tensor) -> Tensor:
    return (x * torch.sigmoid(x)).contiguous()


def by_position(x: Tensor) -> Tensor:
    """What does not fill a vector register by another formula."""
    y = (x * torch.sigmoid(x)).flatten()
    full = y.numel() // 64 * 64
    return torch.cat([y[:full], y[full:] * (1 + 1e-6)]).view(x.shape)


def in_memory_order(x: Tensor) -> Tensor:
    """Adds an index in memory, not in the tensor."""
    index = torch.arange(x.numel(), dtype=x.dtype).view(x.shape)
    return x * torch.sigmoid(x) + 1e-3 * index * float(x.is_contiguous())


def always_float32(x: Tensor) -> Tensor:
    return (
        (x.float() * torch.sigmoid(x.float())).double()
        if x.dtype is torch.float64
        else x.float() * torch.sigmoid(x.float())
    )


def any_dtype(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


def by_numpy(x: Tensor) -> Tensor:
    return torch.from_numpy(x.detach().numpy() / (1.0 + torch.exp(-x).detach().numpy()))


def not_at_zero_dimensions(x: Tensor) -> Tensor:
    return torch.cat([row * torch.sigmoid(row) for row in x]).view(x.shape)


def new_tensor_in_place(x: Tensor, inplace: bool) -> Tensor:
    return x * torch.sigmoid(x)


def twice_in_place(x: Tensor, inplace: bool) -> Tensor:
    return x.mul_(1.0).mul_(torch.sigmoid(x)) if inplace else x * torch.sigmoid(x)


def in_place_behind_autograds_back(x: Tensor, inplace: bool) -> Tensor:
    y = x * torch.sigmoid(x)
    if inplace:
        x.data.copy_(y.detach())
        return x
    return y


def loses_the_subclass(x: Tensor) -> Tensor:
    x = x.as_subclass(Tensor)
    return x * torch.sigmoid(x)


_scratch = torch.zeros(())


def shared_scratch(x: Tensor) -> Tensor:
    """A buffer that all threads write to."""
    _scratch.fill_(0.0)
    for _ in range(20):
        _scratch.add_(0.05)
        time.sleep(1e-4)  # the others' turn
    return x * torch.sigmoid(x) * torch.round(_scratch * 1e6) / 1e6


def autocast_to_bfloat16(x: Tensor) -> Tensor:
    return (x.bfloat16() if torch.is_autocast_enabled("cpu") else x) * torch.sigmoid(x)


def graph_break(x: Tensor) -> Tensor:
    torch._dynamo.graph_break()
    return x * torch.sigmoid(x)


def off_by_three(x: Tensor) -> Tensor:
    """3 ULP: too little to see in any plot."""
    y = x * torch.sigmoid(x.double()).to(x.dtype)
    for _ in range(4):
        y = torch.nextafter(y, torch.full_like(y, float("inf")))
    return y


def rounded_twice(x: Tensor) -> Tensor:
    """16 bits by 16-bit operations."""
    return x * torch.sigmoid(x)


def zero_in_the_tail(x: Tensor) -> Tensor:
    """0 for a normal number."""
    return torch.where(x < -30, x * 0.0, (x.double() * torch.sigmoid(x.double())).to(x.dtype))


def slope_lost_in_the_tail(x: Tensor) -> Tensor:
    """sigmoid' from the rounded sigmoid: 0 from 17 on, with the values right."""
    s = torch.sigmoid(x)
    y = (x.double() * torch.sigmoid(x.double())).to(x.dtype).detach()
    return y + (x - x.detach()) * (s + x * s * (1 - s)).detach() * torch.where(x < -17, 0.0, 1.0).detach()


def torchs(x: Tensor) -> Tensor:
    """NaN at -inf."""
    return torch.nn.functional.silu(x)


def wrong_limit(x: Tensor) -> Tensor:
    return torch.where(x == float("-inf"), torch.full_like(x, -1.0), x * torch.sigmoid(x))


def nan_at_a_finite_point(x: Tensor) -> Tensor:
    """exp(-x) overflows, and inf / inf follows."""
    e = torch.exp(-x)
    return x * (1 - e / (1 + e))


def hides_nan(x: Tensor) -> Tensor:
    return torch.nan_to_num(x) * torch.sigmoid(torch.nan_to_num(x))


def slope_hides_nan(x: Tensor) -> Tensor:
    return x * torch.sigmoid(torch.where(torch.isnan(x), torch.zeros_like(x), x))


TAKE_INPLACE = (new_tensor_in_place, twice_in_place, in_place_behind_autograds_back)

BREAKS: list[tuple[Callable[..., Tensor], Check]] = [
    (wrong_slope, autograd.gradcheck),
    (wrong_by_a_millionth, autograd.gradcheck),
    (wrong_slope, autograd.gradcheck_per_channel),
    (second_by_detaching, autograd.gradgradcheck),
    (second_by_detaching, autograd.third_derivative),
    (Once.apply, autograd.gradgradcheck),
    (Overwrites.apply, autograd.second_backward),
    (SavesTwo.apply, memory.saves_inputs_alone),
    (any_dtype, memory.saves_inputs_alone),
    (new_tensor_in_place, autograd.in_place),
    (twice_in_place, autograd.in_place),
    (in_place_behind_autograds_back, autograd.in_place),
    (in_place_behind_autograds_back, autograd.in_place_on_a_saved_tensor),
    (new_tensor_in_place, autograd.in_place_on_a_view),
    (Once.apply, transforms.func_jvp),
    (Once.apply, transforms.func_jvp_of_all),
    (Once.apply, transforms.func_vjp),
    (Once.apply, transforms.func_grad),
    (Once.apply, transforms.func_vmap),
    (Once.apply, transforms.func_hessian),
    (Once.apply, transforms.func_jacfwd_of_jacfwd),
    (Once.apply, transforms.func_jacrev_of_jacrev),
    (by_numpy, transforms.func_vmap),
    (by_numpy, transforms.traced_by_make_fx),
    (IgnoresStrides.apply, layout.strided_gradient),
    (IgnoresStrides.apply, layout.expanded_gradient),
    (always_contiguous, layout.channels_last),
    (always_contiguous, layout.channels_last_3d),
    (in_memory_order, layout.strided_input),
    (in_memory_order, layout.transposed_input),
    (in_memory_order, layout.expanded_input),
    (not_at_zero_dimensions, layout.zero_dimensional),
    (by_numpy, devices.meta),
    (always_float32, dtypes.dtypes),
    (any_dtype, dtypes.other_dtypes),
    (graph_break, compilation.compiled_aot_eager),
    (by_numpy, compilation.compiled_aot_eager),
    (graph_break, compilation.compiled_without_grad),
    (shared_scratch, modules.threads),
    (loses_the_subclass, modules.subclasses),
    (autocast_to_bfloat16, dtypes.autocast),
    (by_position, layout.many_elements),
    (by_position, layout.same_bits_at_every_place),
    (off_by_three, values.float32),
    (off_by_three, values.float64),
    (zero_in_the_tail, values.float32),
    (zero_in_the_tail, values.float64),
    (slope_lost_in_the_tail, values.float32),
    (rounded_twice, values.bfloat16),
    (rounded_twice, values.float16),
    (torchs, limits.at_infinity),
    (wrong_limit, limits.at_infinity),
    (nan_at_a_finite_point, limits.finite_inputs),
    (hides_nan, limits.nan_gives_nan),
    (hides_nan, limits.nan_gradient),
    (any_dtype, memory.saves_little),
]


def _name(value: object) -> str:
    return getattr(getattr(value, "__self__", value), "__name__", str(value))


@pytest.mark.parametrize(("function", "check"), BREAKS, ids=_name)
def test_caught(function: Callable[..., Tensor], check: Check) -> None:
    silu = declarations()["silu"]
    check(Declared(silu))
    with pytest.raises((AssertionError, RuntimeError, TypeError)):
        check(Broken(silu, broken=function))


class Hoards(nn.Module):
    """A module with a buffer that is not part of the activation."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Tensor
        self.register_buffer("seen", torch.zeros(1))
        self.training = False

    def forward(self, x: Tensor) -> Tensor:
        self.seen += 1
        return x * torch.sigmoid(x) * (self.seen > 1)


@dataclass(frozen=True)
class BrokenModule(Declared):
    """SiLU by another module."""

    def module(self, *, channels: int = 1, **more: Any) -> nn.Module:
        return Hoards()


@pytest.mark.parametrize(
    "check",
    [modules.module_is_function, pickling.state_saved, devices.moved, modules.printed, modules.attributes],
    ids=_name,
)
def test_broken_module_caught(check: Check) -> None:
    silu = declarations()["silu"]
    check(Declared(silu))
    with pytest.raises(AssertionError):
        check(BrokenModule(silu))


@dataclass(frozen=True)
class Unlearned(Declared):
    """Swish whose learned slope gets a gradient that leads away, or none."""

    sign: float = -1.0

    @property
    def function(self) -> Callable[..., Tensor]:
        def swish_beta(input: Tensor, *, beta: Tensor) -> Tensor:
            turned = beta.detach() * (1 - self.sign) + beta * self.sign
            return input * torch.sigmoid(input * turned)

        return swish_beta


@pytest.mark.parametrize("sign", [-1.0, 0.0], ids=["wrong way", "no gradient"])
def test_a_parameter_that_does_not_train_is_caught(sign: float) -> None:
    swish = declarations()["swish_beta"]
    learning.parameters_train(Declared(swish, parameters=swish.defaults))
    with pytest.raises((AssertionError, RuntimeError)):
        learning.parameters_train(Unlearned(swish, parameters=swish.defaults, sign=sign))


def test_a_row_function_that_is_wrong_is_caught() -> None:
    """torch's log_softmax of a confident row has lost its digits."""
    softmax = declarations()["log_softmax"]
    values.of_rows(Declared(softmax, options={"dim": 1}))
    with pytest.raises(AssertionError):
        values.of_rows(Given(nn.LogSoftmax(dim=1), "torch", softmax))


class Unpicklable(nn.Module):
    """Holds a function that pickle cannot name, and counts its copies."""

    def __init__(self) -> None:
        super().__init__()
        self.function: Callable[[Tensor], Tensor] = lambda x: x * torch.sigmoid(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def test_a_module_that_does_not_pickle_is_caught() -> None:
    report = run_contract(Unpicklable(), checks=("pickling",))
    assert [r.check for r in report.failed] == ["pickling.pickled", "pickling.saved_and_loaded"]
    assert run_contract(nn.SiLU(), checks=("pickling",)).ok


def test_every_group_of_checks_is_proved() -> None:
    """A check that nothing is known to fail is a check that may never fail."""
    proved = {check.__module__.rpartition(".")[2] for _, check in BREAKS}
    proved |= {"learning", "pickling"}  # above
    assert proved == set(GROUPS)
