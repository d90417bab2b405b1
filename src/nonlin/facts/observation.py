"""What calling a module shows: which inputs an output depends on, what it does to shifts, scales and permutations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from nonlin.facts.sheet import Observed

_CLOSE = 1e-9
BATCH = 512  # random samples of a moment or a share, which is therefore told to three digits or two


@dataclass
class Subject:
    """A module in evaluation and the shape of the inputs that it is shown."""

    module: nn.Module
    shape: tuple[int, ...]
    is_complex: bool = False

    def draw(self, scale: float, batch: int | None = None) -> Tensor:
        """Standard normal inputs times ``scale``, always the same ones."""
        shape = self.shape if batch is None else (batch, *self.shape[1:])
        dtype = torch.complex128 if self.is_complex else torch.float64
        return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=dtype) * scale

    def __call__(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            result: Tensor = self.module(x)
        return result

    def observed(self) -> Observed:
        """All of it."""
        x = self.draw(1.0)
        y = self(x)
        keeps = y.shape == x.shape
        elementwise = keeps and not self.mixed
        uniform = elementwise and all(_constant(self(torch.full_like(x, value))) for value in (-1.3, 0.7))
        return Observed(
            keeps_shape=keeps,
            outputs_per_input=y.numel() / x.numel(),
            elementwise=elementwise,
            uniform=uniform,
            permutation_equivariant=uniform or (keeps and bool(self.mixed) and self._equivariant(x, y)),
            shift_invariant=_same(self(x + 7.0), y),
            positively_homogeneous=all(_same(self(x * c), y * c) for c in (0.37, 3.0)),
            odd=_same(self(-x), -y),
            sums_to_one=not y.is_complex() and bool((y >= 0).all()) and any(_ones(y.sum(d)) for d in range(y.ndim)),
            exact_zeros=float(f"{float((self(self.draw(1.0, BATCH)) == 0).double().mean()):.2g}"),
            learned=sum(p.numel() for p in self.module.parameters()),
            random=self._random(x),
        )

    @cached_property
    def mixed(self) -> tuple[int, ...]:
        """The dimensions along which an output depends on other places than its own (of one that keeps the shape).

        Not from the Jacobian: which entry is the largest, say, leaves no trace in it.
        """
        x = self.draw(1.0)
        return tuple(d for d in range(x.ndim) if any(self._reaches(x, d, i) for i in range(self.shape[d])))

    def _reaches(self, x: Tensor, dimension: int, index: int) -> bool:
        """Whether other values in one slice change what comes out of the other slices."""
        others = torch.tensor([i for i in range(self.shape[dimension]) if i != index])
        here = self(x).index_select(dimension, others)
        for factor, shift in ((1.0, 5.0), (1.0, -5.0), (-2.0, 0.1)):
            changed = x.clone()
            changed.select(dimension, index).mul_(factor).add_(shift)
            if not _same(self(changed).index_select(dimension, others), here):
                return True
        return False

    def steepness(self, scale: float) -> float | None:
        """The spectral norm of the Jacobian at inputs of this size; None where there is none."""
        jacobian = self._jacobian(scale)
        return None if jacobian is None else float(torch.linalg.matrix_norm(jacobian, ord=2))

    def _jacobian(self, scale: float) -> Tensor | None:
        """d outputs / d inputs, both laid out flat, a complex number as two; None where no gradient passes."""
        x = self.draw(scale).requires_grad_()
        with torch.enable_grad():
            y = self.module(x)
        if not y.requires_grad:
            return None
        flat = (torch.view_as_real(y) if y.is_complex() else y).flatten()
        rows = [torch.autograd.grad(entry, x, retain_graph=True, materialize_grads=True)[0] for entry in flat]
        jacobian = torch.stack(rows)
        return (torch.view_as_real(jacobian) if self.is_complex else jacobian).flatten(1)

    def _equivariant(self, x: Tensor, y: Tensor) -> bool:
        orders = {d: torch.arange(self.shape[d]).roll(1).flip(0) for d in self.mixed}
        for d, order in orders.items():
            x, y = x.index_select(d, order), y.index_select(d, order)
        return _same(self(x), y)

    def _random(self, x: Tensor) -> bool:
        self.module.train()
        try:
            with torch.no_grad():
                state = {name: buffer.clone() for name, buffer in self.module.named_buffers()}
                first = self.module(x)
                for name, buffer in self.module.named_buffers():
                    buffer.copy_(state[name])
                second = self.module(x)
                for name, buffer in self.module.named_buffers():
                    buffer.copy_(state[name])
            return not torch.equal(first, second)
        finally:
            self.module.eval()

    def saved_bytes(self) -> int:
        """Bytes that backward keeps, for each float32 output, rounded; learned numbers are not counted."""
        x = self.draw(1.0).to(torch.complex64 if self.is_complex else torch.float32).requires_grad_()
        kept: dict[int, int] = {}
        module = self.module.float()
        learned = {p.untyped_storage().data_ptr() for p in module.parameters()}

        def pack(tensor: Tensor) -> Any:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in learned:
                kept[storage.data_ptr()] = storage.nbytes()
            return tensor

        try:
            with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
                y: Tensor = module(x)
        finally:
            module.double()
        return round(sum(kept.values()) / y.numel())


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool(torch.allclose(a, b, rtol=_CLOSE, atol=_CLOSE))


def _constant(values: Tensor) -> bool:
    return bool((values == values.flatten()[0]).all())


def _ones(sums: Tensor) -> bool:
    return bool(((sums - 1).abs() < _CLOSE).all())
