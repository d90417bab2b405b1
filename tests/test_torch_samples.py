"""torch's own samples, of OpInfo and ModuleInfo, for every function and class that torch has too.

Each sample runs through torch and through ours; value and gradients must agree to the dtype's rounding. Where torch is
known to be wrong beyond that, ``TORCH_IS_WRONG`` names the function and the defect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db

from nonlin.builders import classes, functions
from nonlin.catalogue import declarations
from nonlin.contract.expect import same
from nonlin.contract.peers import torch_class
from nonlin.formula.declaration import Activation

DTYPES = (torch.float32, torch.float64, torch.bfloat16)

TOLERANCE = {
    torch.float64: {"rtol": 1e-12, "atol": 1e-14},
    torch.float32: {"rtol": 2e-5, "atol": 1e-6},
    torch.bfloat16: {"rtol": 2e-2, "atol": 2e-2},
}

# where torch is off by more than that: the tolerance that torch needs, and its defect (ours are proved by the accuracy tests)
TORCH_IS_WRONG: dict[tuple[str, torch.dtype], tuple[dict[str, float], str]] = {
    ("celu", torch.float64): ({"rtol": 1e-7, "atol": 1e-9}, "alpha is rounded to float32 in the gradient"),
    ("hardsigmoid", torch.float64): ({"rtol": 1e-7, "atol": 1e-9}, "the gradient is 1/6 rounded to float32"),
}

# (name, part) -> why ours refuses or differs
REFUSED = {
    "silu-complex": "complex input: a formula with comparisons or limits is not defined there; torch has silu alone",
}
RANDOM = {"rrelu": "two draws differ: compared by its bounds instead"}


def _samples_of(activation: Activation) -> list[Any]:
    name = activation.torch_name
    return [op for op in op_db if name is not None and op.name in (name, f"nn.functional.{name}")]


OPS = [(activation, op) for activation in declarations().values() for op in _samples_of(activation)]
MODULES = [
    (activation, info)
    for activation in declarations().values()
    for info in module_db
    if info.module_cls is torch_class(activation) and torch_class(activation) is not None
]


def _op_id(value: Any) -> str:
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    return value.name if isinstance(value, Activation) else value.variant_test_name or "plain"


def _leaves(*values: Any) -> list[Tensor]:
    return [v for v in values if isinstance(v, Tensor) and v.requires_grad]


def _close(name: str, ours: Tensor, theirs: Tensor, dtype: torch.dtype) -> None:
    tolerance, _ = TORCH_IS_WRONG.get((name, dtype), (TOLERANCE[dtype], ""))
    same(ours, theirs, **tolerance)


def _compare(name: str, ours: Tensor, theirs: Tensor, leaves: list[Tensor], dtype: torch.dtype) -> None:
    """Value, shape, dtype and the gradients of the same leaves."""
    _close(name, ours, theirs, dtype)
    if not theirs.requires_grad:
        return
    incoming = torch.randn(theirs.shape, dtype=torch.float64).to(theirs.dtype)
    expected = torch.autograd.grad(theirs, leaves, incoming, allow_unused=True)
    actual = torch.autograd.grad(ours, leaves, incoming, allow_unused=True)
    for a, e in zip(actual, expected, strict=True):
        assert (a is None) == (e is None)
        if a is not None and e is not None:
            _close(name, a, e, dtype)


def _runs(op: Any, dtype: torch.dtype) -> Iterator[Any]:
    if dtype in op.supported_dtypes("cpu"):
        yield from op.sample_inputs("cpu", dtype, requires_grad=dtype in op.supported_backward_dtypes("cpu"))


@pytest.mark.parametrize("dtype", DTYPES, ids=_op_id)
@pytest.mark.parametrize(("activation", "op"), OPS, ids=_op_id)
def test_op_samples(activation: Activation, op: Any, dtype: torch.dtype, record_property: Any) -> None:
    """Every sample input of torch's OpInfo."""
    if f"{activation.name}-{op.variant_test_name}" in REFUSED:
        for sample in op.sample_inputs("cpu", torch.complex64, requires_grad=False):
            with pytest.raises(TypeError, match="complex"):
                functions.of(activation)(sample.input, *sample.args, **sample.kwargs)
        return
    count = 0
    for sample in _runs(op, dtype):
        theirs = op.op(sample.input, *sample.args, **sample.kwargs)
        ours = functions.of(activation)(sample.input, *sample.args, **sample.kwargs)
        count += 1
        if activation.name in RANDOM and sample.kwargs.get("training"):
            assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            continue
        _compare(
            activation.name, ours, theirs, _leaves(sample.input, *sample.args, *sample.kwargs.values()), ours.dtype
        )
    assert count, "torch gave no sample"
    record_property("samples", count)


@pytest.mark.parametrize("dtype", DTYPES, ids=_op_id)
@pytest.mark.parametrize(("activation", "op"), OPS, ids=_op_id)
def test_op_error_inputs(activation: Activation, op: Any, dtype: torch.dtype) -> None:
    """What torch refuses by OpInfo, ours refuses too."""
    if op.error_inputs_func is None:
        return
    for error in op.error_inputs("cpu"):
        sample = error.sample_input
        with pytest.raises((RuntimeError, ValueError, TypeError, IndexError)):
            functions.of(activation)(
                sample.input.to(dtype) if sample.input.is_floating_point() else sample.input,
                *sample.args,
                **sample.kwargs,
            )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=_op_id)
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize(
    ("activation", "info"), MODULES, ids=lambda v: v.name if isinstance(v, Activation) else "module"
)
def test_module_samples(
    activation: Activation, info: Any, training: bool, dtype: torch.dtype, record_property: Any
) -> None:
    """Every sample construction and input of torch's ModuleInfo."""
    count = 0
    assert dtype in info.dtypes
    for sample in info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=training):
        made = sample.constructor_input
        theirs: nn.Module = info.module_cls(*made.args, **made.kwargs).to(dtype).train(training)
        ours = classes.of(activation)(*made.args, **made.kwargs).to(dtype).train(training)
        ours.load_state_dict(theirs.state_dict())
        args, kwargs = sample.forward_input.args, sample.forward_input.kwargs
        expected, actual = theirs(*args, **kwargs), ours(*args, **kwargs)
        count += 1
        if activation.name in RANDOM and training:
            assert actual.shape == expected.shape
            continue
        _compare(activation.name, actual, expected, [*_leaves(*args)], dtype)
        learned = [
            torch.autograd.grad(m(*args).sum(), [*m.parameters()]) if [*m.parameters()] else () for m in (ours, theirs)
        ]
        for a, e in zip(*learned, strict=True):
            _close(activation.name, a, e, dtype)
    assert count, "torch gave no sample"
    record_property("samples", count)


def test_every_function_of_torch_has_samples() -> None:
    """No function slips through: torch's OpInfo knows every one of ours that torch has."""
    counts = Counter(activation.name for activation, _ in OPS)
    assert set(counts) == {a.name for a in declarations().values() if a.torch_name}
    assert {a.name for a in declarations().values() if torch_class(a)} - {
        a.name for a, _ in MODULES
    } == WITHOUT_MODULE_SAMPLES


WITHOUT_MODULE_SAMPLES = {"rrelu", "hardsigmoid"}  # torch's ModuleInfo has none
