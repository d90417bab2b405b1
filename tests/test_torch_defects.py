"""Where torch's own activation functions are wrong and nonlin's are right: both asserted, so that the list stays true.

``python -m tests.test_torch_defects`` prints the list. The numbers are those of the list of defects that the project keeps;
number 2 (a race inside the vector library that torch calls) is beyond what a composite of torch's operations can avoid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, isnan
from typing import Any

import numpy as np
import pytest
import torch
from flint import arb
from torch import Tensor
from torch.nn import functional as peer

from nonlin import functional
from nonlin.registry import find
from tests.oracle import Array, Truth, prove
from tests.scalar_cases import Case
from tests.ulp import errors

pytestmark = pytest.mark.skipif(
    not torch.__version__.startswith("2.13."), reason=f"torch's side was measured on 2.13, this is {torch.__version__}"
)

RIGHT, WRONG = 4.0, 32.0  # ULP: ours is within, torch's beyond


@dataclass(frozen=True)
class Point:
    """One x at which torch's value (order 0), derivative (1) or second derivative (2) is wrong."""

    number: int
    name: str
    x: float
    dtype: torch.dtype = torch.float32
    order: int = 0
    torch: Callable[..., Tensor] | None = None
    parameters: dict[str, float] = field(default_factory=dict)
    limit: float | None = None  # the true value, where x is infinite

    def __str__(self) -> str:
        arguments = "".join(f", {k}={v:g}" for k, v in self.parameters.items())
        return f"{self.name}{chr(39) * self.order}({self.x:g}{arguments}) in {str(self.dtype).removeprefix('torch.')}"

    def truth(self) -> Truth | Array:
        if self.limit is not None:
            return np.array([self.limit])
        return Case(find(self.name), self.parameters).oracle.truth([self.x], self.order)[self.order]

    def ours(self) -> Tensor:
        return self._evaluate(getattr(functional, self.name))

    def theirs(self) -> Tensor:
        return self._evaluate(self.torch or getattr(peer, self.name))

    def _evaluate(self, function: Callable[..., Tensor]) -> Tensor:
        x = torch.full(
            (8,), self.x, dtype=self.dtype, requires_grad=self.order > 0
        )  # torch has another GELU without a gradient
        y = function(x, **self.parameters)
        for _ in range(self.order):
            (y,) = torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)
        return y.detach()[:1]


def tanh_gelu(x: Tensor) -> Tensor:
    return peer.gelu(x, approximate="tanh")


BF16, F16, F64 = torch.bfloat16, torch.float16, torch.float64
POINTS = [
    Point(1, "gelu", -5.0),
    Point(1, "gelu", -6.151, order=1),
    Point(1, "gelu", -8.5, F64),
    Point(3, "sigmoid", 6.25, BF16, 1, torch.sigmoid),
    Point(3, "sigmoid", 17.0, order=1, torch=torch.sigmoid),
    Point(3, "tanh", 3.8125, BF16, 1, torch.tanh),
    Point(3, "tanh", 9.1, order=1, torch=torch.tanh),
    *(Point(5, name, -inf, limit=0.0) for name in ("silu", "mish", "hardswish", "gelu")),
    *(Point(5, "softsign", side * inf, limit=side) for side in (-1.0, 1.0)),
    *(Point(5, name, inf, order=1, limit=1.0) for name in ("silu", "mish", "gelu")),
    Point(6, "gelu_tanh", 2e19, order=1, torch=tanh_gelu),
    Point(6, "gelu_tanh", -5.5, torch=tanh_gelu),
    Point(6, "gelu_tanh", 2e13, order=2, torch=tanh_gelu),
    Point(7, "mish", 90.0, order=2),
    Point(7, "mish", 12.0, F16, 2),
    Point(7, "gelu", 256.0, F16, 2),
    Point(8, "tanhshrink", 3e-4),
    Point(8, "tanhshrink", 0.0625, BF16),
    Point(8, "tanhshrink", 1e-4, order=1),
    Point(9, "softsign", -338.0, BF16, 1),
    Point(9, "softsign", 3e7, order=1),
    Point(11, "hardsigmoid", 0.5, F64, 1),
    Point(12, "celu", -5.0, F64, 1, parameters={"alpha": 1.3}),
    Point(14, "softplus", 20.1, F64),
    Point(14, "softplus", 20.1, F64, 1),
    Point(14, "hardswish", 6e37),
    Point(14, "silu", -89.05),
    Point(14, "silu", -709.9, F64),
    Point(14, "mish", -89.5, order=1),
]


def judged(point: Point) -> tuple[float, float]:
    """(our error, torch's error) in ULP; the x that counts is the one the dtype holds."""
    held = float(torch.tensor(point.x, dtype=point.dtype))
    exact = Point(**{**point.__dict__, "x": held})
    truth = exact.truth()
    return float(errors(exact.ours(), truth)[0]), float(errors(exact.theirs(), truth)[0])


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_ours_is_right_and_torchs_is_wrong(point: Point) -> None:
    ours, theirs = judged(point)
    assert ours <= RIGHT
    assert theirs > WRONG, "torch has mended this: strike it from the list"


@pytest.mark.filterwarnings("ignore:.*torch.jit.script_method:DeprecationWarning")  # inductor's own import of it
def test_4_compiled_elu_keeps_its_digits() -> None:
    x = torch.full((64,), -1e-10)
    truth = Case(find("elu")).oracle.truth([float(x[0])])[0]
    torch._dynamo.reset()
    ours = torch.compile(functional.elu, fullgraph=True)(x)
    theirs = torch.compile(peer.elu, fullgraph=True)(x)
    assert errors(ours[:1], truth)[0] <= RIGHT
    assert theirs[0] == 0.0, "torch has mended this: strike it from the list"


def confident_row() -> tuple[float, float, float]:
    """(ours, torch's, true) first entry of log_softmax([17, 0])."""
    row = torch.tensor([17.0, 0.0])
    true = prove(lambda: [-((-arb(17)).exp().log1p())])[0]
    return float(functional.log_softmax(row, -1)[0]), float(peer.log_softmax(row, -1)[0]), float(true)


def test_10_log_softmax_of_a_confident_row() -> None:
    ours, theirs, true = confident_row()
    assert ours == pytest.approx(true, rel=1e-7)
    assert theirs == 0.0
    row = torch.tensor([17.0, 0.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(functional.log_softmax(row, -1)[0], row)
    assert gradient.tolist() == pytest.approx([-true, true], rel=1e-6)  # sums to 0


def test_11_hardsigmoid_has_a_second_derivative() -> None:
    hessian = torch.func.hessian(lambda x: functional.hardsigmoid(x).sum())(torch.ones(2))
    assert torch.equal(hessian, torch.zeros(2, 2))
    with pytest.raises((NotImplementedError, RuntimeError)):
        torch.func.hessian(lambda x: peer.hardsigmoid(x).sum())(torch.ones(2))


def distinct(function: Callable[[Tensor], Tensor]) -> int:
    """How many different values 33 equal inputs give."""
    return len(set(function(torch.full((33,), -6.154389381408691)).tolist()))


def test_13_the_same_x_gives_one_value() -> None:
    assert distinct(functional.mish) == 1
    assert distinct(peer.mish) == 2


def nan_gradient(function: Callable[[Tensor], Tensor]) -> float:
    x = torch.full((8,), torch.nan, requires_grad=True)
    (gradient,) = torch.autograd.grad(function(x).sum(), x)
    return float(gradient[0])


@pytest.mark.parametrize("name", ["relu", "relu6", "hardtanh", "hardshrink", "softshrink", "hardsigmoid", "leaky_relu"])
def test_13_nan_gradients_are_not_lost(name: str) -> None:
    assert isnan(nan_gradient(getattr(functional, name)))
    assert not isnan(nan_gradient(getattr(peer, name)))


def saved_bytes(function: Callable[..., Tensor], *inputs: Tensor) -> int:
    """What autograd keeps for backward, in bytes an element, each storage counted once."""
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = function(*(i.requires_grad_() for i in inputs))
    assert result.requires_grad
    return sum(kept.values()) // inputs[0].numel()


SAVED: list[tuple[str, int, Callable[..., Tensor], Callable[..., Tensor], int]] = [
    ("swiglu", 2, lambda a, b: functional.swiglu(a, value=b), lambda a, b: peer.silu(a) * b, 8),
    ("softsign", 1, lambda a: functional.softsign(a), peer.softsign, 4),
    ("logsigmoid", 1, lambda a: functional.logsigmoid(a), peer.logsigmoid, 4),
]


@pytest.mark.parametrize(("name", "count", "ours", "theirs", "enough"), SAVED, ids=[s[0] for s in SAVED])
def test_15_only_the_inputs_are_saved(name: str, count: int, ours: Any, theirs: Any, enough: int) -> None:
    assert saved_bytes(ours, *(torch.randn(1000) for _ in range(count))) == enough
    assert saved_bytes(theirs, *(torch.randn(1000) for _ in range(count))) > enough


def test_15_vmap_of_rrelu() -> None:
    x = torch.randn(3, 4)
    torch.testing.assert_close(torch.func.vmap(functional.rrelu)(x), functional.rrelu(x), rtol=3e-7, atol=0)
    with pytest.raises(RuntimeError):
        torch.func.vmap(peer.rrelu)(x)


def lines() -> list[str]:
    """The list, one line a defect: what, the true value, ours and torch's."""
    table = [f"{'no':>2}  {'what':42} {'true':>14} {'nonlin':>14} {'torch':>14} {'nonlin ULP':>11} {'torch ULP':>11}"]
    for point in POINTS:
        held = Point(**{**point.__dict__, "x": float(torch.tensor(point.x, dtype=point.dtype))})
        truth = held.truth()
        true = float((truth.nearest if isinstance(truth, Truth) else truth)[0])
        ours, theirs = judged(point)
        table.append(
            f"{point.number:2}  {point!s:42} {true:14.6g} {float(held.ours()[0]):14.6g} {float(held.theirs()[0]):14.6g} {ours:11.3g} {theirs:11.3g}"
        )
    x = torch.full((64,), -1e-10)
    compiled = [float(torch.compile(f, fullgraph=True)(x)[0]) for f in (functional.elu, peer.elu)]
    table.append(f" 4  {'compiled elu(-1e-10)':42} {-1e-10:14.6g} {compiled[0]:14.6g} {compiled[1]:14.6g}")
    ours, theirs, true = confident_row()
    table.append(f"10  {'log_softmax([17, 0])[0]':42} {true:14.6g} {ours:14.6g} {theirs:14.6g}")
    table.append(f"11  {'hessian of hardsigmoid':42} {'0':>14} {'0':>14} {'an error':>14}")
    table.append(
        f"13  {'different values of 33 equal mish inputs':42} {1:14} {distinct(functional.mish):14} {distinct(peer.mish):14}"
    )
    table.append(
        f"13  {'relu derivative at NaN':42} {'nan':>14} {nan_gradient(functional.relu):14} {nan_gradient(peer.relu):14}"
    )
    for name, count, own, other, enough in SAVED:
        kept = [saved_bytes(f, *(torch.randn(1000) for _ in range(count))) for f in (own, other)]
        table.append(f"15  {'bytes kept an element (float32): ' + name:42} {enough:14} {kept[0]:14} {kept[1]:14}")
    return table


if __name__ == "__main__":
    print("\n".join(lines()))
