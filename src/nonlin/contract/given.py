"""The case of a module that is given: a user's own, one of torch's, or a written one of this library."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from nonlin.builders import classes, functions
from nonlin.contract.case import GATE, VALUE, Case, Scalar
from nonlin.contract.oracle import Oracle
from nonlin.formula import behaviour
from nonlin.formula.declaration import Activation

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
SEED = 3  # of the weights of a network inside: none of its ReLUs is dead


class Given(Case):
    """A module as it stands, with its parameters as further arguments of its function.

    Args:
        made: the module, in the mode in which it is to be judged.
        name: what reports call it.
        activation: its declaration, where it has one.
        parameters: the values of its formula's parameters.
        shape: the one shape of input that it takes, None where it takes any.
        variant: "default", or the text of a sample.
        own: True for a written activation of this library.
        formula: False where its declaration says nothing of its values, as for one parameter a channel.
    """

    def __init__(
        self,
        made: nn.Module,
        name: str,
        activation: Activation | None = None,
        parameters: dict[str, float] | None = None,
        *,
        shape: tuple[int, ...] | None = None,
        variant: str = "default",
        own: bool = False,
        formula: bool = True,
    ) -> None:
        self.made, self.activation, self.shape, self.variant, self.own = made, activation, shape, variant, own
        self._name, self._parameters, self._formula = name, parameters or {}, formula
        # made now: inside a transform no module can be moved
        self._of_dtype = {dtype: copy.deepcopy(made).to(dtype=dtype) for dtype in DTYPES}

    @property
    def name(self) -> str:
        return self._name

    @property
    def takes_inplace(self) -> bool:
        return isinstance(getattr(self.made, "inplace", None), bool)

    @cached_property
    def learns(self) -> tuple[str, ...]:
        known = {name: p for name, p in self.made.named_parameters() if p.requires_grad}
        if not (self.own and self.kind == "stochastic" and known):
            return tuple(known)
        (x,) = self.data(dtype=torch.float32, grad=True)  # what is learned of noise gets its gradient in training alone
        found = torch.autograd.grad(self.made(x).sum(), [*known.values()], allow_unused=True)
        return tuple(name for name, gradient in zip(known, found, strict=True) if gradient is not None)

    @property
    def layers(self) -> tuple[nn.Module, ...]:
        return tuple(self.made.children())

    @property
    def estimated(self) -> bool:
        return super().estimated or getattr(self.made, "hard", False) is True

    @cached_property
    def elementwise(self) -> bool:
        """As declared, or as it shows: turning the input round turns the output round and changes nothing else."""
        if self.activation is not None and self.kind != "stochastic":
            return self.kind == "pointwise"
        if self.activation is not None:
            return self._changes_one_place()
        (x,) = self.data(self.small)
        turned = x.flatten().flip(0).view(x.shape)
        try:
            straight, back = self.plain(x, *self.learned()), self.plain(turned, *self.learned())
        except Exception:  # whatever it raises, the checks will meet it and report it
            return False
        if straight.shape != x.shape or self.random:
            return False
        return torch.allclose(straight, back.flatten().flip(0).view(x.shape), rtol=1e-12, atol=0, equal_nan=True)

    def _changes_one_place(self) -> bool:
        """Of random numbers that are drawn alike, another number at one place changes that place alone."""
        (x,), learned = self.data(), self.learned()
        high, low = x.clone(), x.clone()
        high.view(-1)[0], low.view(-1)[0] = 100.0, -100.0
        moved = (self(high, *learned) != self(low, *learned)).flatten().nonzero().flatten().tolist()
        return moved in ([], [0])

    @cached_property
    def random(self) -> bool:
        (x,) = self.data(self.image)
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(0)
            try:
                first, second = self.made(x.float()), self.made(x.float())
            except Exception:  # as above
                return False
        return not torch.allclose(first, second, equal_nan=True)

    @property
    def function(self) -> Callable[..., Tensor] | None:
        return functions.of(self.activation) if self.own and self.activation is not None else None

    def _in(self, dtype: torch.dtype, device: torch.device) -> nn.Module:
        if device.type == "meta":
            return copy.deepcopy(self.made).to(device=device, dtype=dtype)
        made = self._of_dtype[dtype]
        return made if device.type == "cpu" else copy.deepcopy(made).to(device)

    def bound(self, **more: Any) -> Callable[..., Tensor]:
        names, inplace = self.learns, more.pop("inplace", False) if self.takes_inplace else False

        def call(x: Tensor, *tensors: Tensor) -> Tensor:
            state = tensors[0] if tensors else x
            dtype = state.dtype if isinstance(state, Tensor) and state.is_floating_point() else torch.float32
            made = self._in(dtype, state.device if isinstance(state, Tensor) else torch.device("cpu"))
            if inplace:
                made = copy.deepcopy(made)
                made.inplace = True  # type: ignore[assignment]
            if not names:
                result: Tensor = made(x, **more)
                return result
            parameters = dict(zip(names, tensors, strict=True))
            result = functional_call(made, parameters, (x,), more)
            return result

        return call

    def module(self, *, channels: int = 1, **more: Any) -> nn.Module:
        return copy.deepcopy(self.made)

    def data(
        self,
        shape: tuple[int, ...] | None = None,
        dtype: torch.dtype = torch.float64,
        *,
        seed: int = 0,
        scale: float = 2.0,
        grad: bool = False,
    ) -> tuple[Tensor, ...]:
        shape = self.small if shape is None else self.shaped(shape)
        generator = torch.Generator().manual_seed(seed)
        wide = torch.complex128 if self.kind == "complex" else torch.float64
        x = torch.randn(shape, generator=generator, dtype=wide) * scale
        if self.kind == "complex":
            dtype = torch.complex64 if dtype is not torch.float64 else torch.complex128
        x = x.to(dtype)
        return (x.requires_grad_() if grad else x,)  # also inside a transform, where the flag must not be touched

    def learned(
        self, dtype: torch.dtype = torch.float64, *, channels: int = 1, grad: bool = False
    ) -> tuple[Tensor, ...]:
        parameters = dict(self.made.named_parameters())
        return tuple(parameters[name].detach().to(dtype).clone().requires_grad_(grad) for name in self.learns)

    def scalars(self, dtype: torch.dtype) -> Iterator[Scalar]:
        if self.activation is None or self.activation.rule or not self._formula:
            return
        if self.kind == "gated":
            yield from self._gated(self.activation)
        if not self.elementwise:
            return
        learned = self.learned(dtype)
        held = {
            name.rpartition(".")[2]: float(p) for name, p in zip(self.learns, learned, strict=True) if p.numel() == 1
        }
        values = {**self._parameters, **{n: v for n, v in held.items() if n in self._parameters}}
        call = self.bound()
        breaks = behaviour.breakpoints(self.activation, values)
        yield Scalar("", lambda x: call(x, *learned), Oracle(self.activation, values), breaks)

    def _gated(self, activation: Activation) -> Iterator[Scalar]:
        """A packed unit, value first, as a function of its gate and of its value."""
        made = self.made
        usual = getattr(made, "gate_half", "second") == "second" and getattr(made, "gate", activation.gate)
        if usual != activation.gate or made.dim not in (-1, 0) or self.shape is not None:
            return
        gate, value = Oracle(activation, {}, "gate", {"value": VALUE}), Oracle(activation, {}, "value", {"gate": GATE})
        yield Scalar("of the gate", lambda x: made(torch.cat([torch.full_like(x, VALUE), x])), gate, ())
        yield Scalar("of the value", lambda x: made(torch.cat([x, torch.full_like(x, GATE)])), value, ())


def samples_of(activation: Activation) -> Iterator[Given]:
    """A case for each sample of a written activation."""
    from nonlin import registry

    for text in activation.samples:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            made = registry.get(text).eval()
        variant = "default" if text == activation.samples[0] else text.partition("(")[2].removesuffix(")") or text
        yield Given(made, activation.name, activation, shape=activation.sample_shape, variant=variant, own=True)


def written_arguments(case: Given, x: Tensor) -> dict[str, Any]:
    """The arguments of the function of a written activation, as its module has them."""
    made, activation = case.made, case.activation
    assert activation is not None
    if isinstance(made, classes.WrittenModule):
        return made.arguments(x)
    from nonlin.builders import signatures

    return {a.name: getattr(made, a.name) for a in signatures.module(activation)}
