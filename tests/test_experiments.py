"""The measured part of the guide: that it measures what it says, on real data, the same each time."""

from __future__ import annotations

import dataclasses
import json
import platform
import random
import sys
from collections.abc import Callable, Iterator

import numpy
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nonlin.guide.experiments.data import Split, load
from nonlin.guide.experiments.dead_units import dead_share, dead_units
from nonlin.guide.experiments.depth import accuracy
from nonlin.guide.experiments.initialisation import centring, gradients
from nonlin.guide.experiments.machine import machine
from nonlin.guide.experiments.network import initial, layers
from nonlin.guide.experiments.progress import Progress, slice_of
from nonlin.guide.experiments.reliability import BINS, calibration_error, reliability, wilson
from nonlin.guide.experiments.run import measure
from nonlin.guide.experiments.speed import speed
from nonlin.guide.experiments.training import _ORDER_SEED_OFFSET, train
from nonlin.guide.results import Measurements

Function = Callable[[Tensor], Tensor]


def softmax(x: Tensor) -> Tensor:
    return torch.softmax(x, dim=-1)


def leaky_relu(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.01)


ACTIVATIONS: dict[str, Function] = {
    "relu": torch.relu,
    "leaky_relu": leaky_relu,
    "sigmoid": torch.sigmoid,
    "softmax": softmax,
}
REPEATABLE = ("gradients", "accuracies", "dead_units", "centring", "reliability", "settings")


def ignore(_fraction: float) -> None:
    """A tick that nobody listens to."""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Nets this small gain nothing from a second thread, and lose much where another process holds its core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def digits() -> Split:
    return load("digits")


@pytest.fixture(scope="module")
def measured() -> tuple[Measurements, list[tuple[str, float]]]:
    said: list[tuple[str, float]] = []
    peers = {name: f for name, f in ACTIVATIONS.items() if name != "leaky_relu"}
    result = measure(
        ACTIVATIONS, seeds=2, quick=True, torch_peers=peers, progress=lambda label, share: said.append((label, share))
    )
    return result, said


def made_up(classes: int, samples: int = 75, features: int = 6) -> Split:
    generator = torch.Generator().manual_seed(classes)
    x = torch.randn(samples, features, generator=generator)
    y = torch.randint(classes, (samples,), generator=generator)
    return Split("made up", x, y, x[:20], y[:20], classes)


def alone(data: Split, hidden: int, seed: int, rate: float, epochs: int, batch_size: int) -> nn.Sequential:
    """One net of two hidden layers, trained as anybody would with torch.nn and torch.optim."""
    net = nn.Sequential(
        nn.Linear(data.features, hidden),
        nn.Tanh(),
        nn.Linear(hidden, hidden),
        nn.Tanh(),
        nn.Linear(hidden, data.outputs),
    )
    weights = torch.Generator().manual_seed(seed)
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight, generator=weights)
            nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    order = torch.Generator().manual_seed(seed + _ORDER_SEED_OFFSET)
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(data.y), generator=order), batch_size):
            z, y = net(data.x[batch]), data.y[batch]
            loss = F.cross_entropy(z, y) if data.classes > 2 else F.binary_cross_entropy_with_logits(z[:, 0], y.float())
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    return net


@pytest.mark.parametrize("classes", [2, 4])
def test_stacked_training_equals_one_net_trained_alone(classes: int) -> None:
    data, seeds, rates = made_up(classes), [3, 11], [1e-3, 1e-2]
    widths = (data.features, 8, 8, data.outputs)
    stacked = train(data, widths, torch.tanh, seeds=seeds, learning_rates=rates, epochs=4, batch_size=32)
    for index, (rate, seed) in enumerate((rate, seed) for rate in rates for seed in seeds):
        net = alone(data, 8, seed, rate, epochs=4, batch_size=32)
        lone = [layer for layer in net if isinstance(layer, nn.Linear)]
        for layer, (weight, bias) in zip(lone, layers(stacked, widths), strict=True):
            torch.testing.assert_close(weight[index].t(), layer.weight.detach(), atol=1e-5, rtol=0)
            torch.testing.assert_close(bias[index, 0], layer.bias.detach(), atol=1e-5, rtol=0)
    assert (stacked - initial(widths, seeds).repeat(2, 1)).abs().max() > 1e-2, "nothing was learnt: the test is empty"


def test_training_loss_is_the_mean_over_the_samples_of_the_epoch() -> None:
    data, losses = made_up(4), list[Tensor]()
    widths = (data.features, 8, data.outputs)
    # At learning rate 0 the parameters stay put, so that the loss of the epoch is that of the initial net.
    train(
        data,
        widths,
        torch.tanh,
        seeds=[5],
        learning_rates=[0.0],
        epochs=1,
        batch_size=32,
        after_epoch=lambda _epoch, _parameters, loss: losses.append(loss),
    )
    (w1, b1), (w2, b2) = layers(initial(widths, [5]), widths)
    expected = F.cross_entropy(torch.tanh(data.x @ w1[0] + b1[0]) @ w2[0] + b2[0], data.y)
    torch.testing.assert_close(losses[0][0], expected)


def test_dead_units_of_a_hand_made_net() -> None:
    x = torch.tensor([[-1.0], [0.5], [1.0]])
    # z = x is positive for some samples; z = x - 10 for none; z = x + 10 for all; z = -x - 1 is at most 0.
    first = (torch.tensor([[[1.0, 1.0, 1.0, -1.0]]]), torch.tensor([[[0.0, -10.0, 10.0, -1.0]]]))
    # Behind it: a unit that is alive, and one that is far below zero.
    second = (torch.tensor([[[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]), torch.tensor([[[0.0, -5.0]]]))
    out = (torch.ones(1, 2, 1), torch.zeros(1, 1, 1))
    assert dead_share([first, second, out], torch.relu, x).tolist() == [[0.5, 0.5]]
    assert dead_share([first, second, out], leaky_relu, x).tolist() == [[0.0, 0.0]]
    assert dead_share([first, second, out], F.relu6, x).tolist() == [[0.75, 0.5]]  # 9 and more lie above 6


def test_a_net_that_diverged_has_no_dead_units() -> None:
    net = [(torch.full((1, 1, 3), float("inf")), torch.zeros(1, 1, 3)), (torch.ones(1, 3, 1), torch.zeros(1, 1, 1))]
    assert dead_share(net, torch.relu, torch.tensor([[-1.0], [-2.0]])).tolist() == [[0.0]]


def test_relu_units_die_at_a_high_learning_rate_and_leaky_ones_do_not(digits: Split) -> None:
    counts = {
        name: dead_units(
            name,
            ACTIVATIONS[name],
            digits,
            seeds=range(2),
            width=64,
            depth=2,
            learning_rates=[1e-3, 3e-2],
            epochs=10,
            batch_size=128,
            tick=ignore,
        )
        for name in ("relu", "leaky_relu")
    }
    low, high = counts["relu"]
    assert (low.learning_rate, high.learning_rate) == (1e-3, 3e-2)
    assert min(layer[0] for layer in high.share) > 0.1 > 0.05 > max(layer[0] for layer in low.share)
    assert low.share_before == high.share_before
    assert all(share == 0 for record in counts["leaky_relu"] for layer in record.share for share in layer)
    assert min(*high.accuracy, *low.accuracy) > 0.9


def test_sigmoid_nets_do_not_learn_at_depth_and_relu_nets_do(digits: Split) -> None:
    final = {
        name: [
            seed[-1]
            for seed in accuracy(
                name,
                ACTIVATIONS[name],
                digits,
                seeds=range(3),
                width=64,
                depth=6,
                learning_rate=1e-3,
                epochs=20,
                batch_size=128,
                tick=ignore,
            ).accuracy
        ]
        for name in ("relu", "sigmoid")
    }
    assert min(final["relu"]) > 0.94
    assert max(final["sigmoid"]) < 0.75


def test_gradient_falls_through_sigmoid_layers_and_not_through_relu(digits: Split) -> None:
    factor = {
        name: gradients(name, ACTIVATIONS[name], digits, seeds=range(3), width=64, depth=8).factor_per_layer
        for name in ("relu", "sigmoid")
    }
    assert max(factor["sigmoid"]) < 0.3
    assert min(factor["relu"]) > 0.9


def test_gradient_norms_equal_those_of_torch_modules(digits: Split) -> None:
    record = gradients("tanh", torch.tanh, digits, seeds=[7, 9], width=64, depth=2)
    net = alone(digits, 64, seed=9, rate=0.0, epochs=0, batch_size=1)
    loss = F.cross_entropy(net(digits.x), digits.y)
    weights = [layer.weight for layer in net if isinstance(layer, nn.Linear)]
    first, second = (g.norm().item() for g in torch.autograd.grad(loss, weights[:2]))
    assert record.norms[1] == pytest.approx((first / second, 1.0), rel=1e-4)
    assert record.factor_per_layer[1] == pytest.approx(first / second, rel=1e-4)


def test_gradients_need_two_layers(digits: Split) -> None:
    with pytest.raises(ValueError, match=r"depth=1 .* at least 2"):
        gradients("relu", torch.relu, digits, seeds=[0], width=8, depth=1)


def test_centring_tells_tanh_from_sigmoid(digits: Split) -> None:
    tanh, sigmoid = (centring("", f, digits, seeds=[0, 1], width=64, depth=3) for f in (torch.tanh, torch.sigmoid))
    assert all(abs(mean) < 0.15 for seed in tanh.mean for mean in seed)
    assert all(0.4 < mean < 0.6 for seed in sigmoid.mean for mean in seed)
    (weight, bias), *_ = layers(initial((64, 64, 64, 64, 10), [1]), (64, 64, 64, 64, 10))
    h = torch.tanh(digits.x @ weight[0] + bias[0])
    assert tanh.mean[1][0] == pytest.approx(h.mean().item(), abs=1e-5)
    assert tanh.std[1][0] == pytest.approx(h.std().item(), rel=1e-4)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval(successes: int, trials: int, low: float, high: float) -> None:
    # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
    edges = wilson(successes, trials)
    assert edges == pytest.approx((low, high), abs=5e-5)
    # Its definition: the frequencies from which the observed one lies 1.96 of their own standard errors away.
    for edge in edges:
        assert abs(successes / trials - edge) == pytest.approx(1.959964 * (edge * (1 - edge) / trials) ** 0.5, abs=1e-6)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 4)])
def test_wilson_refuses_what_is_no_frequency(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="0 <= successes <= trials"):
        wilson(successes, trials)


def test_calibration_error_by_hand() -> None:
    p = torch.tensor([0.05, 0.05, 0.32, 0.38, 0.95, 1.0, 1.0, 1.0])
    true = torch.tensor([False, True, False, True, True, True, False, True])
    # Bins 0, 3 and 9: 2/8 |0.05 - 1/2| + 2/8 |0.35 - 1/2| + 4/8 |0.9875 - 3/4|
    assert calibration_error(p, true) == pytest.approx(0.25 * 0.45 + 0.25 * 0.15 + 0.5 * 0.2375, abs=1e-6)
    assert calibration_error(torch.tensor([0.0, 1.0]), torch.tensor([False, True])) == 0.0


def test_reliability_pools_the_seeds_and_follows_the_given_output() -> None:
    data = made_up(2)

    def look(squash: Function) -> tuple[float, ...]:
        records = reliability(
            "sigmoid",
            squash,
            torch.relu,
            data,
            seeds=range(3),
            width=8,
            depth=1,
            learning_rate=1e-3,
            epochs=[1, 4],
            batch_size=32,
            tick=ignore,
        )
        assert [record.epochs for record in records] == [1, 4]
        for record in records:
            assert sum(record.count) == 3 * len(data.y_test)
            assert 0 < len(record.count) <= BINS
            pairs = zip(record.low, record.frequency, record.high, strict=True)
            assert all(0 <= low <= frequency <= high <= 1 for low, frequency, high in pairs)
            assert len(record.calibration_error) == len(record.accuracy) == 3
        return records[0].confidence

    assert len(look(torch.sigmoid)) > 1
    assert look(lambda z: torch.full_like(z, 0.75)) == (0.75,)


def test_softmax_reliability_judges_the_chosen_class() -> None:
    data = made_up(4)
    (record,) = reliability(
        "softmax",
        lambda z: torch.tensor([0.1, 0.2, 0.6, 0.1]).expand_as(z),
        torch.relu,
        data,
        seeds=[0],
        width=8,
        depth=1,
        learning_rate=1e-3,
        epochs=[1],
        batch_size=32,
        tick=ignore,
    )
    hits = (data.y_test == 2).double().mean().item()
    assert record.confidence == pytest.approx((0.6,))
    assert record.frequency == record.accuracy == pytest.approx((hits,))
    assert record.calibration_error == pytest.approx((abs(0.6 - hits),), abs=1e-6)


@pytest.mark.parametrize("epochs", [[], [0, 3]])
def test_reliability_refuses_no_epoch(epochs: list[int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        reliability(
            "sigmoid",
            torch.sigmoid,
            torch.relu,
            made_up(2),
            seeds=[0],
            width=4,
            depth=1,
            learning_rate=1e-3,
            epochs=epochs,
            batch_size=32,
            tick=ignore,
        )


def test_speed_finds_the_slow_one() -> None:
    def slow(x: Tensor) -> Tensor:
        for _ in range(40):
            x = torch.tanh(x)
        return x

    activations = {"relu": torch.relu, "slow": slow, "twin": slow}
    relu, late, twin = speed(
        activations, {"relu": torch.relu, "twin": torch.relu}, elements=2**14, rounds=5, seed=0, tick=ignore
    )
    assert (relu.forward_ratio, relu.training_ratio) == (1.0, 1.0)
    assert late.forward_low <= late.forward_ratio <= late.forward_high
    assert late.forward_ratio > 5
    assert late.training_ratio > 3
    assert late.nonlin_ratio == late.forward_ratio  # no peer: its own time is told
    assert not late.by_torch
    assert twin.by_torch
    assert twin.forward_ratio < 3 < 5 < twin.nonlin_ratio
    assert twin.nonlin_training_ratio > 3
    assert late.forward_us > relu.forward_us > 0
    assert late.threads == torch.get_num_threads()


@pytest.mark.parametrize(("elements", "rounds"), [(0, 5), (100, 5), (64, 1)])
def test_speed_refuses_what_it_cannot_time(elements: int, rounds: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        speed({"relu": torch.relu}, {}, elements=elements, rounds=rounds, seed=0, tick=ignore)


@pytest.mark.parametrize(("name", "train_part", "held_out"), [("digits", 1347, 450), ("breast_cancer", 426, 143)])
def test_data_are_split_evenly_and_scaled_by_the_training_part_alone(name: str, train_part: int, held_out: int) -> None:
    data = load(name)  # type: ignore[arg-type]
    assert (len(data.x), len(data.x_test)) == (len(data.y), len(data.y_test)) == (train_part, held_out)
    by_class = [torch.bincount(y).double() / len(y) for y in (data.y, data.y_test)]
    torch.testing.assert_close(*by_class, atol=0.01, rtol=0)
    axis = None if name == "digits" else 0
    train_mean, test_mean = data.x.double().mean(axis), data.x_test.double().mean(axis)
    assert train_mean.abs().max() < 1e-6 < test_mean.abs().max()
    assert (data.x.double().std(axis, correction=0) - 1).abs().max() < 1e-6
    seen = {tuple(row) for row in data.x.tolist()}
    assert not any(tuple(row) in seen for row in data.x_test.tolist())


def test_every_experiment_is_recorded(measured: tuple[Measurements, list[tuple[str, float]]]) -> None:
    result, _ = measured
    hidden = {"relu", "leaky_relu", "sigmoid"}
    for field in ("gradients", "accuracies", "dead_units", "centring"):
        assert {record.activation for record in getattr(result, field)} == hidden, field
    assert {record.activation for record in result.speed} == set(ACTIVATIONS)
    assert {record.activation: record.by_torch for record in result.speed} == {
        name: name != "leaky_relu" for name in ACTIVATIONS
    }
    assert {record.output: (record.dataset, record.hidden) for record in result.reliability} == {
        "sigmoid": ("breast_cancer", "relu"),
        "softmax": ("digits", "relu"),
    }
    assert set(result.settings) == {"gradients", "accuracies", "dead_units", "centring", "reliability", "speed"}
    assert all(len(seeds) == 2 for seeds in (result.accuracies[0].accuracy, result.dead_units[0].share))
    assert "softmax" in result.settings["accuracies"].note
    assert json.loads(json.dumps(dataclasses.asdict(result), allow_nan=False))["seconds"] > 0


def test_progress_never_falls_and_ends_at_one(measured: tuple[Measurements, list[tuple[str, float]]]) -> None:
    _, said = measured
    shares = [share for _, share in said]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert said[-1] == ("done", 1.0)
    assert len(set(shares)) > 30
    assert len(dict.fromkeys(label for label, _ in said)) == 7


def test_progress_does_not_go_back_where_a_part_does() -> None:
    said: list[float] = []
    bar = Progress(lambda _label, share: said.append(share), {"a": 1, "b": 3})
    for part, share in (("a", 0.5), ("b", 0.0), ("a", 1.0), ("b", 7.0)):
        bar.part(part)(share)
    assert said == [0.125, 0.25, 0.25, 1.0]
    slice_of(bar.part("b"), 1, 2, 4)(0.5)
    assert said[-1] == 1.0


def test_results_repeat_and_nothing_outside_is_touched(
    measured: tuple[Measurements, list[tuple[str, float]]],
) -> None:
    def outside() -> tuple[object, ...]:
        return (
            torch.get_rng_state().tolist(),
            str(numpy.random.get_state()),
            random.getstate(),
            torch.get_num_threads(),
            torch.are_deterministic_algorithms_enabled(),
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
        )

    # Whatever the caller has set must neither change the results nor be changed.
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(2)
    try:
        torch.rand(3)
        before = outside()
        with torch.inference_mode():
            again = measure(ACTIVATIONS, seeds=2, quick=True)
        assert outside() == before
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(1)
    first, _ = measured
    for field in REPEATABLE:
        assert getattr(again, field) == getattr(first, field), field


def test_seed_base_moves_every_seed() -> None:
    two, next_one = (measure({"relu": torch.relu}, seeds=n, seed_base=s, quick=True) for n, s in ((2, 0), (1, 1)))
    assert two.gradients[0].norms[0] != two.gradients[0].norms[1]
    assert two.gradients[0].norms[1] == pytest.approx(next_one.gradients[0].norms[0], rel=1e-5)
    assert two.accuracies[0].loss[1] == pytest.approx(next_one.accuracies[0].loss[0], rel=1e-4)
    assert next_one.reliability == ()


@pytest.mark.parametrize(
    ("activations", "seeds", "message"),
    [
        ({}, 1, "no activation"),
        ({"relu": torch.relu}, 0, "seeds=0"),
        ({"glu": lambda x: F.glu(x, dim=-1)}, 1, "'glu' turned .* expected the same dtype and shape"),
        ({"wide": lambda x: x.double()}, 1, "torch.float64"),
        ({"text": lambda x: "relu"}, 1, "into str"),
    ],
)
def test_what_cannot_be_measured_is_refused(activations: dict[str, Function], seeds: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measure(activations, seeds=seeds, quick=True)


def test_without_scikit_learn_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sklearn", "sklearn.datasets"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install nonlin\[guide\]"):
        measure({"relu": torch.relu}, quick=True)


def test_machine_names_versions_and_not_the_host() -> None:
    text = machine()
    assert f"torch {torch.__version__}" in text
    assert f"Python {platform.python_version()}" in text
    assert f"{torch.get_num_threads()} thread" in text
    assert platform.node() not in text
    assert "/" not in text.replace("w/", "")
