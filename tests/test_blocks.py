"""Large tensors are evaluated in blocks: the same bits, layout and gradients as in one piece."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import nonlin
from nonlin.kernels import blocks
from tests.catalogue import DEFAULTS
from tests.paths import composite_only

NAMES = [case.name for case in DEFAULTS if case.kind == "pointwise"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda block: monkeypatch.setattr(blocks, "BLOCK", block)


def call(name: str, x: Tensor) -> Tensor:
    activation = nonlin.find(name)
    given = [
        torch.tensor(p.default, dtype=x.dtype) if p.learnable else p.default
        for p in activation.parameters
        if p.required
    ]
    with composite_only():
        result: Tensor = getattr(nonlin.functional, name)(x, *given)
    return result


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_blocks_give_the_same_bits(name: str, dtype: torch.dtype, small: Callable[[int], None]) -> None:
    x = (torch.randn(1003, generator=torch.Generator().manual_seed(0)) * 6).to(dtype)
    small(10**9)
    whole, grad = call(name, x), torch.func.grad(lambda x: call(name, x).sum())(x)
    small(97)
    leaf = x.clone().requires_grad_()
    y = call(name, leaf)
    with composite_only():
        (slope,) = torch.autograd.grad(y.sum(), leaf)
    torch.testing.assert_close(call(name, x), whole, rtol=0, atol=0)
    torch.testing.assert_close(y.detach(), whole, rtol=0, atol=0)
    torch.testing.assert_close(slope, grad, rtol=0, atol=0)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=str)
def test_blocks_keep_the_layout(layout: torch.memory_format, small: Callable[[int], None]) -> None:
    x = torch.randn(3, 5, 7, 4, generator=torch.Generator().manual_seed(0)).contiguous(memory_format=layout)
    small(64)
    assert blocks.worthwhile((x,))
    y = call("mish", x)
    assert y.stride() == x.stride()
    small(10**9)
    torch.testing.assert_close(y, call("mish", x), rtol=0, atol=0)


def test_only_large_plain_dense_tensors_of_one_layout_go_in_blocks(small: Callable[[int], None]) -> None:
    small(8)
    x = torch.randn(8, 8)
    assert blocks.worthwhile((x, x.clone(), 0.5, torch.tensor(0.5)))
    assert not blocks.worthwhile((x[:, ::2],))
    assert not blocks.worthwhile((x, x.t().contiguous().t()))
    assert not blocks.worthwhile((x, torch.randn(8)))
    assert not blocks.worthwhile((torch.randn(3),))
    assert not blocks.worthwhile((torch.empty(64, device="meta"),))
    assert not blocks.worthwhile((x.clone().requires_grad_(),))
    seen: list[bool] = []

    def record(row: Tensor) -> Tensor:
        seen.append(blocks.worthwhile((row,)))
        return row

    torch.vmap(record)(torch.randn(2, 64))
    assert seen == [False]


def test_offsets_into_a_larger_storage(small: Callable[[int], None]) -> None:
    storage = torch.randn(300, generator=torch.Generator().manual_seed(0))
    small(16)
    torch.testing.assert_close(
        nonlin.functional.silu(storage[37:237]), nonlin.functional.silu(storage)[37:237], rtol=0, atol=0
    )
