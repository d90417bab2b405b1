"""Calls from C++: they give what calls from Python give, reuse memory only where nobody can notice, and step aside."""

from __future__ import annotations

import copy
import fcntl
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import nonlin
from nonlin import functional as F
from nonlin.kernels import native
from nonlin.kernels.cpp_compiler import cpp_compiler
from tests.catalogue import REPRESENTATIVES
from tests.paths import from_cpp
from tests.scalar_cases import DTYPES, Case, cases

pytestmark = pytest.mark.skipif(
    cpp_compiler() is None, reason="no C++ compiler, or no headers of torch or Python: calls go through Python"
)
LARGE = 1 << 17  # float32 elements: 512 KiB, from the pool
CALLS: dict[str, Callable[..., Tensor]] = {
    "silu": F.silu,
    "leaky_relu(0.3)": lambda x: F.leaky_relu(x, 0.3),
    "packed glu": lambda x: F.glu(x),
    "packed glu of dimension 0, gate first": lambda x: F.swiglu(x, 0, gate_half="first"),
    "gate and value": lambda x: F.swiglu(x, value=x * 2),
    "a gate with a parameter": lambda x: F.glu(x, gate="elu(0.5)", value=x * 2),
    "prelu": lambda x: F.prelu(x, torch.full((1,), 0.2, dtype=x.dtype)),
    "prelu by channel": lambda x: F.prelu(x, torch.linspace(0, 1, x.shape[1], dtype=x.dtype)),
}
EACH = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


def test_it_is_there() -> None:
    """A machine with a C++ compiler and the headers runs the module: the other tests test it, and not the fallback."""
    assert from_cpp(), native.problem()


def trained(call: Callable[..., Tensor], x: Tensor, grad: Tensor | None = None) -> tuple[Tensor, Tensor, str]:
    x = x.detach().clone().requires_grad_()
    y = call(x)
    (found,) = torch.autograd.grad(y, x, torch.cos(y.detach()) if grad is None else grad)
    assert y.grad_fn is not None
    return y.detach(), found, type(y.grad_fn).__name__


@EACH
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", ["contiguous", "transposed", "holes", "empty"])
def test_the_same_from_cpp_and_from_python(call: Callable[..., Tensor], dtype: torch.dtype, layout: str) -> None:
    x = torch.linspace(-9, 9, 24 * 16).reshape(24, 16).to(dtype)
    x = {"contiguous": x, "transposed": x.t(), "holes": x[::2, ::2], "empty": x[:0]}[layout]
    quick = trained(call, x)
    with native.paused():
        slow = trained(call, x)
    for one, other in zip(quick[:2], slow[:2], strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)
        assert one.stride() == other.stride()


@EACH
def test_calls_are_recorded_by_the_module(call: Callable[..., Tensor]) -> None:
    x = torch.randn(4, 8)
    assert trained(call, x)[2] == "CppFunction"
    with native.paused():
        assert trained(call, x)[2] != "CppFunction"


@pytest.mark.parametrize("case", [c for c in cases() if c.activation in REPRESENTATIVES], ids=str)
def test_every_function_is_served(case: Case) -> None:
    y = case(torch.randn(4, 4).requires_grad_())
    assert type(y.grad_fn).__name__ == "CppFunction" or case.activation.formula == "x"


@EACH
def test_a_second_backward_needs_its_graph(call: Callable[..., Tensor]) -> None:
    x = torch.randn(4, 8, requires_grad=True)
    y = call(x)
    first = torch.autograd.grad(y.sum(), x, retain_graph=True)[0]
    assert torch.equal(first, torch.autograd.grad(y.sum(), x)[0])
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        torch.autograd.grad(y.sum(), x)


def test_an_input_changed_in_place_is_noticed() -> None:
    x = torch.randn(8, requires_grad=True) * 1
    y = F.silu(x)
    x.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@EACH
def test_gradients_of_gradients(call: Callable[..., Tensor]) -> None:
    x = torch.randn(4, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(call, x, check_batched_grad=True)
    assert torch.autograd.gradgradcheck(call, x)


def test_compiled_autograd_traces_the_step() -> None:
    weight = torch.full((8,), 0.3, requires_grad=True)
    for call in (F.silu, F.swiglu, lambda x: F.prelu(x, weight)):
        x = torch.randn(4, 8, requires_grad=True)
        (expected,) = torch.autograd.grad(call(x).sum(), x)
        with torch._dynamo.compiled_autograd._enable(lambda graph: graph):
            call(x).sum().backward()
        assert x.grad is not None
        torch.testing.assert_close(x.grad, expected)


@pytest.mark.parametrize("native_calls", [True, False], ids=["from C++", "from Python"])
@EACH
def test_a_hook_may_hand_back_another_dtype_or_layout(call: Callable[..., Tensor], native_calls: bool) -> None:
    data, grad = torch.linspace(-4, 4, 4 * 4096).reshape(4, 4096), None
    hooks = {
        "as it was": (lambda t: t, lambda t: t),
        "of half the width": (lambda t: t.to(torch.bfloat16), lambda t: t),
        "laid out otherwise": (lambda t: t.t().contiguous(), lambda t: t.t()),
    }
    found = {}
    with nullcontext() if native_calls else native.paused():
        for name, (pack, unpack) in hooks.items():
            x = data.clone().requires_grad_()
            with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
                y = call(x)
            grad = torch.linspace(-1, 1, y.numel()).reshape(y.shape)
            y.backward(grad, retain_graph=True)
            assert x.grad is not None
            found[name] = x.grad
    torch.testing.assert_close(found["laid out otherwise"], found["as it was"], rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(found["of half the width"], found["as it was"], rtol=2e-2, atol=2e-2)


def test_a_step_called_by_hand_does_not_read_past_its_gradient() -> None:
    y = F.silu(torch.randn(1 << 12, requires_grad=True))
    assert y.grad_fn is not None
    with torch.no_grad(), pytest.raises(RuntimeError, match="size"):
        y.grad_fn(torch.ones(3))  # type: ignore[operator]


def test_torch_refuses_to_write_into_an_inference_tensor_outside() -> None:
    with torch.inference_mode():
        x = torch.randn(4)
        F.relu(x, inplace=True)
    for context in (nullcontext(), native.paused()):
        with context, pytest.raises(RuntimeError, match="outside InferenceMode"):
            F.silu(x, inplace=True)


def test_an_error_in_the_composite_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    from nonlin.kernels import autograd

    def broken(self: Any, index: int, grad: Tensor, args: Any) -> Tensor:
        raise ArithmeticError("broken on purpose")

    x = torch.randn(8, requires_grad=True)
    y = F.silu(x)
    monkeypatch.setattr(autograd.Slopes, "__call__", broken)
    with pytest.raises(ArithmeticError, match="broken on purpose"):
        torch.autograd.grad(y.sum(), x, create_graph=True)


class Give(torch.autograd.Function):
    """Hands a given tensor back as the gradient."""

    given: Tensor

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return Give.given


def from_the_pool(backward: Callable[[Tensor], object]) -> int:
    """How many results of silu and its gradient come from the pool."""
    x = torch.randn(LARGE, requires_grad=True)
    gc.collect()
    nonlin.empty_cache()
    y = F.silu(x)
    backward(y)
    x.grad = None
    del y
    assert native._module is not None
    return int(native._module.pool_bytes()) // (4 * LARGE)


def test_a_gradient_that_nobody_holds_is_written_over() -> None:
    factor, held = torch.randn(LARGE), torch.ones(LARGE)
    assert from_the_pool(lambda y: (y * factor).sum().backward()) == 1
    assert from_the_pool(lambda y: y.backward(held)) == 2


def test_so_is_one_of_learned_parameters() -> None:
    x, weight = torch.randn(LARGE, requires_grad=True), torch.tensor([0.2], requires_grad=True)
    factor = torch.randn(LARGE)
    gc.collect()
    nonlin.empty_cache()
    (F.prelu(x, weight) * factor).sum().backward()
    x.grad = None
    assert native._module is not None
    assert native._module.pool_bytes() == 4 * LARGE


@pytest.mark.parametrize("case", [c for c in cases() if c.activation in REPRESENTATIVES], ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_gradient_over_its_own_memory_has_the_same_bits(case: Case, dtype: torch.dtype) -> None:
    x = torch.linspace(-6, 6, 9_001).to(dtype)
    x[5_000:5_100] *= 1e3  # outside the float path: a block in which some elements are
    one, other = (x.clone().requires_grad_() for _ in range(2))
    factor = torch.linspace(-2, 2, 9_001).to(dtype)
    case(one).backward(factor)  # held here
    (case(other) * factor).sum().backward()  # the product's gradient is held by nobody
    torch.testing.assert_close(one.grad, other.grad, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("holder", ["caller", "hook", "retained", "numpy", "view"])
def test_a_gradient_that_somebody_holds_is_left_alone(holder: str) -> None:
    x = torch.randn(LARGE, requires_grad=True)
    y = F.silu(x)
    given = torch.ones(LARGE)
    if holder == "caller":
        y.backward(given)
    elif holder == "hook":
        held: list[Tensor] = []
        y.register_hook(lambda grad: held.append(grad))
        (y * 1).sum().backward()
        (given,) = held
    elif holder == "retained":
        y.retain_grad()
        (y * 1).sum().backward()
        assert y.grad is not None
        given = y.grad
    elif holder == "numpy":  # torch sees no other owner of this memory
        array = np.ones(LARGE, dtype=np.float32)
        Give.given = torch.from_numpy(array)
        z = Give.apply(y)  # type: ignore[no-untyped-call]
        del Give.given
        Give.given = torch.from_numpy(array)
        z.sum().backward()
        given = torch.from_numpy(array)
    else:
        base = torch.ones(2, LARGE)
        Give.given = base[0]
        Give.apply(y).sum().backward()  # type: ignore[no-untyped-call]
        given = base[0]
    assert torch.equal(given, torch.ones(LARGE))
    assert x.grad is not None
    torch.testing.assert_close(x.grad, torch.autograd.grad(torch.nn.functional.silu(x).sum(), x)[0])


def test_memory_is_kept_up_to_the_limit_and_given_back() -> None:
    module = native._module
    assert module is not None
    gc.collect()
    nonlin.empty_cache()
    assert module.pool_bytes() == 0
    y = F.relu(torch.randn(LARGE))
    at, held = y.data_ptr(), module.pool_bytes()
    assert held == 0
    del y
    assert module.pool_bytes() == 4 * LARGE
    y = F.relu(torch.randn(LARGE))
    assert y.data_ptr() == at
    try:
        module.set_pool_limit(4 * LARGE)
        z = F.relu(torch.randn(2 * LARGE))
        del y, z  # the second is larger than all that may be kept
        assert module.pool_bytes() == 4 * LARGE
        module.set_pool_limit(0)
        assert module.pool_bytes() == 0
    finally:
        module.set_pool_limit(native._pool_limit())


def test_results_from_the_pool_are_tensors_like_others() -> None:
    y = F.relu(torch.randn(LARGE))
    expected = y.tolist()[:5]
    y.resize_(3 * LARGE)
    assert y[:5].tolist() == copy.deepcopy(y).tolist()[:5] == y.numpy().tolist()[:5] == expected
    y.share_memory_()
    assert y[:5].tolist() == expected
    assert y.is_shared()
    with torch.inference_mode():
        assert F.relu(torch.randn(LARGE)).is_inference()


FORKED = """
import os, torch
from nonlin import functional as F
from nonlin.kernels import native
x = torch.randn(1 << 18, requires_grad=True)
F.silu(x).sum().backward()
assert native.ready()
F.silu(x).sum().backward()
child = os.fork()
if child == 0:
    torch.set_num_threads(1)
    x.grad = None
    F.silu(x).sum().backward()
    os._exit(0 if torch.allclose(x.grad, torch.autograd.grad(torch.nn.functional.silu(x).sum(), x)[0], atol=1e-6) else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def python(text: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", text], capture_output=True, text=True, timeout=300,
        env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_fork_after_use() -> None:
    assert python(FORKED) == "0"


START = """
import torch, warnings, nonlin
from nonlin.kernels import native
x = torch.randn(8, requires_grad=True)
warnings.simplefilter("ignore" if {ignore} else "error")
first = type(nonlin.functional.silu(x).grad_fn).__name__
ready = native.ready()
print(first, ready, type(nonlin.functional.silu(x).grad_fn).__name__)
"""


def test_it_can_be_turned_off() -> None:
    assert python(START.format(ignore=False), NONLIN_NATIVE="0") == "SiLUBackward False SiLUBackward"


def test_a_compiler_that_fails_leaves_calls_in_python(tmp_path: Path) -> None:
    failing = tmp_path / "c++"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    text = START.format(ignore=True) + "print(native.problem())"
    first, told = python(text, CXX=str(failing), NONLIN_CACHE=str(tmp_path / "cache")).splitlines()
    assert first == "SiLUBackward False SiLUBackward"
    assert "ended with status 3" in told
    assert str(tmp_path / "cache") in told
    _, told = python(text, CXX=str(failing), NONLIN_CACHE=str(tmp_path / "cache")).splitlines()
    assert "failed before" in told, "it is not tried again in every process"


def test_a_process_that_ends_meanwhile_leaves_nothing_behind(tmp_path: Path) -> None:
    slow, temporary = tmp_path / "c++", tmp_path / "temporary"
    slow.write_text("#!/bin/sh\necho $$ > $HERE/pid\nsleep 100\n")
    slow.chmod(0o755)
    temporary.mkdir()
    text = (
        "import os, time, torch, nonlin\n"
        "nonlin.functional.silu(torch.ones(8))\n"
        "while not os.path.exists(os.environ['HERE'] + '/pid'): time.sleep(0.05)\n"
    )
    cache = tmp_path / "cache"
    python(text, CXX=str(slow), NONLIN_CACHE=str(cache), HERE=str(tmp_path), TMPDIR=str(temporary))
    assert list(temporary.iterdir()) == []
    assert not list(cache.glob("native-*.log")), "nothing failed"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_module_that_does_not_load_leaves_calls_in_python(tmp_path: Path) -> None:
    text = (
        "import pathlib, torch, nonlin, warnings\n"
        "from nonlin.kernels import native\n"
        "def refuse(path): raise ImportError('failed to map segment')\n"
        "native._import = refuse\n"
        "print(type(nonlin.functional.silu(torch.ones(8, requires_grad=True)).grad_fn).__name__, native.problem())"
    )
    assert python(text) == "SiLUBackward failed to map segment"


def test_a_child_that_was_forked_meanwhile_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    text = (
        "import os, sys, time, pathlib\n"
        "from nonlin.kernels import native\n"
        f"with native._alone(pathlib.Path({str(path)!r})):\n"
        "    child = os.fork()\n"
        "    if child == 0: os.close(1); os.close(2); time.sleep(60); os._exit(0)\n"
        "print(child)"
    )
    child = int(python(text))
    try:
        with path.open("w") as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.kill(child, 9)


LOCKED = """
import os, threading, torch
from nonlin import functional as F
from nonlin.kernels import library, native
F.silu(torch.randn(8))
native.ready()
held, done = threading.Event(), threading.Event()
def hold():
    with library._lock, native._lock:
        held.set(); done.wait()
threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    os._exit(0 if F.tanh(torch.zeros(8)).sum() == 0 else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])); done.set()
"""


def test_a_fork_while_another_thread_loads_kernels() -> None:
    assert python(LOCKED) == "0"


@pytest.mark.parametrize(("given", "bytes"), [("0", 0), ("3", 3 << 20), ("9" * 30, sys.maxsize), ("-1", None)])
def test_the_pool_is_as_large_as_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, given: str, bytes: int | None
) -> None:
    monkeypatch.setenv("NONLIN_POOL", given)
    assert native._pool_limit() == bytes if bytes is not None else 0 < native._pool_limit() <= native.POOL_BYTES
