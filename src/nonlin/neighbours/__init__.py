"""Which functions of the catalogue a function is, or nearly is: the literature invents them again and again."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nonlin import registry
from nonlin.errors import ArgumentError, BoundsError
from nonlin.formula.declaration import Activation
from nonlin.neighbours import fit, formulas
from nonlin.neighbours.formulas import Array, Function

_STRAIGHT = 1e-12
_COPY = 1e-4  # whatever comes so near at first may be the same function
_MORE = 16  # functions refined beyond those that are asked for: a few steps are not the last word


@dataclass(frozen=True)
class Neighbour:
    """A function of the catalogue and the ``a f(b x + c) + d`` that comes nearest to the target.

    ``distance`` is the root mean square of the difference under N(0, 1), as a share of what the best straight line
    leaves of the target: 0 for the same function, 1 for one that is no nearer than a line.
    """

    name: str
    distance: float
    a: float
    b: float
    c: float
    d: float

    def __str__(self) -> str:
        inside = f"{_number(self.b)} x" if abs(self.b - 1) > 5e-7 else "x"
        inside += f" {'+' if self.c > 0 else '-'} {_number(abs(self.c))}" if abs(self.c) > 5e-7 else ""
        text = f"{self.name}({inside})" if abs(self.a - 1) < 5e-7 else f"{_number(self.a)} {self.name}({inside})"
        return text + (f" {'+' if self.d > 0 else '-'} {_number(abs(self.d))}" if abs(self.d) > 5e-7 else "")


def nearest(target: Any, /, *, limit: int = 10, **parameters: float) -> tuple[Neighbour, ...]:
    """The pointwise functions of the catalogue nearest to a function, up to an affine change of input and output.

    For each function f of the catalogue, at the defaults of its parameters, the a, b, c, d are found that make
    ``a f(b x + c) + d`` come nearest to the target in the mean square for standard normal x. The distance is told as
    a share of what the best straight line leaves of the target, so that a constant or a nearly straight function is
    not near to everything. b lies between 1/32 and 64 in size: closer by, every function is its tangent.

    Args:
        target: a formula in ``x`` (``"x * sigmoid(1.7 * x)"``), the name of a function of one number (which is then not
            listed itself), a module, or a callable on tensors that works element by element.
        limit: how many, at least 1.
        **parameters: values of the other names in a formula, or of a named function's parameters.

    Raises:
        FormulaError: for a text that is neither. ValueError: for a straight line, which everything comes near to.

    Example:
        >>> import nonlin
        >>> best = nonlin.nearest("x * sigmoid(1.7 * x)", limit=2)
        >>> best[0].name, round(best[0].distance, 9), str(best[0])
        ('silu', 0.0, '0.588235 silu(1.7 x)')
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise BoundsError(f"limit={limit!r}; expected a whole number, 1 or more")
    function, itself = _target(target, parameters)
    aim = fit.Target.of(function)
    if not np.all(np.isfinite(aim.centred)):
        raise BoundsError(f"{target!r} is not finite within {fit.coarse()[0][-1]:.1f} standard deviations of 0")
    if aim.bend <= _STRAIGHT * max(1.0, float(np.max(np.abs(aim.centred)))):
        raise BoundsError(f"{target!r} is a straight line, which every function comes near to")
    found = []
    for name, candidate, values, variance in _candidates():
        if name != itself:
            distance, b, c = fit.approached(candidate, fit.left_over(values, variance, aim), aim)
            found.append((distance, name, candidate, b, c))
    found.sort(key=lambda entry: entry[:2])
    chosen = [entry for k, entry in enumerate(found) if k < limit + _MORE or entry[0] < _COPY]
    neighbours = []
    for _, name, f, b, c in chosen:
        if _equal(f, function):
            neighbours.append(Neighbour(name, 0.0, 1.0, 1.0, 0.0, 0.0))
        else:
            best = fit.refined(f, b, c, aim)
            neighbours.append(Neighbour(name, best.distance, best.a, best.b, best.c, best.d))
    ours = {name for name, a in registry.all_activations().items() if a.torch_name is None}
    order = sorted(neighbours, key=lambda n: (round(n.distance, 9), not _as_it_is(n), n.name in ours, n.name))
    return tuple(order[:limit])


def _as_it_is(found: Neighbour) -> bool:
    """Whether neither input nor output is changed: of many that are the same function, the one that needs no more is told first."""
    return (found.a, found.b, found.c, found.d) == (1.0, 1.0, 0.0, 0.0)


def _equal(f: Function, g: Function) -> bool:
    x = np.linspace(-6.0, 6.0, 401)
    return bool(np.allclose(f(x), g(x), rtol=1e-9, atol=1e-12))


def _target(target: Any, parameters: dict[str, float]) -> tuple[Function, str | None]:
    """The target as a function on arrays, and the name of the catalogue's function that it is."""
    if isinstance(target, str):
        if _mentions_x(target):
            return formulas.written(target, parameters), None
        activation, given = registry.parse(target)
        return _declared(activation, {**given, **parameters}), activation.name
    if isinstance(target, Activation):
        return _declared(target, parameters), target.name
    if not callable(target) or isinstance(target, type):
        raise ArgumentError(
            f"got {type(target).__name__}; expected a formula such as 'x * sigmoid(x)', a name, a module or a callable"
        )
    return _called(target, parameters), None


def _mentions_x(text: str) -> bool:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # the formula's reader says what is wrong
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return "x" in names or not isinstance(tree.body, ast.Name | ast.Call)


def _declared(activation: Activation, values: dict[str, float]) -> Function:
    if activation.rule or activation.kind not in ("pointwise", "stochastic"):
        raise ArgumentError(f"{activation.name} is {activation.kind}; expected a function of one number with a formula")
    named = {p.argument: p.name for p in activation.parameters if p.argument}
    values = {named.get(name, name): value for name, value in values.items() if name != "inplace"}
    if unknown := sorted(values.keys() - activation.defaults.keys()):
        raise ArgumentError(f"{activation.name} has no parameter {unknown[0]!r}; it has {list(activation.defaults)}")
    return formulas.declared(activation, values)


def _called(target: Callable[..., Any], parameters: dict[str, float]) -> Function:
    import torch

    def function(x: Array) -> Array:
        with torch.no_grad():
            result: Array = target(torch.from_numpy(np.array(x)), **parameters).double().numpy()
        return result

    return function


@lru_cache(maxsize=1)
def _catalogue(known: tuple[Activation, ...]) -> list[tuple[str, Function, Array, Array]]:
    found = []
    for activation in known:
        function = formulas.declared(activation)
        found.append((activation.name, function, *fit.grid(function)))
    return found


def _candidates() -> list[tuple[str, Function, Array, Array]]:
    """Every function of one number with a formula, its values on the grid, kept for the next search."""
    every = registry.all_activations().values()
    return _catalogue(tuple(a for a in every if a.kind in ("pointwise", "stochastic") and not a.rule))


def _number(value: float) -> str:
    return f"{value:.6g}"
