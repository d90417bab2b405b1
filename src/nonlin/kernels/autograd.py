"""Terms as differentiable functions: autograd functions whose backward is again a term.

Saved for backward: the arguments, nothing else. Derivatives of every order come from the formula, never from torch's
rules for the operations that happen to compute it, so they are as accurate as the value and NaN only where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import forward_ad

from nonlin.kernels.terms import Scaled, Term


def differentiable(term: Term, prepare: Iterable[int] = ()) -> Callable[..., Tensor]:
    """``term`` as a function that every kind of differentiation in torch gets right.

    - eager: a classic autograd function (15 us a call less than one with ``setup_context``), or the plain evaluation
      where nothing is to be differentiated;
    - torch.compile: an autograd function that Dynamo traces into one graph;
    - vmap, grad, jacrev, and one level of forward mode: one with a batching rule and a tangent;
    - export, and two levels of forward mode (there torch loses an autograd function's outer tangent): the plain
      operations, differentiated by torch.

    Args:
        term: what to evaluate.
        prepare: the arguments whose derivative is built at once rather than at the first backward; torch.compile can
            trace only what is built, and differentiates the plain operations where another one needs a gradient.
    """
    if term.identity:
        return lambda x: x  # as torch.nn.Identity; an autograd function may not return and save its input
    prepared = frozenset(prepare)
    slopes = Slopes(term, prepared)
    evaluate = term.evaluate
    eager, traced, transformed = _functions(term, slopes)

    def call(*args: Any) -> Tensor:
        if torch.compiler.is_compiling():
            wanted = _wanted(args)
            if torch.compiler.is_exporting() or not wanted or not prepared.issuperset(wanted):
                return evaluate(*args)
            return cast(Tensor, traced.apply(*args))
        levels = _forward_levels()
        if levels is None:
            return eager.apply(*args) if _wanted(args) else evaluate(*args)
        return evaluate(*args) if levels > 1 else transformed.apply(*args)

    return call


class Slopes:
    """Gradient times partial derivative, for each argument of a term: as a term, and as a differentiable function."""

    def __init__(self, term: Term, prepare: Iterable[int]) -> None:
        self.term = term
        self.terms: dict[int, Term] = {index: Scaled(term.partial(index)) for index in prepare}
        self.functions: dict[int, Callable[..., Tensor]] = {}
        # a tuple of plain functions, None where not prepared: torch.compile follows those, never an object
        self.prepared = tuple(
            self.terms[index].evaluate if index in self.terms else None
            for index in range(max(self.terms, default=-1) + 1)
        )

    def __call__(self, index: int, grad: Tensor, args: tuple[Any, ...]) -> Tensor:
        if index not in self.functions:
            self.functions[index] = differentiable(self._term(index))
        return self.functions[index](grad, *args)

    def _term(self, index: int) -> Term:
        if index not in self.terms:
            self.terms[index] = Scaled(self.term.partial(index))
        return self.terms[index]


def _functions(term: Term, slopes: Slopes) -> tuple[type[torch.autograd.Function], ...]:
    evaluate, prepared = term.evaluate, slopes.prepared

    def traced_slope(index: int, grad: Tensor, args: tuple[Any, ...]) -> Tensor:
        return prepared[index](grad, *args)  # type: ignore[misc]

    class Eager(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *args: Any) -> Tensor:
            _save(ctx, args)
            return evaluate(*args)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            return gradients(slopes, ctx.needs_input_grad, grad, _saved(ctx))

    class Traced(torch.autograd.Function):
        @staticmethod
        def forward(*args: Any) -> Tensor:
            return evaluate(*args)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
            _save(ctx, inputs)

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            return gradients(traced_slope, ctx.needs_input_grad, grad, _saved(ctx))

    class Transformed(Traced):
        generate_vmap_rule = True

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
            _save(ctx, inputs)
            ctx.save_for_forward(*(i for i in inputs if isinstance(i, Tensor)))

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Any:
            return gradients(slopes, ctx.needs_input_grad, grad, _saved(ctx))

        @staticmethod
        def jvp(ctx: Any, *tangents: Any) -> Tensor:
            args = _saved(ctx)
            parts = [slopes(index, tangent, args) for index, tangent in enumerate(tangents) if tangent is not None]
            return sum(parts[1:], start=parts[0])

    for function in (Eager, Traced, Transformed):
        function.__name__ = function.__qualname__ = term.label
        function._backward_cls.__name__ = f"{term.label}Backward"  # what a graph's node is called
    return Eager, Traced, Transformed


def _wanted(args: tuple[Any, ...]) -> list[int]:
    """The arguments for which a gradient may be asked."""
    return (
        [i for i, a in enumerate(args) if isinstance(a, Tensor) and a.requires_grad] if torch.is_grad_enabled() else []
    )


def _save(ctx: Any, args: tuple[Any, ...]) -> None:
    ctx.save_for_backward(*(a for a in args if isinstance(a, Tensor)))
    ctx.numbers = tuple(None if isinstance(a, Tensor) else a for a in args)


def _saved(ctx: Any) -> tuple[Any, ...]:
    tensors = iter(ctx.saved_tensors)
    return tuple(next(tensors) if number is None else number for number in ctx.numbers)


def gradients(
    slope: Callable[..., Tensor], needed: tuple[bool, ...], grad: Tensor, args: tuple[Any, ...]
) -> tuple[Tensor | None, ...]:
    """Each argument's gradient where one is needed, summed to the argument's shape."""
    return tuple(
        _like(slope(index, grad, args), argument) if needed[index] else None for index, argument in enumerate(args)
    )


def _like(gradient: Tensor, argument: Tensor) -> Tensor:
    """Sum a broadcast argument's gradient to its shape, 16 bit in float32: thousands of terms go into one number."""
    if gradient.shape == argument.shape:
        return gradient
    if gradient.dtype in (torch.float16, torch.bfloat16):
        return gradient.to(torch.float32).sum_to_size(argument.shape).to(gradient.dtype)
    return gradient.sum_to_size(argument.shape)


def _forward_levels() -> int | None:
    """How many levels of forward mode are active; None where no transform is active at all."""
    if torch._C._functorch.peek_interpreter_stack() is None:
        return 1 if forward_ad._current_level >= 0 else None
    jvp = torch._C._functorch.TransformType.Jvp
    return sum(interpreter.key() == jvp for interpreter in torch._C._functorch.get_interpreter_stack() or ())
