"""torch function modes see nonlin's functions as they see torch's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.overrides import TorchFunctionMode

from nonlin.builders import functions
from nonlin.formula.declaration import Activation
from tests.catalogue import REPRESENTATIVES


class Seen(TorchFunctionMode):
    """Notes the calls of nonlin's functions."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if hasattr(func, "activation"):
            self.calls.append((func, args))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("activation", [a for a in REPRESENTATIVES if not a.rule], ids=lambda a: a.name)
def test_a_call_is_seen_once_and_gives_the_same(activation: Activation) -> None:
    function = functions.of(activation)
    x = torch.randn(4, 6, 6, generator=torch.Generator().manual_seed(0))
    given: dict[str, Any] = {
        p.name: 1.0 if p.default is None else p.default for p in activation.parameters if p.required
    }
    if activation.kind == "rowwise" and activation.torch_name:
        given["dim"] = -1
    if activation.learnable and activation.torch_name == "prelu":
        given = {p.name: torch.tensor([0.25]) for p in activation.learnable}
    torch.manual_seed(0)
    plain = function(x, **given)
    torch.manual_seed(0)
    with Seen() as seen:
        watched = function(x, **given)
    assert [call[0] for call in seen.calls] == [function]
    assert seen.calls[0][1][0] is x
    assert torch.equal(plain, watched)
