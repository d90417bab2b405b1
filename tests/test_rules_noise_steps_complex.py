"""Noise in training, surrogate gradients, complex numbers."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

import nonlin

F = nonlin.functional


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(3)


MOMENTS = [
    ("noisy_relu", 1.5, 1.5, 1 / (1 + math.exp(-1.5)), {}),
    ("rt_relu", 8.0, 8.0, 0.75**2, {}),
    ("erelu", 2.0, 2.0, (2 * 0.4) ** 2 / 3, {"alpha": 0.4}),
    ("eelu", 2.0, 2.0, 4 * 0.1**2 / 3, {"epsilon": 0.1}),
]


@pytest.mark.parametrize(("name", "at", "mean", "variance", "given"), MOMENTS, ids=[m[0] for m in MOMENTS])
def test_draws(name: str, at: float, mean: float, variance: float, given: dict[str, float]) -> None:
    """Mean and variance in training are the published ones; the same seed draws the same."""
    function, calls = getattr(F, name), 200 if name == "eelu" else 1  # whose spread is drawn once a call
    x, generator = torch.full((200_000 // calls,), at, dtype=torch.float64), seeded()
    y = torch.cat([function(x, training=True, generator=generator, **given) for _ in range(calls)])
    if name == "noisy_relu":  # of the normal before the ReLU, which changes it: compared to the same number of draws
        z = at + math.sqrt(variance) * torch.randn(400_000, generator=seeded(), dtype=torch.float64)
        mean, variance = float(z.relu().mean()), float(z.relu().var())
    assert float(y.mean()) == pytest.approx(mean, rel=0.01)
    assert float(y.var()) == pytest.approx(variance, rel=0.12 if name == "eelu" else 0.02)
    first, again = (function(x, training=True, generator=seeded(), **given) for _ in range(2))
    assert torch.equal(first, again)


@pytest.mark.parametrize("name", ["NoisyReLU", "RTReLU", "EReLU", "EELU"])
def test_modules_follow_their_mode(name: str) -> None:
    module, x = getattr(nonlin, name)(), torch.linspace(-2, 2, 50)
    assert not torch.equal(module(x), module(x))
    module.eval()
    assert torch.equal(module(x), module(x))


@pytest.mark.parametrize("name", ["noisy_relu", "rt_relu", "erelu", "eelu"])
def test_gradient_of_the_value_that_was_drawn(name: str) -> None:
    x = torch.randn(40, dtype=torch.float64, generator=seeded()).requires_grad_()

    def call(x: Tensor) -> Tensor:
        return getattr(F, name)(x, training=True, generator=seeded())  # type: ignore[no-any-return]

    assert torch.autograd.gradcheck(call, x, fast_mode=True)
    assert torch.autograd.gradgradcheck(call, x, fast_mode=True)


def test_noisy_relu_far_out() -> None:
    """Where sigmoid(x) is far below 1 neither value nor gradient becomes NaN."""
    x = torch.tensor([-1e4, -200.0, 0.0, 200.0, 1e4], requires_grad=True)
    y = F.noisy_relu(x, training=True, generator=seeded())
    y.sum().backward()
    assert x.grad is not None
    assert not y.isnan().any()
    assert not x.grad.isnan().any()


X = [-3.0, -1.0, -0.25, 0.0, 0.5, 1.0, 2.5]
SURROGATES = [
    ("heaviside", {"value": 0.5}, lambda x: 1.0),
    ("sign_ste", {}, lambda x: float(abs(x) <= 1)),
    ("sign_ste", {"limit": math.inf}, lambda x: 1.0),
    ("round_ste", {}, lambda x: 1.0),
    ("superspike", {}, lambda x: 1 / (10 * abs(x) + 1) ** 2),
    ("superspike", {"beta": 2.0}, lambda x: 1 / (2 * abs(x) + 1) ** 2),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "slope"), SURROGATES)
def test_surrogates(name: str, given: dict[str, float], slope: object) -> None:
    """Backward, forward mode and under vmap the documented surrogate."""
    function, x = getattr(F, name), torch.tensor(X, dtype=torch.float64)
    expected = torch.tensor([slope(u) for u in X], dtype=torch.float64)  # type: ignore[operator]
    ones = torch.ones_like(x)
    torch.testing.assert_close(torch.func.vjp(lambda u: function(u, **given), x)[1](ones)[0], expected)
    torch.testing.assert_close(torch.func.jvp(lambda u: function(u, **given), (x,), (ones,))[1], expected)
    torch.testing.assert_close(torch.vmap(torch.func.grad(lambda u: function(u, **given)))(x), expected)
    leaf = x.clone().requires_grad_()
    function(leaf, **given).backward(3 * ones)
    assert leaf.grad is not None
    torch.testing.assert_close(leaf.grad, 3 * expected)


def test_superspike_of_higher_order() -> None:
    """Each derivative of the surrogate is the one of its formula."""
    x = torch.tensor([-1.5, -0.3, 0.2, 2.0], dtype=torch.float64, requires_grad=True)
    reference = x.detach().clone().requires_grad_()
    (first,) = torch.autograd.grad(F.superspike(x, 2.0).sum(), x, create_graph=True)
    same = (2 * reference.abs() + 1).pow(-2)
    for _ in range(3):
        torch.testing.assert_close(first, same)
        (first,) = torch.autograd.grad(first.sum(), x, create_graph=True)
        (same,) = torch.autograd.grad(same.sum(), reference, create_graph=True)


def test_at_zero_and_ends() -> None:
    x = torch.tensor([0.0, -0.0, torch.inf, -torch.inf])
    assert F.heaviside(x, 0.5).tolist() == [0.5, 0.5, 1.0, 0.0]
    assert F.sign_ste(x).tolist() == [0.0, 0.0, 1.0, -1.0]
    assert F.superspike(x).tolist() == [0.0, 0.0, 1.0, 0.0]
    for name in ("heaviside", "sign_ste", "round_ste", "superspike"):
        assert getattr(F, name)(torch.tensor([torch.nan])).isnan().all()


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128], ids=str)
def test_mod_relu_is_safe(dtype: torch.dtype) -> None:
    """At zero, value and gradient are zero; lengths whose squares overflow or vanish keep their direction."""
    big = 1e30 if dtype is torch.complex64 else 1e200
    z = torch.tensor([0, 3 * big + 4j * big, 3 / big + 4j / big], dtype=dtype, requires_grad=True)
    y = F.mod_relu(z, 0.5)
    assert y[0] == 0
    torch.testing.assert_close(y.detach()[1:], torch.stack([z.detach()[1], torch.tensor(0.3 + 0.4j, dtype=dtype)]))
    torch.view_as_real(y).sum().backward()
    assert z.grad is not None
    assert z.grad[0] == 0
    assert not z.grad.isnan().any()


def test_mod_relu_learns_its_bias() -> None:
    module = nonlin.ModReLU(num_parameters=3, bias_init=-0.2)
    z = torch.randn(4, 3, dtype=torch.complex64)
    module(z).abs().sum().backward()
    assert module.bias.grad is not None
    assert module.bias.grad.shape == (3,)
    assert not module.bias.is_complex()
    torch.testing.assert_close(module(z).abs(), torch.relu(z.abs() - 0.2))


def test_z_relu_on_the_axes() -> None:
    """The published quadrant has its edges: phases 0 and pi / 2."""
    z = torch.tensor([2 + 0j, 0 + 2j, -2 + 0j, 0 - 2j, 1 - 1e-9j])
    assert F.z_relu(z).tolist() == [2, 2j, 0, 0, 0]
    assert F.z_relu(torch.tensor([complex("nan-1j")])).isnan().all()


@pytest.mark.parametrize("name", ["mod_relu", "z_relu", "c_relu_complex"])
def test_real_numbers_are_refused(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name}: got a tensor of torch.float32; expected complex64 or complex128"):
        getattr(F, name)(torch.ones(2))


@pytest.mark.parametrize("name", ["mod_relu", "z_relu", "c_relu_complex"])
def test_conjugate_views(name: str) -> None:
    """A lazily conjugated tensor is its conjugate."""
    z = torch.randn(5, dtype=torch.complex128)
    torch.testing.assert_close(getattr(F, name)(z.conj()), getattr(F, name)(z.conj().resolve_conj()))


@pytest.mark.parametrize(
    "call",
    [
        lambda: F.erelu(torch.ones(2), 1.5), lambda: F.rt_relu(torch.ones(2), -1.0), lambda: nonlin.EELU(epsilon=-1.0),
        lambda: F.sign_ste(torch.ones(2), -1.0), lambda: F.superspike(torch.ones(2), 0.0),
    ],
)  # fmt: skip
def test_bounds(call: object) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        call()  # type: ignore[operator]
