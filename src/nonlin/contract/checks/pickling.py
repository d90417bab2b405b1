"""Copies: deepcopy, pickle, torch.save, the state dict."""

from __future__ import annotations

import copy
import io
import pickle

import torch
from torch import Tensor, nn

from nonlin.contract.case import Case
from nonlin.contract.expect import applies, same


def _run(module: nn.Module, *data: Tensor) -> Tensor:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        value: Tensor = module(*data)
    return value


def deep_copied(case: Case) -> None:
    module, data = case.module(channels=4), case.data(case.image, torch.float32)
    copied = copy.deepcopy(module)
    assert type(copied) is type(module)
    assert repr(copied) == repr(module)
    same(_run(copied, *data), _run(module, *data))
    for parameter in copied.parameters():
        parameter.data.add_(1.0)
    assert all(bool((a != b).all()) for a, b in zip(copied.parameters(), module.parameters(), strict=True))


def pickled(case: Case) -> None:
    module, data = case.module(channels=4), case.data(case.image, torch.float32)
    loaded = pickle.loads(pickle.dumps(module))
    assert type(loaded) is type(module)
    assert loaded.training is module.training
    same(_run(loaded, *data), _run(module, *data))


def saved_and_loaded(case: Case) -> None:
    """torch.save of a network with the module in it."""
    applies(not case.apart, "a network of one tensor feeds it packed")
    module, data = case.module(channels=4), case.data(case.image, torch.float32)
    buffer = io.BytesIO()
    torch.save(nn.Sequential(module), buffer)
    buffer.seek(0)
    same(_run(torch.load(buffer, weights_only=False), *data), _run(module, *data))


def function_pickled(case: Case) -> None:
    """Functions pickle by name, as torch's do."""
    applies(case.function is not None, "it has no function of a name")
    assert pickle.loads(pickle.dumps(case.function)) is case.function


def state_saved(case: Case) -> None:
    """The state loads strictly into another module; ours holds the learned parameters and nothing else."""
    module = case.module(channels=4)
    state = module.state_dict()
    if case.own and case.shape is None:
        assert list(state) == list(case.learns)
    other = case.module(channels=4)
    for parameter in other.parameters():
        parameter.data.zero_()
    other.load_state_dict(state)
    same(dict(other.state_dict()), dict(state))
