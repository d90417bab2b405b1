"""The softmax family's written members: references, the entmax package, derivatives of every kind, masks, and edges."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import entmax as package
import pytest
import torch
from torch import Tensor

import nonlin
from nonlin import registry
from nonlin.catalogue import declarations
from nonlin.contract import oracles
from nonlin.contract.expect import same
from nonlin.kernels import native
from nonlin.kernels.rowwise import RULES, rowwise, wide

F = nonlin.functional
INF, NAN = float("inf"), float("nan")
MEMBERS = [a for a in declarations().values() if a.rule in ("softmax", "sparse", "attention")]
SAMPLES = [text for a in MEMBERS if a.kind == "rowwise" for text in a.samples]
SHARES = [text for text in SAMPLES if not text.startswith(("log", "solu", "relu", "softmax_one"))]
NAMES = [a.name for a in MEMBERS if a.kind == "rowwise"]


def given(module: Any, x: Tensor) -> dict[str, Any]:
    """The function's arguments as the module passes them, for its reference."""
    arguments = (
        module.arguments(x) if hasattr(module, "arguments") else {k: getattr(module, k) for k in module.__constants__}
    )
    return {k: v.detach().numpy() if isinstance(v, Tensor) else v for k, v in arguments.items()}


def rows(seed: int = 0, *, grad: bool = False) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 4, 6, generator=generator, dtype=torch.float64).requires_grad_(grad)


@pytest.mark.parametrize("text", SAMPLES)
def test_reference(text: str) -> None:
    """float64 to 1e-12; float32 and 16 bit to the rounding of the result, of the same rounded input."""
    activation, _ = registry.parse(text)
    module = nonlin.get(text).double()
    for dtype, bar in ((torch.float64, 1e-12), (torch.float32, 2e-7), (torch.float16, 6e-4), (torch.bfloat16, 4e-3)):
        x = rows().to(dtype)
        y = module(x)
        truth = torch.from_numpy(oracles.find(activation)(x.double().numpy(), **given(module, x)))
        assert y.dtype is dtype
        same(y.double(), truth, rtol=bar, atol=bar * 0.1)


@pytest.mark.parametrize("text", SAMPLES)
def test_derivatives(text: str) -> None:
    """Both orders, forward mode and vmap; of the parameters as well."""
    module = nonlin.get(text).double()
    parameters = list(module.parameters())
    x = rows(1, grad=True)[:1, :, :3].detach().requires_grad_()
    small = (lambda x, *p: module(x)) if parameters else module
    torch.autograd.gradcheck(small, (x, *parameters), check_forward_ad=not parameters)
    torch.autograd.gradgradcheck(small, (x, *parameters))
    stacked = torch.stack([x.detach(), 2 * x.detach()])
    same(torch.vmap(module)(stacked), torch.stack([module(x), module(2 * x)]), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["softmax_one", "entmax", "r_softmax", "causal_softmax", "sparsemax"])
def test_compiled_and_exported(name: str) -> None:
    module = nonlin.get(name)
    x = rows().float()
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    same(compiled(x), module(x), rtol=2e-6, atol=1e-7)
    same(torch.export.export(module, (x,)).module()(x), module(x), rtol=2e-6, atol=1e-7)


Function = Callable[[Tensor], Tensor]


def _entmax(alpha: float) -> tuple[Function, Function]:
    return (lambda x: F.entmax(x, alpha)), (lambda x: package.entmax_bisect(x, alpha, -1, 60))


PACKAGE: dict[str, tuple[Function, Function]] = {
    "sparsemax": (F.sparsemax, lambda x: package.sparsemax(x, -1)),
    "entmax15": (F.entmax15, lambda x: package.entmax15(x, -1)),
    "normmax": (lambda x: F.normmax(x, 3.0), lambda x: package.normmax_bisect(x, 3.0, -1, 60)),
    **{f"entmax-{alpha}": _entmax(alpha) for alpha in (1.05, 1.25, 1.7, 2.5)},
}


@pytest.mark.parametrize("name", PACKAGE)
@pytest.mark.parametrize("scale", [0.05, 1.0, 6.0])
def test_the_package(name: str, scale: float) -> None:
    """Values and gradients of float32 rows agree with the package's in float64 to 1e-6 of the largest."""
    ours, theirs = PACKAGE[name]
    generator = torch.Generator().manual_seed(3)
    for columns in (5, 100, 1000):
        x = (torch.randn(4, columns, generator=generator) * scale).requires_grad_()
        g = torch.randn(4, columns, generator=generator)
        x64 = x.detach().double().requires_grad_()
        y, truth = ours(x), theirs(x64)
        same(y.double(), truth, atol=1e-6)
        (found,), (right,) = torch.autograd.grad(y, x, g), torch.autograd.grad(truth, x64, g.double())
        same(found.double(), right, atol=1e-6 * max(1.0, float(right.abs().max())))


def test_gradient_of_alpha() -> None:
    """Of one number, one for each channel and one for each row; to the second order, through alpha 1."""
    x = rows(2)[:, :2, :4].requires_grad_()
    for alpha in (
        torch.tensor([1.0]),
        torch.tensor(1.0001),
        torch.tensor([1.3, 1.8]),
        torch.tensor([[[1.2], [2.0]], [[1.5], [2.6]]]),
    ):
        alpha = alpha.double().requires_grad_()
        if float(alpha.detach().min()) > 1.0:
            torch.autograd.gradcheck(F.entmax, (x, alpha))
            torch.autograd.gradgradcheck(F.entmax, (x, alpha))
    a = torch.tensor(1.4, dtype=torch.float64, requires_grad=True)
    (ours,) = torch.autograd.grad(F.entmax(x, a)[..., 0].sum(), a)
    (theirs,) = torch.autograd.grad(package.entmax_bisect(x.detach(), a, -1, 60)[..., 0].sum(), a)
    same(ours, theirs, rtol=1e-9)
    # towards alpha = 1 the gradient has a limit: a p l^2/2 each, less its mean
    p = torch.softmax(x.detach(), -1)
    half = -p * p.log() ** 2 / 2
    limit = half - p * half.sum(-1, keepdim=True)
    one = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    for k in range(4):
        (found,) = torch.autograd.grad(F.entmax(x.detach(), one)[..., k].sum(), one)
        same(found, limit[..., k].sum().reshape(1), rtol=1e-9)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16], ids=str)
def test_kernels_agree_with_operations(name: str, dtype: torch.dtype) -> None:
    """In every layout and along every dimension, called from C++ and from Python, with the same bits."""
    rule = RULES[name]
    function, numbers = rowwise(name), rule.defaults
    generator = torch.Generator().manual_seed(4)
    x = (torch.randn(2, 5, 3, 35, generator=generator, dtype=torch.float64) * 3).to(dtype)
    bar = {torch.float64: 1e-13, torch.float32: 5e-7, torch.bfloat16: 8e-3}[dtype]
    for like in (x, x.to(memory_format=torch.channels_last), x.transpose(0, 3), x[:, ::2, :, 1:]):
        for dim in range(-1, 3):
            like = like.detach().requires_grad_()
            y = function(like, dim, *numbers)
            same(y, wide(rule.forward, like.detach(), dim, *numbers), rtol=bar, atol=bar / 100)
            g = torch.randn(like.shape, generator=generator, dtype=torch.float64).to(dtype)
            (found,) = torch.autograd.grad(y, like, g)
            with native.paused():
                again = function(like, dim, *numbers)
                (found_again,) = torch.autograd.grad(again, like, g)
            same(again, y)
            same(found_again, found)
            dense = like.detach().contiguous().requires_grad_()
            same(function(dense, dim, *numbers), y)


@pytest.mark.parametrize("columns", [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 511, 512, 513, 1100])
def test_every_length(columns: int) -> None:
    """Ends of rows that fill no vector, and rows shorter than one."""
    x = torch.randn(3, columns, generator=torch.Generator().manual_seed(columns), dtype=torch.float64).float()
    for name, rule in RULES.items():
        y = rowwise(name)(x, -1, *rule.defaults)
        same(y, wide(rule.forward, x, -1, *rule.defaults), rtol=5e-7, atol=1e-9)


@pytest.mark.parametrize("text", SHARES)
def test_shares(text: str) -> None:
    """Every row sums to 1, or to 0 where nothing takes part; no share is negative."""
    p = nonlin.get(text).double()(3 * rows())
    dim = 1 if "dim=1" in text else -1
    total = p.sum(dim)
    assert bool((p >= 0).all())
    same(total, torch.where(total == 0, 0.0, 1.0).double(), rtol=1e-13)


@pytest.mark.parametrize(
    "name", ["sparsemax", "entmax15", "entmax", "sparsegen", "normmax", "temperature_softmax", "softmax_one"]
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_infinities(name: str, dtype: torch.dtype) -> None:
    """+inf entries share the row, -inf entries get nothing, NaN fills its row, and a row of -inf alone has no limit."""
    function = getattr(F, name)
    x = torch.tensor([[INF, 0.0, INF], [-INF, 0.0, -INF], [NAN, 0.0, 1.0], [-INF, -INF, -INF]], dtype=dtype)
    y = function(x)
    alone = 0.5 if name == "softmax_one" else 1.0
    same(y[:2], torch.tensor([[0.5, 0.0, 0.5], [0.0, alone, 0.0]], dtype=dtype), rtol=3e-16)
    assert bool(y[2].isnan().all())
    assert bool((y[3] == 0).all() if name == "softmax_one" else y[3].isnan().all())


def test_other_edges() -> None:
    same(F.taylor_softmax(torch.tensor([INF, -INF, 1.0])), torch.tensor([0.5, 0.5, 0.0]))
    same(F.spherical_softmax(torch.tensor([0.0, 0.0])), torch.tensor([0.5, 0.5]))
    same(F.solu(torch.tensor([-INF, 1.0])), torch.tensor([0.0, 1.0]))
    same(F.r_softmax(torch.tensor([2.0, 2.0, 2.0]), 1.0), torch.full((3,), 1 / 3))
    same(F.log_softmax_one(torch.tensor([40.0])).double(), torch.tensor([-4.248354255291589e-18]).double(), rtol=1e-7)
    same(F.log_softmin(torch.tensor([-17.0, 0.0]))[0], torch.tensor(-4.139937633089748e-08), rtol=2e-7)
    assert math.isfinite(float(F.entmax(torch.tensor([3e38, -3e38, 0.0]), 1.3).sum()))


@pytest.mark.parametrize("name", NAMES)
def test_empty_and_single(name: str) -> None:
    function = getattr(F, name)
    assert function(torch.zeros(2, 0, 3)).shape == (2, 0, 3)
    assert function(torch.zeros(2, 3, 0)).shape == (2, 3, 0)
    if name != "causal_softmax":
        x = torch.tensor(2.0, requires_grad=True)
        y = function(x)
        assert y.shape == ()
        y.backward()


@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
def test_masks() -> None:
    """What takes no part is 0 with gradient 0, whatever it holds; a row in which nothing does is zeros."""
    x = torch.tensor([[1.0, NAN, 2.0], [INF, 3.0, -INF], [0.0, 1.0, 2.0]], requires_grad=True)
    mask = torch.tensor([[True, False, True], [False, True, False], [False, False, False]])
    with torch.autograd.detect_anomaly(check_nan=True):
        y = F.masked_softmax(x, mask)
        (gradient,) = torch.autograd.grad(y[:, 0].sum(), x)
    share = torch.softmax(torch.tensor([1.0, 2.0]), 0)
    same(y.detach(), torch.tensor([[share[0], 0.0, share[1]], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), rtol=2e-7)
    slope = float(share[0] * share[1])
    same(gradient, torch.tensor([[slope, 0.0, -slope], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), rtol=1e-6)
    same(F.masked_softmax(x[2:], None), F.softmax(x[2:], -1))
    same(
        nonlin.MaskedSoftmax(dim=0)(rows().float()[0], torch.ones(6, dtype=torch.bool)), F.softmax(rows().float()[0], 0)
    )
    scores = rows()
    causal = F.causal_softmax(scores, offset=2)
    same(causal, F.masked_softmax(scores, torch.ones(4, 6, dtype=torch.bool).tril(2)))
    assert float(F.causal_softmax(scores, offset=-1)[:, 0].abs().sum()) == 0.0


def test_gumbel() -> None:
    """torch's draws under torch's seed; the same again with the same generator; one-hot rows with the soft gradient."""
    x = rows().requires_grad_()
    torch.manual_seed(7)
    ours = F.gumbel_softmax(x, 0.7)
    torch.manual_seed(7)
    same(ours, torch.nn.functional.gumbel_softmax(x, 0.7), rtol=1e-12)
    generator = torch.Generator()
    soft, hard = (F.gumbel_softmax(x, hard=hard, generator=generator.manual_seed(1)) for hard in (False, True))
    assert set(hard.unique().tolist()) == {0.0, 1.0}
    g = rows(5)
    same(torch.autograd.grad(hard, x, g)[0], torch.autograd.grad(soft, x, g)[0])
    same(hard.argmax(-1), soft.argmax(-1))


@pytest.mark.parametrize("text", ["entmax(learnable=True, alpha=1.8)", "temperature_softmax(learnable=True, tau=3.0)"])
def test_parameters_learn(text: str) -> None:
    """A row's target that alpha 1.3, or temperature 0.5, would give is reached."""
    module = nonlin.get(text)
    x = rows().float()
    target = F.entmax(x, 1.3) if "entmax" in text else F.temperature_softmax(x, 0.5)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    for _ in range(120):
        optimizer.zero_grad()
        loss = (module(x) - target).square().sum()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 1e-3
    copy = pickle.loads(pickle.dumps(module))
    same(copy(x), module(x))


def test_one_tensor_is_saved() -> None:
    """The output or the input of a row function, no more; 16 bits of an output would be too few."""
    saved: list[int] = []

    def keep(t: Tensor) -> Tensor:
        saved.append(t.data_ptr())
        return t

    for name, kept in (
        ("softmax", "output"),
        ("log_softmax", "input"),
        ("sparsemax", "output"),
        ("entmax15", "output"),
    ):
        for dtype in (torch.float32, torch.bfloat16):
            x = torch.randn(8, 16).to(dtype).requires_grad_()
            saved.clear()
            with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
                y = getattr(F, name)(x, -1)
            whole = y if kept == "output" and dtype is torch.float32 else x
            assert saved == [whole.data_ptr()], name


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.entmax(torch.ones(3), 0.5), r"entmax: alpha=0.5; expected a number of at least 1"),
        (lambda: F.entmax(torch.ones(2, 3), torch.ones(4)), r"entmax: alpha has shape \(4,\) for an input of \(2, 3\)"),
        (lambda: F.sparsegen(torch.ones(3), 1.0), r"sparsegen: lam=1.0; expected a number below 1"),
        (lambda: F.normmax(torch.ones(3), 1.0), r"normmax: alpha=1.0; expected a number above 1"),
        (lambda: F.r_softmax(torch.ones(3), 1.5), r"r_softmax: r=1.5; expected a number from 0 to 1"),
        (lambda: F.taylor_softmax(torch.ones(3), 3), r"taylor_softmax: order=3; expected an even integer"),
        (lambda: F.temperature_softmax(torch.ones(3), 0.0), r"temperature_softmax: tau=0.0; expected a number above 0"),
        (lambda: F.masked_softmax(torch.ones(3), torch.ones(3)), r"masked_softmax: the mask is torch.float32; expected torch.bool"),
        (lambda: F.masked_softmax(torch.ones(3), torch.ones(2, dtype=torch.bool)), r"the mask has shape \(2,\)"),
        (lambda: F.causal_softmax(torch.ones(3)), r"causal_softmax: got shape \(3,\); expected \(..., queries, keys\)"),
        (lambda: F.sparsemax(torch.ones(2, 3), 2), r"sparsemax: dim=2 for a tensor of 2 dimension\(s\); expected -2 to 1"),
        (lambda: F.relu_attention(torch.ones(3), length=0), r"relu_attention: length=0; expected an integer of at least 1"),
    ],
)  # fmt: skip
def test_errors(call: Callable[[], Tensor], message: str) -> None:
    with pytest.raises((nonlin.errors.NonlinError, ValueError, IndexError), match=message):
        call()
