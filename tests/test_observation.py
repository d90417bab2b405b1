"""What is observed of activations that a rule computes: known modules show what they are, and the sheets hold on other inputs."""

from __future__ import annotations

import json

import pytest
import torch
from torch import Tensor, nn

import nonlin
from nonlin.catalogue import declarations
from nonlin.facts import FactSheet, of
from nonlin.facts.observation import Subject
from nonlin.facts.sheet import Observed
from nonlin.facts.written import written

RULES = [a for a in declarations().values() if a.rule]


class Largest(nn.Module):
    """Keeps the largest entry of each row: its Jacobian is diagonal although every entry counts."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x == x.amax(-1, keepdim=True), x, 0.0)


def seen(module: nn.Module, shape: tuple[int, ...] = (2, 4, 6)) -> tuple[Observed, Subject]:
    subject = Subject(module.double().eval(), shape)
    return subject.observed(), subject


def test_relu_is_elementwise_homogeneous_and_sparse() -> None:
    found, subject = seen(nn.ReLU())
    assert (found.elementwise, found.uniform, found.positively_homogeneous) == (True, True, True)
    assert (found.shift_invariant, found.odd, found.random, found.learned) == (False, False, False, 0)
    assert found.exact_zeros == pytest.approx(0.5, abs=0.01)
    assert subject.steepness(1.0) == 1.0
    assert subject.saved_bytes() == 4


def test_a_softmax_mixes_a_row() -> None:
    found, subject = seen(nn.Softmax(-1))
    assert subject.mixed == (2,)
    assert (found.elementwise, found.sums_to_one, found.shift_invariant, found.permutation_equivariant) == (
        False, True, True, True,
    )  # fmt: skip


def test_a_choice_among_entries_is_no_elementwise_function() -> None:
    found, subject = seen(Largest())
    assert not found.elementwise
    assert subject.mixed == (2,)
    assert found.exact_zeros == pytest.approx(5 / 6, abs=0.01)


def test_channels_with_their_own_slopes_are_not_uniform() -> None:
    module = nn.PReLU(4)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([0.1, 0.2, 0.3, 0.4]))
    found, _ = seen(module)
    assert (found.elementwise, found.uniform, found.permutation_equivariant, found.learned) == (True, False, False, 4)


def test_a_draw_in_training_is_seen() -> None:
    assert seen(nn.Dropout(0.5))[0].random
    assert not seen(nn.BatchNorm1d(4))[0].random


def test_halves_and_doubles() -> None:
    assert seen(nn.GLU())[0].outputs_per_input == 0.5
    sheet = written(nonlin.find("crelu"))
    assert sheet.observed is not None
    assert sheet.observed.value.outputs_per_input == 2.0
    assert sheet.lipschitz is not None
    assert sheet.lipschitz.value.value == pytest.approx(1.0)


@pytest.mark.parametrize("activation", RULES, ids=lambda a: a.name)
def test_a_sheet_holds_on_other_inputs(activation: nonlin.Activation) -> None:
    sheet = of(activation)
    assert FactSheet.from_dict(json.loads(json.dumps(sheet.to_dict()))) == sheet
    assert sheet.observed is not None
    told = sheet.observed.value
    torch.manual_seed(5)
    module = nonlin.get(activation.samples[0]).double().eval()
    complex_input = activation.kind == "complex"
    x = torch.randn(activation.sample_shape, dtype=torch.complex128 if complex_input else torch.float64) * 2
    with torch.no_grad():
        y = module(x)
        assert y.numel() == told.outputs_per_input * x.numel()
        if told.positively_homogeneous:
            torch.testing.assert_close(module(2.5 * x), 2.5 * y)
        if told.shift_invariant:
            torch.testing.assert_close(module(x + 3.0), y)
        if told.odd:
            torch.testing.assert_close(module(-x), -y)
        if told.uniform:
            flat = module(x.flatten()[0].expand(x.shape))
            torch.testing.assert_close(flat.flatten()[0], y.flatten()[0])
        if sheet.range is not None:
            slack = 1e-4 * (1 + y.abs().max())
            assert y.min() >= sheet.range.value.low - slack
            assert y.max() <= sheet.range.value.high + slack
