"""Parameters that are tensors, shared or one a channel: C kernels with each parameter's gradient summed in double."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import addressof, c_double
from math import nan, prod
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor

from nonlin.errors import BoundsError
from nonlin.formula.declaration import Activation
from nonlin.kernels import eager, native
from nonlin.kernels.autograd import Slopes, gradients
from nonlin.kernels.library import NUMBER, SUFFIX, fail, library
from nonlin.kernels.pointwise_kernels import Kernels as Pointwise
from nonlin.kernels.terms import formula

_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


class Layout(NamedTuple):
    """Rows of ``columns`` elements: row r belongs to channel r % ``channels``; or element i of each to channel i (``varying``)."""

    x: Tensor
    rows: int
    columns: int
    channels: int
    varying: int

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        return self.rows, self.columns, self.channels, self.varying


def layout(x: Tensor, channels: int) -> Layout:
    """How ``x`` lies in memory, its channels in dimension 1; strides that fit no pattern are copied once."""
    x = x.detach()
    if channels == 1:
        return Layout(x if x.is_contiguous() else eager.dense(x)[0], 1, x.numel(), 1, 0)
    if x.ndim in _LAST and not x.is_contiguous() and x.is_contiguous(memory_format=_LAST[x.ndim]):
        return Layout(x, x.numel() // channels, channels, channels, 1)
    x, inner = x.contiguous(), prod(x.shape[2:])
    if inner == 1:
        return Layout(x, x.shape[0], channels, channels, 1)
    return Layout(x, x.shape[0] * channels, inner, channels, 0)


class Kernels:
    """The C entries of one activation for one dtype, with parameters given as a table."""

    def __init__(self, activation: Activation, dtype: torch.dtype) -> None:
        found = library(activation, "learned", "double" if dtype is torch.float64 else "single")
        self.loaded = found is not None
        if found is not None:
            half = dtype.itemsize == 2
            # the interval measured over several parameter values: a table's are not known here
            self.settings = found.settings("value", (nan,), half), found.settings("slope", (nan,), half)
            self.at = tuple(map(addressof, self.settings))
            self.values, self.slopes, self.sums = (
                found.entry(f"learned_{n}", dtype) for n in ("values", "slopes", "sums")
            )
            self.pieces = found.sum_pieces
            tables = (self.values, self.slopes, self.sums, self.pieces)
            self._entries = tuple(map(native.address, tables))
            self._intervals = tuple(tuple(settings[:2]) for settings in self.settings)
            self._dtype = NUMBER[dtype]

    def serve(self, quick: Any, shared: Pointwise) -> None:
        """Hand the entries to a native callable, with those for one number for all elements."""
        quick.add(self._dtype, (*shared.entries, *self._entries), *(i[2:] for i in shared.intervals), *self._intervals)


def numbers(parameters: tuple[Any, ...]) -> tuple[float, ...]:
    """Parameters of one element each, as numbers."""
    return tuple(float(p.item()) if isinstance(p, Tensor) else p for p in parameters)


class Doubles:
    """``size`` doubles for a kernel to fill: small and short-lived, which a tensor is too slow for."""

    def __init__(self, size: int, *values: float) -> None:
        self.values = (c_double * size)(*values)
        self.address = addressof(self.values)


def table_of(parameters: tuple[Any, ...], channels: int) -> Doubles:
    """The parameters of each channel, side by side."""
    if channels == 1:
        return Doubles(len(parameters), *numbers(parameters))
    columns = [
        p.tolist() if isinstance(p, Tensor) and p.numel() > 1 else [float(p)] * channels for p in flattened(parameters)
    ]
    return Doubles(len(columns) * channels, *(value for row in zip(*columns, strict=True) for value in row))


def flattened(parameters: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(p.detach().reshape(-1) if isinstance(p, Tensor) else p for p in parameters)


def learned(activation: Activation, composite: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``f(x, *parameters)`` for parameters of which at least one is a tensor."""
    term = formula(activation)
    slope = Slopes(term, ())
    tables: dict[torch.dtype, Kernels] = {}
    shared: dict[torch.dtype, Pointwise] = {}  # one number for all elements: the plain loops
    position = {p.name: i for i, p in enumerate(activation.parameters)}
    sums_at = [position[p.name] for p in activation.learnable]

    def channels_of(x: Tensor, parameters: tuple[Any, ...]) -> int:
        """How many channels the parameters tell apart; 0 where only the composite can broadcast them."""
        channels = 1
        for i, p in enumerate(parameters):
            if not isinstance(p, Tensor):
                continue
            if not eager.takes(p) or p.dtype != x.dtype or (p.requires_grad and i not in sums_at):
                return 0
            if p.numel() > 1:
                if x.ndim < 2 or p.numel() != x.shape[1] or p.shape != (x.shape[1], *[1] * (x.ndim - 2)):
                    return 0
                channels = p.numel()
        return channels

    class Learned(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, channels: int, *parameters: Any) -> Tensor:
            ctx.save_for_backward(x, *(p for p in parameters if isinstance(p, Tensor)))
            ctx.channels, ctx.numbers = channels, tuple(None if isinstance(p, Tensor) else p for p in parameters)
            if channels == 1:
                return shared[x.dtype].values(x, numbers(parameters))
            kernels, laid = tables[x.dtype], layout(x, channels)
            out = torch.empty_like(laid.x)
            table = table_of(parameters, channels)
            at = (out.data_ptr(), laid.x.data_ptr(), table.address)
            if kernels.values(*at, *laid.sizes, kernels.at[0]):
                fail()
            return out

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            saved = ctx.saved_tensors  # once: checkpointing computes them anew at each access
            x, held = saved[0], iter(saved[1:])
            parameters = tuple(next(held) if number is None else number for number in ctx.numbers)
            needs_x, _, *needs = ctx.needs_input_grad
            recorded = eager.as_recorded(grad, x) and all(eager.takes(s) and s.dtype is x.dtype for s in saved)
            if torch.is_grad_enabled() or not eager.plain() or not recorded or x.dtype not in tables:
                found = gradients(slope, (needs_x, *needs), grad, (x, *parameters))
                return (found[0], None, *found[1:])
            result: list[Any] = [None] * (2 + len(parameters))
            kernels, laid = tables[x.dtype], layout(x, ctx.channels)
            grad, step = (grad, 1) if laid.x.is_contiguous() and grad.is_contiguous() else eager.like(grad, laid.x)
            table = table_of(parameters, ctx.channels)
            if needs_x and ctx.channels == 1:
                result[0] = shared[x.dtype].slopes(grad, laid.x, numbers(parameters))
            elif needs_x:
                result[0] = torch.empty_like(laid.x)
                at = (result[0].data_ptr(), laid.x.data_ptr(), grad.data_ptr(), table.address)
                if kernels.slopes(*at, step, *laid.sizes, kernels.at[1]):
                    fail()
            if any(needs):
                total, partial = (
                    Doubles(len(sums_at) * ctx.channels),
                    Doubles(kernels.pieces(*laid.sizes) * len(sums_at)),
                )
                at_sums = (total.address, partial.address, laid.x.data_ptr(), grad.data_ptr(), table.address)
                if kernels.sums(*at_sums, step, *laid.sizes, kernels.at[1]):
                    fail()
                for j, i in enumerate(sums_at):
                    if needs[i]:
                        sums = total.values[j * ctx.channels : (j + 1) * ctx.channels]
                        p = parameters[i]
                        if p.numel() == 1:
                            result[2 + i] = torch.full(p.shape, sum(sums), dtype=p.dtype)
                        else:
                            result[2 + i] = torch.tensor(list(sums), dtype=p.dtype).view(p.shape)
            return tuple(result)

    Learned.__name__ = Learned.__qualname__ = term.label
    Learned._backward_cls.__name__ = f"{term.label}Backward"

    apply: Callable[..., Any] = super(torch.autograd.Function, Learned).apply  # as in pointwise.py

    def portable(x: Tensor, *given: Any) -> Tensor:
        parameters = tuple(
            per_channel(p, x, activation.name, own.name) if isinstance(p, Tensor) else p
            for p, own in zip(given, activation.parameters, strict=True)
        )
        if is_compiling():
            return composite(x, *parameters)
        channels = channels_of(x, parameters) if sums_at and eager.takes(x) and eager.plain() else 0
        if not channels or x.dtype not in SUFFIX:
            return composite(x, *parameters)
        wanted = torch.is_grad_enabled() and (
            x.requires_grad or any(isinstance(p, Tensor) and p.requires_grad for p in parameters)
        )
        if x.dtype not in tables:
            tables[x.dtype], shared[x.dtype] = (
                Kernels(activation, x.dtype),
                Pointwise(activation, x.dtype, learned=True),
            )
            if tables[x.dtype].loaded:
                if quick is None:
                    native.when_ready(install)
                else:
                    tables[x.dtype].serve(quick, shared[x.dtype])
                if quick is not None:
                    return step(x, *given)
        if not tables[x.dtype].loaded:
            return composite(x, *parameters)
        if not wanted and channels == 1:
            return shared[x.dtype].values(x.detach(), numbers(parameters))
        return cast(Tensor, apply(x, channels, *parameters))

    quick: Any = None  # the native callable, once there is one
    step, is_compiling = portable, torch.compiler.is_compiling
    whole = len(sums_at) == len(activation.parameters)  # every parameter may be a tensor that learns

    def composite_gradients(grad: Tensor, x: Tensor, *parameters: Tensor) -> tuple[Tensor | None, ...]:
        args = (x, *(per_channel(p, x, activation.name, "") for p in parameters))
        found = gradients(slope, (True,) * len(args), grad, args)
        return tuple(g if g is None else g.reshape(p.shape) for g, p in zip(found, (x, *parameters), strict=True))

    def call(x: Tensor, *parameters: Any) -> Tensor:
        return portable(x, *parameters) if is_compiling() else step(x, *parameters)

    def install(module: Any) -> None:
        nonlocal quick, step
        if not whole:
            return
        made = module.Learned(term.label, (0.0,) * len(sums_at), portable, composite_gradients)
        quick = step = made  # first, as in pointwise.py
        for dtype, known in list(tables.items()):
            if known.loaded:
                known.serve(made, shared[dtype])

    return call


def per_channel(parameter: Tensor, input: Tensor, owner: str, name: str) -> Tensor:
    """A parameter's view that broadcasts against ``input``: one number, one a channel (dimension 1), or the input's shape."""
    if parameter.numel() == 1:
        return parameter.reshape(())
    if parameter.ndim > 1 or (input.ndim == 1 and parameter.shape == input.shape):
        return parameter
    channels = input.shape[1] if input.ndim >= 2 else 1
    if parameter.numel() != channels:
        raise BoundsError(
            f"{owner}: {name} has {parameter.numel()} elements and the input, of shape {tuple(input.shape)}, has {channels} channel(s) "
            f"in dimension 1; expected 1 or {channels} elements"
        )
    return parameter.view(channels, *[1] * (input.ndim - 2))
