"""Gated units: the value, or a function of it, times a pointwise function of the gate, rounded once, saving gate and value and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import addressof
from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor

from nonlin.errors import BoundsError, DimensionError
from nonlin.formula.declaration import Activation
from nonlin.kernels import eager, native
from nonlin.kernels.autograd import Slopes, differentiable
from nonlin.kernels.library import NUMBER, SUFFIX, fail, library
from nonlin.kernels.rows import Rows, flat, packed_rows
from nonlin.kernels.terms import Product, Scaled, formula

HELD = 2048  # as in pointwise_kernels.py; three operands instead of one


class Kernels:
    """The C entries of one gate for one dtype, on addresses."""

    def __init__(self, activation: Activation, dtype: torch.dtype, second: Activation | None = None) -> None:
        found = library(activation, "gated", "double" if dtype is torch.float64 else "single", second)
        self.loaded = found is not None
        if found is not None:
            self.settings, self.half = found.settings, dtype.itemsize == 2
            self._entries = tuple(native.address(found.entry(name, dtype)) for name in ("product", "gradients"))
            self._intervals = tuple(found.intervals_of(name, half=self.half) for name in ("product", "gradients"))
            self._dtype = NUMBER[dtype]
            self.product, self.product_held = (found.entry("product", dtype, held=held) for held in (False, True))
            self.gradients, self.gradients_held = (found.entry("gradients", dtype, held=held) for held in (False, True))

    def serve(self, quick: Any) -> None:
        """Hand the entries to a native callable."""
        quick.add(self._dtype, *self._entries, *self._intervals)

    def products(self, out: int, value: int, gate: int, rows: Rows, parameters: tuple[float, ...]) -> None:
        """value * f(gate), written to ``out``."""
        run = self.product_held if rows.number * rows.columns <= HELD else self.product
        settings = self.settings("product", parameters, self.half)
        if run(out, value, gate, rows.number, rows.columns, rows.out, rows.halves, rows.halves, addressof(settings)):
            fail()

    def slopes(
        self, out_value: int, out_gate: int, value: int, gate: int, grad: int, step: int, rows: Rows, parameters: tuple[float, ...]
    ) -> None:  # fmt: skip
        """Both gradients, written in the layout of the halves."""
        run = self.gradients_held if rows.number * rows.columns <= HELD else self.gradients
        settings = self.settings("gradients", parameters, self.half)
        if run(
            out_value, out_gate, value, gate, grad, rows.number, rows.columns, rows.halves, rows.halves, rows.halves, rows.out,
            step, addressof(settings),
        ):  # fmt: skip
            fail()


@lru_cache(maxsize=1024)
def gated(activation: Activation, second: Activation | None = None) -> Callable[..., Tensor]:
    """``f(value, gate, *parameters of the gate's function)``; ``.packed(input, dim, gate_half, owner, *parameters)``.

    ``second``: the value's own function, which takes the same parameters; without one the value itself is multiplied.
    """
    term = Scaled(formula(activation)) if second is None else Product(formula(second), formula(activation))
    composite = differentiable(term, prepare=(0, 1))
    slope = Slopes(term, ())
    table: dict[torch.dtype, Kernels] = {}
    grad_enabled, is_compiling = torch.is_grad_enabled, torch.compiler.is_compiling

    def kernels(x: Tensor, parameters: tuple[Any, ...]) -> Kernels | None:
        if not eager.takes(x) or not eager.plain() or any(isinstance(p, Tensor) for p in parameters):
            return None
        if x.dtype not in table:
            if x.dtype not in SUFFIX:
                return None
            first = not any(known.loaded for known in table.values())
            table[x.dtype] = Kernels(activation, x.dtype, second)
            if table[x.dtype].loaded and first:
                native.when_ready(install)
            elif table[x.dtype].loaded and quick is not None:
                table[x.dtype].serve(quick)
        found = table[x.dtype]
        return found if found.loaded else None

    def product(value: Tensor, gate: Tensor, parameters: tuple[float, ...]) -> Tensor:
        gate, out = eager.dense(gate)
        value = _laid_out(value, out)
        addresses = (out.data_ptr(), value.data_ptr(), gate.data_ptr())
        table[gate.dtype].products(*addresses, flat(gate.numel()), parameters)
        return out

    def fall_back(grad: Tensor, *saved: Tensor) -> bool:
        if grad_enabled() or not eager.plain() or not all(map(eager.takes, (grad, *saved))):
            return True
        served = grad.dtype in table and table[grad.dtype].loaded
        return not served or any(s.dtype is not grad.dtype for s in saved)  # a hook may hand back another dtype

    class Fused(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, value: Tensor, gate: Tensor, *parameters: float) -> Tensor:
            ctx.save_for_backward(value, gate)
            ctx.parameters = parameters
            return product(value, gate, parameters)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            value, gate = ctx.saved_tensors
            parameters, rest = ctx.parameters, [None] * len(ctx.parameters)
            if fall_back(grad, value, gate) or not grad.shape == value.shape == gate.shape:
                args = (value, gate, *parameters)
                return (*(slope(i, grad, args) if ctx.needs_input_grad[i] else None for i in (0, 1)), *rest)
            gate, d_gate = eager.dense(gate)
            value, d_value = _laid_out(value, d_gate), torch.empty_like(d_gate)
            grad, step = eager.like(grad, d_gate)
            table[gate.dtype].slopes(
                d_value.data_ptr(), d_gate.data_ptr(), value.data_ptr(), gate.data_ptr(), grad.data_ptr(), step,
                flat(gate.numel()), parameters,
            )  # fmt: skip
            return (d_value, d_gate, *rest)

    class Packed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, packed: Tensor, dim: int, gate_half: str, *parameters: float) -> Tensor:
            ctx.save_for_backward(packed)
            ctx.settings = dim, gate_half, parameters
            return packed_product(packed, dim, gate_half, parameters)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            (packed,) = ctx.saved_tensors
            dim, gate_half, parameters = ctx.settings
            rest = [None] * (2 + len(parameters))
            if fall_back(grad, packed) or 2 * grad.numel() != packed.numel():
                return (*packed_gradients(grad, packed, dim, gate_half == "first", *parameters), *rest)
            laid = packed_rows(packed, dim)
            out = torch.empty_like(laid.base)
            grad, step = (grad, 1) if laid.order is None and grad.is_contiguous() else eager.like(grad, laid.empty())
            gate_at, value_at = laid.offsets(gate_half)
            at, to = laid.base.data_ptr(), out.data_ptr()
            table[packed.dtype].slopes(
                to + value_at, to + gate_at, at + value_at, at + gate_at, grad.data_ptr(), step, laid.rows, parameters
            )
            return (laid.restored(out), *rest)

    def packed_product(packed: Tensor, dim: int, gate_half: str, parameters: tuple[float, ...]) -> Tensor:
        laid = packed_rows(packed, dim)
        out = laid.empty()
        gate_at, value_at = laid.offsets(gate_half)
        at = laid.base.data_ptr()
        table[packed.dtype].products(out.data_ptr(), at + value_at, at + gate_at, laid.rows, parameters)
        return out

    def gradients(grad: Tensor, value: Tensor, gate: Tensor, *parameters: float) -> tuple[Tensor, Tensor]:
        return slope(0, grad, (value, gate, *parameters)), slope(1, grad, (value, gate, *parameters))

    def packed_gradients(grad: Tensor, packed: Tensor, dim: float, first: float, *parameters: float) -> tuple[Tensor]:
        gate, value = halves(packed, int(dim), "first" if first else "second", activation.name)
        d_value, d_gate = gradients(grad, value, gate, *parameters)
        return (torch.cat((d_gate, d_value) if first else (d_value, d_gate), int(dim)),)

    for function in (Fused, Packed):
        function.__name__ = function.__qualname__ = term.label
        function._backward_cls.__name__ = f"{term.label}Backward"

    # the classes' own apply first asks whether a functorch transform is active, which call() has
    apply: Callable[..., Any] = super(torch.autograd.Function, Fused).apply
    apply_packed: Callable[..., Any] = super(torch.autograd.Function, Packed).apply

    def portable(value: Tensor, gate: Tensor, *parameters: Any) -> Tensor:
        fresh, found = gate.dtype not in table, kernels(gate, parameters)
        if fresh and found is not None and step is not portable:
            return step(value, gate, *parameters)
        if found is None or not eager.takes(value) or value.shape != gate.shape or value.dtype != gate.dtype:
            return composite(value, gate, *parameters)
        if grad_enabled() and (value.requires_grad or gate.requires_grad):
            return cast(Tensor, apply(value, gate, *parameters))
        return product(value, gate, parameters)

    def plain_packed(input: Tensor, dim: int, gate_half: str, owner: str, *parameters: Any) -> Tensor:
        gate, value = halves(input, dim, gate_half, owner)
        return composite(value, gate, *parameters)

    def portable_packed(input: Tensor, dim: int, gate_half: str, owner: str, *parameters: Any) -> Tensor:
        fresh, found = input.dtype not in table, kernels(input, parameters)
        if found is None:
            return plain_packed(input, dim, gate_half, owner, *parameters)
        if fresh and step is not portable:
            return step_packed(input, dim, gate_half, owner, *parameters)
        check_packed(input, dim, gate_half, owner)
        if grad_enabled() and input.requires_grad:
            return cast(Tensor, apply_packed(input, dim, gate_half, *parameters))
        return packed_product(input, dim, gate_half, parameters)

    quick: Any = None  # the native callable, once there is one
    step, step_packed = portable, portable_packed

    def call(value: Tensor, gate: Tensor, *parameters: Any) -> Tensor:
        return composite(value, gate, *parameters) if is_compiling() else step(value, gate, *parameters)

    def packed(input: Tensor, dim: int, gate_half: str, owner: str, *parameters: Any) -> Tensor:
        chosen = plain_packed if is_compiling() else step_packed
        return chosen(input, dim, gate_half, owner, *parameters)

    def install(module: Any) -> None:
        nonlocal quick, step, step_packed
        usual = tuple(p.effective(p.default) for p in activation.parameters)
        made = module.Gated(term.label, usual, portable, gradients, portable_packed, packed_gradients)
        quick, step, step_packed = made, made, made.packed  # first, as in pointwise.py
        for known in list(table.values()):
            if known.loaded:
                known.serve(made)

    call.packed = packed  # type: ignore[attr-defined]
    return call


def _laid_out(x: Tensor, like: Tensor) -> Tensor:
    """``x`` in the layout of ``like``: itself, or a copy."""
    return x if x.stride() == like.stride() else torch.empty_like(like).copy_(x.detach())


def check_half(gate_half: str, owner: str) -> None:
    """Raise where ``gate_half`` names no half."""
    if gate_half not in ("first", "second"):
        raise BoundsError(
            f"{owner}: gate_half={gate_half!r}; expected 'first' or 'second' (torch's convention, the default)"
        )


def check_packed(packed: Tensor, dim: int, gate_half: str, owner: str) -> None:
    """Raise where ``packed`` cannot be split into gate and value along ``dim``."""
    check_half(gate_half, owner)
    if packed.ndim == 0:
        raise BoundsError(f"{owner}: got a 0-d tensor; expected at least one dimension to split into gate and value")
    if not -packed.ndim <= dim < packed.ndim:
        raise DimensionError(
            f"{owner}: dim={dim} for a tensor of {packed.ndim} dimension(s); expected {-packed.ndim} to {packed.ndim - 1}"
        )
    if packed.shape[dim] % 2:
        raise BoundsError(
            f"{owner}: dimension {dim} has size {packed.shape[dim]}, of shape {tuple(packed.shape)}; expected an even size, "
            "to split into gate and value"
        )


def halves(packed: Tensor, dim: int, gate_half: str, owner: str) -> tuple[Tensor, Tensor]:
    """(gate, value) of a packed tensor, as views."""
    check_packed(packed, dim, gate_half, owner)
    size = packed.shape[dim] // 2
    first, second = packed.narrow(dim, 0, size), packed.narrow(dim, size, size)
    return (first, second) if gate_half == "first" else (second, first)
