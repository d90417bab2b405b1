"""The modules of every activation, and their interchange with torch.nn."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import nonlin
from nonlin.builders import classes, functions
from nonlin.catalogue import declarations
from nonlin.contract.declared import Declared as Case
from nonlin.contract.expect import same
from nonlin.contract.peers import torch_class, torch_function
from nonlin.formula.declaration import Activation, Parameter
from tests.catalogue import DEFAULTS

WITH_CLASS = [case for case in DEFAULTS if torch_class(case.activation) is not None]
WITH_FUNCTION = [case for case in DEFAULTS if torch_function(case.activation) is not None]

# what ours take beside torch's arguments, all keyword-only
EXTRA = {"gated": {"gate", "gate_half", "value"}, "pointwise": {"out"}}


def test_torch_nn_is_complete() -> None:
    """All 28 activation classes of torch.nn that compute one function are here."""
    theirs = set(nn.modules.activation.__all__)
    theirs -= {"MultiheadAttention"}  # a layer with weights
    assert len(theirs) == 28
    assert theirs == {case.activation.title for case in WITH_CLASS}


def _parameters(function: object) -> dict[str, object]:
    return {n: p.default for n, p in inspect.signature(function).parameters.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("case", WITH_CLASS, ids=str)
def test_class_signature_is_torchs(case: Case) -> None:
    """torch's arguments, in torch's order, with torch's defaults; what is ours comes after them, keyword-only."""
    theirs = _parameters(torch_class(case.activation))
    theirs = {
        n: d
        for n, d in theirs.items()
        if n not in ("args", "kwargs", "value" if case.activation.name != "threshold" else "")
    }
    ours = _parameters(classes.of(case.activation))
    deprecated = {"min_value", "max_value"}  # Hardtanh's old names
    theirs = {n: d for n, d in theirs.items() if n not in deprecated}
    extra = EXTRA.get(case.kind, set())
    assert [n for n in ours if n not in extra] == list(theirs)
    assert {n: d for n, d in ours.items() if n not in extra} == theirs
    for name in extra & ours.keys():
        assert inspect.signature(classes.of(case.activation)).parameters[name].kind is inspect.Parameter.KEYWORD_ONLY


BUILTIN = {
    "torch cannot say": ("gelu", "prelu", "logsigmoid", "softplus", "softshrink", "hardshrink")
}  # written in C, no signature


@pytest.mark.parametrize("case", WITH_FUNCTION, ids=str)
def test_function_signature_is_torchs(case: Case) -> None:
    ours = _parameters(functions.of(case.activation))
    try:
        theirs = _parameters(torch_function(case.activation))
    except ValueError:
        assert case.activation.torch_name in BUILTIN["torch cannot say"]
        return
    extra = EXTRA.get(case.kind, set())
    assert {n: d for n, d in ours.items() if n not in extra} == theirs
    assert [n for n in ours if n not in extra] == list(theirs)


@pytest.mark.parametrize("case", WITH_CLASS, ids=str)
def test_state_goes_to_torch_and_back(case: Case) -> None:
    theirs_class = torch_class(case.activation)
    assert theirs_class is not None
    learned = bool(case.activation.learnable)
    required = [p.default for p in case.activation.parameters if p.required and not p.learnable]
    theirs = theirs_class(3) if learned else theirs_class(*required)
    ours = classes.of(case.activation)(3) if learned else case.module()
    assert type(ours).__name__ == type(theirs).__name__
    for p in (*ours.parameters(), *theirs.parameters()):
        nn.init.uniform_(p, 0.0, 0.5)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    same(dict(theirs.named_parameters()), dict(ours.named_parameters()))
    for p in theirs.parameters():
        nn.init.uniform_(p, 0.5, 1.0)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    same(dict(ours.named_parameters()), dict(theirs.named_parameters()))


@pytest.mark.parametrize("case", WITH_CLASS, ids=str)
def test_prints_as_torchs(case: Case) -> None:
    """A module's text is torch's, or torch's with every argument named."""
    required = [p.default for p in case.activation.parameters if p.required and not p.learnable]
    theirs_class = torch_class(case.activation)
    assert theirs_class is not None
    theirs = repr(theirs_class(*required, **case.options))
    given = theirs.removeprefix(f"{case.activation.title}(").removesuffix(")")
    shown = repr(case.module())
    for part in filter(None, given.split(", ")):
        assert part.partition("=")[2].strip("'") in shown


# where torch's answer under autocast is another dtype than the input's, and why
AUTOCAST = {"prelu": "torch casts its input to bfloat16; no arithmetic is saved by that, and digits are lost"}


@pytest.mark.parametrize("case", WITH_FUNCTION, ids=str)
def test_autocast_as_torchs(case: Case) -> None:
    """The dtype that comes out under CPU autocast is torch's, except where that is listed with its reason."""
    function = torch_function(case.activation)
    assert function is not None
    differs = False
    for dtype in (torch.float32, torch.bfloat16):
        x, *learned = case.tensors((2, 4, 2, 2), dtype)
        numbers = [case.parameters[p.name] for p in case.activation.parameters if p.required and not p.learnable]
        with torch.autocast("cpu", torch.bfloat16):
            theirs = function(x, *learned, *numbers, **case.options)
            ours = case(x, *learned)
        differs |= theirs.dtype is not ours.dtype
    assert differs == (case.activation.torch_name in AUTOCAST)


def test_a_defined_module_loads_in_a_fresh_process(tmp_path: object) -> None:
    """A module of a formula of one's own loads where the formula was never defined, and goes on learning."""
    nonlin.define("bent", "where(x > 0, x, slope * tanh(x))", slope=Parameter("slope", 0.5, learnable=True))
    model = nn.Sequential(nn.Linear(2, 2), nonlin.get("bent"))
    x = torch.tensor([[0.5, -1.0]])
    path = f"{tmp_path}/model.pt"
    torch.save(model, path)
    code = f"""
import pickle, torch
model = torch.load({path!r}, weights_only=False)
y = model(torch.tensor([[0.5, -1.0]]))
y.sum().backward()
assert model[1].slope.grad is not None
again = pickle.loads(pickle.dumps(model))
print(y.tolist(), again[1])
"""
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    assert output.strip() == f"{model(x).tolist()} {model[1]}"


def test_rrelu_draws_in_training_and_not_in_evaluation() -> None:
    module, x = nonlin.RReLU(), -torch.ones(1000)
    assert module.training
    first, second = module(x), module(x)
    assert bool((first != second).any())
    assert bool(((first <= -1 / 8) & (first >= -1 / 3)).all())
    same(module.eval()(x), x * (1 / 8 + 1 / 3) / 2, rtol=1e-7)


def test_learned_parameters_take_device_dtype_and_reset() -> None:
    module = nonlin.PReLU(3, 0.1, device="meta", dtype=torch.bfloat16)
    assert (module.weight.device.type, module.weight.dtype, module.weight.shape) == ("meta", torch.bfloat16, (3,))
    real = nonlin.PReLU(3, 0.1)
    real.weight.data.zero_()
    reset: Any = real
    reset.reset_parameters()
    same(real.weight.detach(), torch.full((3,), 0.1))


def test_setting_an_attribute_is_enough() -> None:
    """As with torch.nn: the next call uses it."""
    module = nonlin.LeakyReLU(0.1)
    module.negative_slope = 0.5
    same(module(torch.tensor([-1.0])), torch.tensor([-0.5]))


def test_declarations_pickle() -> None:
    for activation in declarations().values():
        loaded: Activation = pickle.loads(pickle.dumps(activation))
        assert loaded == activation
        assert loaded.fingerprint == activation.fingerprint


def test_function_module_wraps_any_callable() -> None:
    module = nonlin.get(torch.sin)
    assert repr(module) == "Function(sin)"
    x: Tensor = torch.ones(2)
    same(module(x), torch.sin(x))
