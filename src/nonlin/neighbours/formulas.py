"""Formulas in NumPy: fast to read, good to some 1e-15 of the largest value; without SymPy and torch, whose import takes longer
than the whole search. Like the grammar's, the tree is walked, never executed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.errors import FormulaError, suggestion
from nonlin.formula.declaration import Activation

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
_Node = Callable[[Array], Any]


def _elementwise(function: Callable[[float], float]) -> Callable[[Any], Array]:
    each = np.frompyfunc(function, 1, 1)
    return lambda u: np.asarray(each(u), dtype=np.float64)


_erfc = _elementwise(math.erfc)


def _sigmoid(u: Any) -> Any:
    return 0.5 * (1 + np.tanh(u / 2))


def _tanh_softplus_slope(u: Any) -> Any:
    s = np.tanh(np.logaddexp(0.0, u))
    return (1 - s * s) * _sigmoid(u)


def _near_zero(quotient: Callable[[Any], Any], series: tuple[float, ...], within: float) -> Callable[[Any], Any]:
    """A quotient that loses its digits at zero, there by its series in powers of u."""

    def function(u: Any) -> Any:
        small = np.abs(u) < within
        return np.where(small, np.polynomial.polynomial.polyval(u, series), quotient(np.where(small, 1.0, u)))

    return function


def _integral(n: int) -> Callable[[Any], Any]:
    """The integral of s^n exp(us) over s from 0 to 1, by the recursion in n; at small u by its series."""
    series = tuple(1 / (math.factorial(k) * (n + k + 1)) for k in range(30))

    def quotient(u: Any) -> Any:
        return np.expm1(u) / u if n == 0 else (np.exp(u) - n * _integral(n - 1)(u)) / u

    return _near_zero(quotient, series, 2.0)


_LOG = tuple((-1) ** k / (k + 1) for k in range(40))  # log(1 + u)/u
_J0 = tuple(0.0 if k % 2 else (-1) ** (k // 2) / math.factorial(k + 1) for k in range(30))  # sin(u)/u
_J1 = tuple(-k * c for k, c in enumerate(_J0) if k)
_J2 = tuple(
    (a - 3 * b) / 2 for a, b in zip(_J0, [k * c for k, c in enumerate(_J1) if k], strict=False)
)  # (j0 - 3 j1')/2

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt,
    "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh,
    "asinh": np.arcsinh, "atan": np.arctan, "erf": _elementwise(math.erf),
    "sigmoid": _sigmoid, "logistic_pdf": lambda u: 0.25 / np.cosh(u / 2) ** 2, "softplus": lambda u: np.logaddexp(0.0, u),
    "sech2": lambda u: 1 / np.cosh(u) ** 2, "normal_cdf": lambda u: 0.5 * _erfc(-u / math.sqrt(2)),
    "normal_pdf": lambda u: np.exp(-u * u / 2) / math.sqrt(2 * math.pi), "tanh_residual": lambda u: u - np.tanh(u),
    "tanh_softplus": lambda u: np.tanh(np.logaddexp(0.0, u)), "tanh_softplus_slope": _tanh_softplus_slope,
    "isru": lambda u, v: u / np.sqrt(1 + v * u * u), "inverse_root": lambda u, v: 1 / np.sqrt(1 + v * u * u),
    "pseudo_huber": lambda u: u * u / (1 + np.sqrt(1 + u * u)), "squareplus": lambda u, v: (u + np.sqrt(u * u + v)) / 2,
    "squareplus_slope": lambda u, v: (1 + u / np.sqrt(u * u + v)) / 2,
    "sinc": _near_zero(lambda u: np.sin(u) / u, _J0, 1.0),
    "spherical_j1": _near_zero(lambda u: (np.sin(u) / u - np.cos(u)) / u, _J1, 1.0),
    "spherical_j2": _near_zero(lambda u: 3 * (np.sin(u) / u - np.cos(u)) / u**2 - np.sin(u) / u, _J2, 1.0),
    "exprel": _integral(0), "exprel_slope": _integral(1), "exprel_curvature": _integral(2),
    "log1prel": _near_zero(lambda u: np.log1p(u) / u, _LOG, 0.25),
    "log1prel_slope": _near_zero(
        lambda u: (1 / (1 + u) - np.log1p(u) / u) / u, tuple(k * c for k, c in enumerate(_LOG) if k), 0.25
    ),
    "atan_residual": lambda u: u - np.arctan(u), "power": lambda u, v: np.where(u > 0, np.power(np.abs(u), v), 0.0),
    "relu": lambda u: np.maximum(u, 0.0), "clip": lambda u, v, w: np.minimum(np.maximum(u, v), w),
    "leaky": lambda u, v: np.where(u > 0, u, v * u), "abs": np.abs, "sign": np.sign,
    "maximum": np.maximum, "minimum": np.minimum, "where": np.where,
}  # fmt: skip
_CONSTANTS = {"pi": math.pi, "e": math.e}
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: np.divide, ast.Pow: np.power,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
}  # fmt: skip


def declared(activation: Activation, values: Mapping[str, float] | None = None) -> Function:
    """The function of a declaration at these values of its parameters, its defaults where none are given."""
    given = {**activation.defaults, **(values or {})}
    used = {p.name: p.effective(given[p.name]) for p in activation.parameters}
    return written(activation.stable or activation.formula, used)


def written(text: str, values: Mapping[str, float] | None = None) -> Function:
    """The function of ``x`` that a formula is, at these values of its parameters.

    Raises:
        FormulaError: where the text is not a formula, or names something unknown.

    Example:
        >>> import numpy as np
        >>> written("a * relu(x)", {"a": 2.0})(np.array([-1.0, 3.0]))
        array([0., 6.])
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError(f"{text!r} is not a formula; write one such as 'x * sigmoid(x)'") from None
    read = _read(tree, dict(values or {}), text)

    def function(x: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(read(x), dtype=np.float64), x.shape)

    return function


def _read(node: ast.expr, values: dict[str, float], text: str) -> _Node:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            constant = np.float64(number)
            return lambda x: constant
        case ast.Name(id="x"):
            return lambda x: x
        case ast.Name(id=name) if name in values or name in _CONSTANTS:
            held = np.float64(values.get(name, _CONSTANTS.get(name, 0.0)))
            return lambda x: held
        case ast.Name(id=name):
            hint = suggestion(name, [*values, *_CONSTANTS, *FUNCTIONS])
            raise FormulaError(f"{name!r} in {text!r} is an unknown name{hint}; give a parameter its value: {name}=1.0")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            inner = _read(operand, values, text)
            return (lambda x: -inner(x)) if isinstance(sign, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _joined(_OPERATORS[type(op)], _read(left, values, text), _read(right, values, text))
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _OPERATORS for op in ops):
            sides = [_read(side, values, text) for side in (left, *others)]
            parts = [_joined(_OPERATORS[type(op)], *pair) for op, *pair in zip(ops, sides, sides[1:], strict=False)]
            return _all(np.logical_and, parts)
        case ast.BoolOp(op=join, values=conditions):
            return _all(
                np.logical_and if isinstance(join, ast.And) else np.logical_or,
                [_read(condition, values, text) for condition in conditions],
            )
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            function, inside = FUNCTIONS[name], [_read(argument, values, text) for argument in arguments]
            return lambda x: function(*(argument(x) for argument in inside))
        case ast.Call(func=ast.Name(id=name)):
            raise FormulaError(f"{name!r} in {text!r} is an unknown function{suggestion(name, FUNCTIONS)}")
    raise FormulaError(f"{ast.unparse(node)!r} in {text!r} is not allowed in a formula")


def _joined(operation: Callable[[Any, Any], Any], left: _Node, right: _Node) -> _Node:
    return lambda x: operation(left(x), right(x))


def _all(join: Callable[[Any, Any], Any], parts: list[_Node]) -> _Node:
    whole = parts[0]
    for part in parts[1:]:
        whole = _joined(join, whole, part)
    return whole
