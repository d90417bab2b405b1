"""Initialisation by gains: what is drawn, what is kept through 30 layers, and what is refused."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from nonlin.catalogue import declarations
from nonlin.facts import of
from nonlin.formula import Activation
from nonlin.init import Mode, gain, init_
from nonlin.kernels.terms import formula

WIDTH, DEPTH = 512, 30
SMOOTH = [
    declarations()[name] for name in ("relu", "tanh", "elu", "selu", "leaky_relu", "softsign", "sigmoid", "hardtanh")
]


class Pointwise(nn.Module):
    """A declared formula as a module, without the library's own modules."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        self.term = formula(activation)
        self.values = tuple(activation.defaults.values())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.term.wide(x, *self.values)


def deep(activation: Activation, depth: int = DEPTH, width: int = WIDTH) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for _ in range(depth):
        layers += [nn.Linear(width, width), Pointwise(activation)]
    return nn.Sequential(*layers, nn.Linear(width, width))


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def last_second_moment(net: nn.Sequential) -> float:
    torch.manual_seed(2)
    with torch.no_grad():
        return float(net(torch.randn(64, WIDTH)).square().mean())


@pytest.mark.parametrize("activation", SMOOTH, ids=lambda a: a.name)
def test_forward_gain_keeps_the_second_moment_through_30_layers(activation: Activation) -> None:
    net, generator = deep(activation), seeded()
    # nothing pulls a scale-invariant net back to 1, so one draw of 30 layers scatters by a factor of about 1.7
    free = activation.name in ("relu", "leaky_relu")
    seconds = []
    for _ in range(6 if free else 1):
        init_(net, activation, generator=generator)
        seconds.append(last_second_moment(net))
    assert sum(seconds) / len(seconds) == pytest.approx(1.0, rel=0.5 if free else 0.35)


@pytest.mark.parametrize("activation", [a for a in SMOOTH if a.name not in ("sigmoid", "selu")], ids=lambda a: a.name)
def test_torchs_default_does_not(activation: Activation) -> None:
    """Without init_ the same net's signal is down to its biases (about 1/(3 width)) or below."""
    assert last_second_moment(deep(activation)) < 0.01


def test_backward_gain_keeps_the_gradient() -> None:
    activation = declarations()["relu"]
    net = deep(activation)
    init_(net, activation, mode="backward", generator=seeded())
    x = torch.randn(64, WIDTH, generator=torch.Generator().manual_seed(2))
    inputs = x.requires_grad_()
    out = net(inputs)
    out.backward(torch.randn(out.shape, generator=seeded()))
    assert inputs.grad is not None
    # the first layer has no activation before it: its gain of sqrt(2) doubles the second moment once
    assert float(inputs.grad.square().mean()) / 2 == pytest.approx(1.0, rel=0.5)


@pytest.mark.parametrize("name", ["gelu", "silu", "mish", "hardswish"])
def test_critical_initialisation_keeps_signal_and_gradient(name: str) -> None:
    activation = declarations()[name]
    net = deep(activation)
    records = init_(net, activation, mode="critical", generator=seeded())
    point = of(activation).critical_point
    assert point is not None
    assert point.value.q is not None
    assert point.value.sigma_b == records[0].bias_std
    assert last_second_moment(net) == pytest.approx(point.value.q, rel=0.35)
    inputs = torch.randn(64, WIDTH, generator=torch.Generator().manual_seed(2)).requires_grad_()
    out = net(inputs)
    out.backward(torch.randn(out.shape, generator=seeded()))
    assert inputs.grad is not None
    assert point.value.sigma_w is not None
    # 29 layers with activations keep it; the first layer's weights and the last one's multiply it by their own scale
    expected = (point.value.q - point.value.sigma_b**2) * point.value.sigma_w**2 / point.value.sigma_w**2
    assert 0.5 < float(inputs.grad.square().mean()) / expected < 2.0


@pytest.mark.parametrize(
    ("name", "mode", "value"),
    [("relu", "forward", math.sqrt(2)), ("tanh", "backward", 1.467413591630795), ("tanh", "critical", 1.0)],
)
def test_gain(name: str, mode: Mode, value: float) -> None:
    assert gain(declarations()[name], mode) == pytest.approx(value, rel=1e-12)


def test_every_layer_is_reported_as_drawn() -> None:
    net = nn.Sequential(
        nn.Conv2d(8, 64, 5), nn.ReLU(), nn.Conv2d(64, 128, 3, groups=2), nn.ReLU(), nn.Flatten(), nn.Linear(512, 512)
    )
    done = init_(net, declarations()["relu"], generator=seeded())
    assert [(r.name, r.fan) for r in done] == [("0", 8 * 25), ("2", 32 * 9), ("5", 512)]
    assert [r.gain for r in done] == pytest.approx([1.0, math.sqrt(2), math.sqrt(2)])
    for record, layer in zip(done, (net[0], net[2], net[5]), strict=True):
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        assert float(layer.weight.detach().std()) == pytest.approx(record.std, rel=0.02)
        assert layer.bias is not None
        assert not layer.bias.any()


def test_backward_fan_of_convolutions() -> None:
    net = nn.Sequential(nn.Conv1d(16, 32, 4, stride=2), nn.ConvTranspose1d(32, 8, 6, stride=3))
    forward = [r.fan for r in init_(net, declarations()["relu"])]
    backward = [r.fan for r in init_(net, declarations()["relu"], "backward")]
    assert forward == [16 * 4, 32 * 6 / 3]
    assert backward == [32 * 4 / 2, 8 * 6]


def test_convolutions_keep_the_second_moment() -> None:
    """The fans count what is summed: away from the border a strided and a transposed convolution keep the scale."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(64, 64, 4, stride=2), nn.ConvTranspose1d(64, 64, 6, stride=3))
    init_(net, declarations()["identity"], generator=seeded())
    with torch.no_grad():
        y = net(torch.randn(4, 64, 400))
    assert float(y[..., 20:-20].square().mean()) == pytest.approx(1.0, rel=0.1)


def test_a_tensor_is_filled_in_place_with_the_activations_gain() -> None:
    weight = torch.empty(400, 300)
    (record,) = init_(weight, declarations()["gelu"], generator=seeded())
    assert record.std == pytest.approx(1.533530441195535 / math.sqrt(300), rel=1e-12)
    assert float(weight.std()) == pytest.approx(record.std, rel=0.02)


def test_orthogonal_weights_have_the_same_scale() -> None:
    weight = torch.empty(64, 256)
    (record,) = init_(weight, declarations()["relu"], orthogonal=True, generator=seeded())
    gram = weight @ weight.T
    assert torch.allclose(gram, torch.eye(64) * gram[0, 0], atol=1e-5)
    assert float(weight.square().mean().sqrt()) == pytest.approx(record.std, rel=1e-5)


def first_weight(net: nn.Sequential) -> torch.Tensor:
    layer = net[0]
    assert isinstance(layer, nn.Linear)
    return layer.weight.detach().clone()


def test_generator_makes_it_repeatable_and_filter_leaves_layers_alone() -> None:
    first, second = (deep(declarations()["relu"], depth=2, width=16) for _ in range(2))
    before = first_weight(second)
    init_(first, declarations()["relu"], generator=seeded())
    init_(second, declarations()["relu"], generator=seeded(), filter_fn=lambda module, name: name != "0")
    assert torch.equal(first_weight(second), before)
    assert not torch.equal(first_weight(first), before)
    init_(second, declarations()["relu"], generator=seeded())
    assert torch.equal(first_weight(first), first_weight(second))


def test_weights_still_require_grad_and_have_no_history() -> None:
    layer = nn.Linear(4, 4)
    init_(layer, declarations()["relu"])
    assert layer.weight.requires_grad
    assert layer.weight.is_leaf
    assert layer.weight.grad_fn is None


@pytest.mark.parametrize(
    ("name", "mode", "message"),
    [
        ("softplus", "critical", "softplus has no critical point"),
        ("softmax", "forward", r"softmax \(rowwise\) has no forward gain"),
        ("relu", "sideways", "mode='sideways'; expected 'forward', 'backward' or 'critical'"),
    ],
)
def test_what_is_not_defined_is_refused(name: str, mode: Mode, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        init_(nn.Linear(4, 4), declarations()[name], mode)


def test_what_cannot_be_initialised_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got a tensor of shape \(5,\)"):
        init_(torch.empty(5), declarations()["relu"])
    with pytest.raises(ValueError, match=r"found no nn\.Linear or convolution"):
        init_(nn.ReLU(), declarations()["relu"])
    with pytest.raises(ValueError, match="is lazy and has no weights yet"):
        init_(nn.LazyLinear(4), declarations()["relu"])
