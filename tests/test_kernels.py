"""The C kernels as a whole: the same bits everywhere, threads, processes, in-place writes, and life without a compiler."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

import nonlin
from nonlin import functional as F
from nonlin import registry
from nonlin.formula.declaration import Activation
from nonlin.kernels import library
from nonlin.kernels.source import source
from tests.catalogue import JUDGED, REPRESENTATIVES
from tests.paths import compiles, composite_only
from tests.scalar_cases import DTYPES, Case, cases

pytestmark = pytest.mark.skipif(not compiles(), reason="no C compiler: there are no kernels to test")
ALL = pytest.mark.parametrize("case", [c for c in cases() if c.activation in REPRESENTATIVES], ids=str)
MANY = 150_000  # several blocks on each of several threads


def spread(size: int, dtype: torch.dtype) -> Tensor:
    """Numbers of every magnitude, those of both paths mixed, special ones among them."""
    generator = torch.Generator().manual_seed(size)
    x = torch.randn(size, generator=generator) * torch.logspace(-3, 3, size)[torch.randperm(size, generator=generator)]
    x[::101] = float("nan")
    x[1::103] = float("inf")
    x[2::107] = -1e-41
    return x.to(dtype)


def bits(x: Tensor) -> Tensor:
    """The patterns, all NaN alike."""
    x = torch.where(torch.isnan(x), torch.full_like(x, float("nan")), x)
    return x.view({1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()])


@ALL
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_same_bits_at_every_position_and_length(case: Case, dtype: torch.dtype) -> None:
    x = spread(2_500, dtype)
    whole = case.fused(x)
    for start, stop in ((0, 1), (1, 2), (3, 20), (7, 64), (500, 1_533), (1_024, 2_500), (2_499, 2_500)):
        for part, full in zip(case.fused(x[start:stop]), whole, strict=True):
            assert torch.equal(bits(part), bits(full[start:stop])), f"elements {start} to {stop}"


@pytest.mark.parametrize("name", ["silu", "gelu", "relu", "elu", "swiglu"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_same_bits_for_any_number_of_threads(name: str, dtype: torch.dtype) -> None:
    function = getattr(F, name)
    x = spread(2 * MANY, dtype)
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            leaf = x.clone().requires_grad_()
            y = function(leaf)
            found.append((y.detach(), *torch.autograd.grad(y, leaf, torch.ones_like(y))))
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        assert all(torch.equal(bits(a), bits(b)) for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize("shape", [(3, 8, 40, 30), (700, 8), (2, 8, 30_000)], ids=str)
@pytest.mark.parametrize("shared", [True, False])
def test_learned_gradient_is_the_sum_and_does_not_depend_on_threads(shape: tuple[int, ...], shared: bool) -> None:
    weight = torch.linspace(0.1, 0.9, 1 if shared else 8).requires_grad_()
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
    incoming = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            found.append(torch.autograd.grad(F.prelu(x, weight), (x, weight), incoming))
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))
    exact = torch.nn.functional.prelu(x.double(), weight.double())
    expected = torch.autograd.grad(exact, (x, weight), incoming.double())
    torch.testing.assert_close(found[0][1], expected[1], rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(found[0][0], expected[0], rtol=1e-6, atol=0)


def test_in_place_writes_are_seen_by_autograd() -> None:
    x = torch.randn(10, requires_grad=True)
    y = x * 2
    z = y * y  # saves y
    with torch.no_grad():
        F.silu(y, inplace=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_in_place_in_inference_mode() -> None:
    with torch.inference_mode():
        x = torch.randn(10)
        expected = F.silu(x)
        assert torch.equal(F.silu(x, inplace=True), expected)


@pytest.mark.parametrize("layout", ["contiguous", "turned", "strided", "expanded"])
def test_in_place_in_any_layout(layout: str) -> None:
    base = torch.randn(6, 8)
    x = {"contiguous": base, "turned": base.mT, "strided": base[:, ::2], "expanded": base[:1, :1].expand(3, 3)}[layout]
    expected = F.mish(x.clone())
    if layout == "expanded":
        with pytest.raises(RuntimeError, match="single memory location"):
            F.mish(x, inplace=True)
    else:
        assert F.mish(x, inplace=True) is x
        assert torch.equal(x, expected)


def test_out_may_overlap_the_input() -> None:
    memory = torch.linspace(-2, 2, 3000)
    expected = F.mish(memory[:-1].clone())
    assert torch.equal(F.mish(memory[:-1], out=memory[1:]), expected)


def test_a_lazily_negated_view_gives_the_same_bits() -> None:
    view = torch.randn(1000, dtype=torch.complex64).conj().imag
    assert view.is_neg()
    assert torch.equal(F.selu(view), F.selu(view.resolve_neg().clone()))


def test_out_is_written_and_checked() -> None:
    x, out = torch.randn(4, 6), torch.empty(4, 6)
    assert F.elu(x, 0.5, out=out) is out
    assert torch.equal(out, F.elu(x, 0.5))
    turned = torch.empty(6, 4).mT
    assert torch.equal(F.elu(x, out=turned), F.elu(x))
    for wrong in (torch.empty(4, 5), torch.empty(4, 6, dtype=torch.float64), [1.0]):
        with pytest.raises(TypeError, match=r"out= is .*; expected a tensor of torch\.float32 \(4, 6\)"):
            F.elu(x, out=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot be differentiated"):
        F.elu(x.clone().requires_grad_(), out=out)


@pytest.mark.parametrize("name", ["silu", "elu", "swiglu"])
def test_two_backward_passes_give_the_same(name: str) -> None:
    x = torch.randn(64, requires_grad=True)
    y = getattr(F, name)(x)
    first = torch.autograd.grad(y.sum(), x, retain_graph=True)[0]
    assert torch.equal(first, torch.autograd.grad(y.sum(), x)[0])


def test_threads_that_call_at_once() -> None:
    x = torch.randn(MANY)
    expected = F.gelu(x)
    found: list[bool] = []

    def work() -> None:
        found.extend(torch.equal(F.gelu(x), expected) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == 80
    assert all(found)


class Rows(Dataset[Tensor]):
    """Items that a worker computes by a kernel."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Tensor:
        return F.silu(torch.full((40_000,), float(index)))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded, use of fork:DeprecationWarning")
def test_data_loader_workers_after_use_in_the_parent() -> None:
    expected = [F.silu(torch.full((40_000,), float(i))) for i in range(8)]
    for i, row in enumerate(DataLoader(Rows(), batch_size=None, num_workers=2, multiprocessing_context="fork")):
        assert torch.equal(row, expected[i])


FORKED = """
import os, torch
from nonlin import functional as F
x = torch.randn(200_000)
torch.set_num_threads({threads})
expected = F.mish(x)
child = os.fork()
if child == 0:
    torch.set_num_threads(1)
    os._exit(0 if torch.equal(F.mish(x), expected) and torch.equal(F.elu(x), F.elu(x)) else 1)
assert os.waitpid(child, 0)[1] == 0
assert torch.equal(F.mish(x), expected)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("threads", [1, 2])
def test_fork_after_use(threads: int) -> None:
    done = run(FORKED.format(threads=threads))
    assert done.returncode == 0, done.stderr


QUIET = """
import importlib.util as util
found = util.find_spec
util.find_spec = lambda name, *rest: None if name == "ziglang" else found(name, *rest)  # the compiler that pip installs
import torch, warnings
from nonlin import functional as F
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    x = torch.linspace(-4, 4, 1000, requires_grad=True)
    for name in ("silu", "gelu", "elu", "swiglu"):
        getattr(F, name)(x).sum().backward()
print(len(seen), [str(w.message) for w in seen][:1], x.grad.sum().item())
"""


def run(text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {k: v for k, v in os.environ.items() if k not in ("CC",)}
    return subprocess.run(
        [sys.executable, "-c", text],
        env={**known, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_a_compiler_everything_works_with_one_notice(tmp_path: Any) -> None:
    with_kernels = run(QUIET, NONLIN_CACHE=str(tmp_path / "a")).stdout
    without = run(QUIET, NONLIN_CACHE=str(tmp_path / "b"), PATH=str(tmp_path), CC="")
    assert with_kernels.startswith("0 []"), with_kernels
    assert without.stdout.startswith("1 ["), without.stdout + without.stderr
    assert "compiler" in without.stdout
    assert float(without.stdout.split()[-1]) == pytest.approx(float(with_kernels.split()[-1]), rel=1e-5)


def test_a_compile_error_names_its_log(tmp_path: Any) -> None:
    done = run(QUIET, NONLIN_CACHE=str(tmp_path / "cache"), CC="false")
    assert done.stdout.startswith("1 ["), done.stdout + done.stderr
    assert ".log" in done.stdout


def test_a_defined_formula_gets_kernels() -> None:
    nonlin.define("bent_test", "x + sqrt(x * x + 1) / 2")
    y = registry.get("bent_test")(torch.ones(3))
    assert library.library(registry.find("bent_test"), "pointwise", "single") is not None
    torch.testing.assert_close(y, torch.full((3,), 1 + 2**0.5 / 2))


def test_every_parameter_value_is_served_by_one_kernel() -> None:
    before = len(library._libraries)
    x = torch.linspace(-3, 3, 100)
    for alpha in (0.5, 1.0, 2.0, 0.1):
        torch.testing.assert_close(F.elu(x, alpha), torch.nn.functional.elu(x, alpha))
    assert len(library._libraries) <= before + 1


@pytest.mark.parametrize("role", ["pointwise", "gated"])
@pytest.mark.parametrize("family", ["single", "double"])
def test_source_names_no_activation_and_is_the_same_each_time(role: Any, family: Any) -> None:
    activation = registry.find("mish")
    text = source(activation, role, family)
    assert text == source(activation, role, family)
    assert "mish" not in text


@pytest.mark.parametrize(
    "activation",
    [a for a in JUDGED if a.kind == "pointwise" and not any(p.required for p in a.parameters)],
    ids=lambda a: a.name,
)
def test_kernels_and_composite_agree(activation: Activation) -> None:
    """Within the bars of both: what torch.compile computes is what eager computes."""
    x = torch.randn(1000, generator=torch.Generator().manual_seed(2)) * 3
    function = getattr(F, activation.name)
    with composite_only():
        plain = function(x)
    torch.testing.assert_close(function(x), plain, rtol=3e-7, atol=1e-37)
