"""``nonlin.swap_``: what is replaced, what is kept, what is said."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import nonlin
from nonlin.contract.declared import Declared as Case
from nonlin.contract.peers import torch_class
from tests.catalogue import DEFAULTS


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.ReLU()
        self.layers = nn.ModuleList(
            [nn.Linear(2, 2), self.shared, nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))]
        )
        self.table = nn.ModuleDict({"act": nn.Tanh()})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        y: torch.Tensor = self.table["act"](self.shared(x))
        return y


@pytest.mark.parametrize("case", [c for c in DEFAULTS if torch_class(c.activation)], ids=str)
def test_every_torch_class_is_found_by_name_and_by_class(case: Case) -> None:
    theirs = torch_class(case.activation)
    assert theirs is not None
    given = [p.default for p in case.activation.parameters if p.required and not p.learnable]
    for key in (theirs, case.activation.name, case.activation.title):
        model = nn.Sequential(theirs(*given, **case.options), nn.Identity())
        (swap,) = nonlin.swap_(model, {key: "mish"})
        assert swap.name == "0"
        assert type(swap.old) is theirs
        assert type(model[0]) is nonlin.Mish
        assert swap.new is model[0]


@pytest.mark.parametrize("case", DEFAULTS, ids=str)
def test_every_activation_is_found_by_name(case: Case) -> None:
    """Ours too, by the same names."""
    model = nn.Sequential(case.module())
    (swap,) = nonlin.swap_(model, {case.activation.name: nn.Identity})
    assert type(swap.old) is type(case.module())


def test_a_layer_of_the_same_name_is_left_alone() -> None:
    """torch.nn.Bilinear is a layer with weights, not the gate called bilinear."""
    model = nn.Sequential(nn.Bilinear(2, 2, 2))
    with pytest.raises(nonlin.NonlinError):
        nonlin.swap_(model, {"bilinear": "mish"})


def test_nested_shared_and_named() -> None:
    model = Block().eval()
    swaps = nonlin.swap_(model, {nn.ReLU: "leaky_relu(0.2)", "tanh": nn.Sigmoid})
    assert [s.name for s in swaps] == ["shared", "layers.1", "layers.2.1", "table.act"]
    assert model.shared is model.layers[1], "a shared module is replaced by one module"
    assert str(swaps[0]) == "shared: ReLU() -> LeakyReLU(negative_slope=0.2)"
    assert all(not s.new.training for s in swaps)
    inner = model.layers[2]
    assert isinstance(inner, nn.Sequential)
    assert "inplace=True" in repr(inner[1]), "in place stays in place"
    assert isinstance(model.table["act"], nn.Sigmoid)
    model(torch.ones(1, 2))


def test_filter_fn() -> None:
    model = Block()
    swaps = nonlin.swap_(model, {nn.ReLU: "mish"}, filter_fn=lambda module, name: name.startswith("layers.2"))
    assert [s.name for s in swaps] == ["layers.2.1"]
    assert isinstance(model.shared, nn.ReLU)
    assert nonlin.swap_(model, {nn.ReLU: "mish"}, filter_fn=lambda module, name: False) == []


def test_each_place_gets_its_own() -> None:
    model = nn.Sequential(nn.ReLU(), nn.ReLU())
    nonlin.swap_(model, {nn.ReLU: nonlin.PReLU(2)})
    assert model[0] is not model[1]
    assert model[0].weight is not model[1].weight
    assert len(list(model.parameters())) == 2


def test_subclasses_are_not_meant() -> None:
    class Special(nn.ReLU):
        pass

    model = nn.Sequential(Special(), nn.ReLU())
    assert [s.name for s in nonlin.swap_(model, {nn.ReLU: "mish"})] == ["1"]


def test_nothing_found_changes_nothing_and_says_what_there_is() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    with pytest.raises(nonlin.NonlinError, match=r"the model holds no GELU.*; its innermost modules are Linear, ReLU"):
        nonlin.swap_(model, {nn.GELU: "mish"})
    with pytest.raises(nonlin.UnknownNameError, match="did you mean 'mish'"):
        nonlin.swap_(model, {nn.ReLU: "mishh"})
    with pytest.raises(TypeError, match="expected a class such as"):
        nonlin.swap_(model, {3: "mish"})  # type: ignore[dict-item]
    assert isinstance(model[1], nn.ReLU)


def test_a_swapped_model_trains_and_moves_with_its_device() -> None:
    model = nn.Sequential(nn.PReLU(device="meta"), nn.Linear(2, 2, device="meta"))
    nonlin.swap_(model, {nn.PReLU: nonlin.PReLU})
    assert {p.device.type for p in model.parameters()} == {"meta"}


def test_new_parameters_join_the_dtype_and_device_around_them() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU()).double()
    nonlin.swap_(model, {"relu": "prelu"})
    assert model[1].weight.dtype is torch.float64
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    nonlin.swap_(model, {"relu": "prelu"})
    assert model[1].weight.is_meta


@pytest.mark.parametrize("replacements", ["relu", {}, None])
def test_what_to_replace_is_a_mapping(replacements: object) -> None:
    with pytest.raises(nonlin.NonlinError, match="such as swap_"):
        nonlin.swap_(nn.Sequential(nn.ReLU()), replacements)  # type: ignore[arg-type]
