"""What a formula tends to at both ends of the real line, as an expression in its parameters.

Numerically first (far out, in 60 digits, at many values of the parameters): SymPy's own limit of a second derivative can
take half a minute. Where the limit depends on the signs of parameters or of their differences, as that of
``x * sigmoid(beta * x)`` does, it becomes a ``where`` of them; only where it is a function of them does SymPy find it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import mpmath
import sympy as sp

from nonlin.formula.calculus import elementary
from nonlin.formula.far_out import Values, at_infinity
from nonlin.formula.numeric_limits import Capped, Function, limit_of, numeric_limit
from nonlin.formula.symbols import FUNCTIONS, PrimitiveFunction, Where

_SAMPLES = 3  # a group of signs
_DRAWS = 12  # for each group; 0 and 1 often, where coefficients such as p and 1 - p vanish
GIVE_UP = (
    NotImplementedError,
    ValueError,
    TypeError,
    RecursionError,
    AttributeError,
)  # of SymPy, where it cannot solve

Signs = tuple[int, ...]
Sample = tuple[Values, sp.Expr | None]
Groups = dict[Signs, list[Sample]]


def limit(expr: sp.Expr, side: int) -> sp.Expr | None:
    """The limit of ``expr`` as x goes to ``side`` infinity, as an expression in the parameters; None where none exists.

    An expression of signs has NaN in the branch of those for which there is no limit.
    """
    x = sp.Symbol("x", real=True)
    if not expr.has(x):
        return expr
    parameters = sorted(expr.free_symbols - {x}, key=str)
    factors = _deciding(expr, x) if parameters else []
    for _ in range(3):
        groups = _grouped(expr, side, parameters, factors)
        found: dict[Signs, sp.Expr | set[sp.Expr]] = {}
        for signs, group in groups.items():
            before = (value for value in found.values() if not isinstance(value, set))
            same = next((value for value in before if _fits(value, group)), None)
            found[signs] = _common(expr, side, x, factors, signs, group) if same is None else same
        more = {
            factor
            for signs, value in found.items() if isinstance(value, set)
            for factor in value if factor not in factors
        }  # fmt: skip
        if not more:
            break
        factors = [*factors, *sorted(more, key=sp.default_sort_key)]
    settled = {signs: sp.nan if isinstance(value, set) else value for signs, value in found.items()}
    return _joined(factors, _fewest(settled, groups))


def _grouped(expr: sp.Expr, side: int, parameters: list[sp.Symbol], factors: list[sp.Expr]) -> Groups:
    """Samples of the parameters and the limits at them, by the signs of the factors."""
    from nonlin.writers.mpmath import compile_expression

    groups: Groups = {}
    sizes = sp.lambdify(parameters, factors, modules="sympy")
    compiled = compile_expression(expr, ("x", *(p.name for p in parameters)), Capped())
    for values in _samples(parameters, factors):
        signs = tuple(int(sp.sign(size)) for size in sizes(*(values[p] for p in parameters)))
        group = groups.setdefault(signs, [])
        if len(group) < _SAMPLES:
            group.append((values, _limit_at(expr, compiled, values, side)))
    return groups


def _limit_at(expr: sp.Expr, compiled: Function, values: Values, side: int) -> sp.Expr | None:
    """The limit at these values: by the one function of all of them, ten times as fast as a substitution; but 0 times an
    infinity ends only where the 0 has been substituted."""
    with mpmath.workdps(60):
        numbers = [mpmath.mpf(value.p) / value.q for value in values.values()]
        found = limit_of(lambda x: compiled(x, *numbers), side)
    return numeric_limit(expr.subs(values), side) if found is None else found


def _fewest(found: dict[Signs, sp.Expr], groups: Groups) -> dict[Signs, sp.Expr]:
    """The same limits by as few expressions as will do: 0 is ``alpha`` where alpha is 0."""
    fits = {value: [s for s, group in groups.items() if _fits(value, group)] for value in set(found.values())}
    ranked = sorted(fits, key=lambda value: (-len(fits[value]), str(value)))
    return {signs: next((v for v in ranked if signs in fits[v]), value) for signs, value in found.items()}


def _deciding(expr: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    """The factors in parameters alone whose signs decide where ``expr`` goes: of products, and of arguments' coefficients."""
    found: set[sp.Expr] = set()

    def add(coefficient: sp.Expr) -> None:
        if coefficient.is_number:
            return
        for factor in sp.Mul.make_args(sp.factor_terms(coefficient)):
            base, power = factor.as_base_exp()
            decided = base.is_number or base.is_positive or base.has(PrimitiveFunction, x)
            if not decided and power.is_Integer and power % 2 and -base not in found:
                found.add(base)

    for node in dict.fromkeys(sp.preorder_traversal(expr)):  # each part once: derivatives repeat them
        if isinstance(node, PrimitiveFunction):
            for argument in node.args:
                if argument.has(x) and argument.is_polynomial(x):
                    for coefficient in sp.Poly(argument, x).coeffs():
                        add(coefficient)
            if node.row.condition:
                difference = node.args[0] - node.args[1]
                if difference.is_polynomial(x):
                    add(sp.Poly(difference, x).LC() if difference.has(x) else difference)
        elif node.is_Mul and node.has(x):
            for factor in node.args:
                add(factor) if not factor.has(x) else None
        elif node.is_Add and node.has(x) and node.is_polynomial(x):
            for coefficient in sp.Poly(node, x).coeffs():
                add(coefficient)
        elif node.is_Pow and node.has(x) and not node.exp.is_number:
            add(node.exp)
    return sorted(found, key=sp.default_sort_key)


def _samples(parameters: list[sp.Symbol], factors: list[sp.Expr]) -> Iterator[Values]:
    """Values of the parameters that give each factor each sign."""
    if not factors:
        for i in range(_SAMPLES):
            yield {p: sp.Rational(2 + 3 * i + k, 8) for k, p in enumerate(parameters)}
        return
    rng = random.Random(5)
    for count in range(_DRAWS * 3 ** min(len(factors), 3)):
        values: dict[sp.Symbol, sp.Expr] = {}
        for p in parameters:
            chosen = sp.Rational(rng.randint(1, 127), 64)
            if not p.is_nonnegative and rng.random() < 0.5:
                chosen = -chosen
            if not p.is_positive and rng.random() < 0.25:
                chosen = sp.Integer(0)
            elif rng.random() < 0.15:
                chosen = sp.Integer(1)
            elif values and rng.random() < 0.15 and not p.is_positive:
                chosen = rng.choice(list(values.values()))
            values[p] = chosen
        if count or all(values.values()):
            yield values


def _common(
    expr: sp.Expr, side: int, x: sp.Symbol, factors: list[sp.Expr], signs: Signs, group: list[Sample]
) -> sp.Expr | set[sp.Expr]:
    """The limit for these signs: one number, or a function of the parameters; NaN where there is none, and a set of
    further factors where it depends on their signs."""
    limits = [value for _, value in group]
    if None in limits:
        return sp.nan if all(value is None for value in limits) else set()
    if all(value == limits[0] for value in limits):
        return limits[0]
    decided = at_infinity(expr, side, x, group[0][0], tails=True)
    if not decided.has(x) and _fits(decided, group):
        return decided
    if any(
        value is not None and value.is_infinite for value in limits
    ):  # the sign of what x is multiplied by far out decides as well
        decided = sp.expand(decided)
        if decided.is_polynomial(x):  # SymPy's limit would take ten seconds
            return set(_deciding(sp.collect(decided, x), x)) | set(_deciding(sp.LC(decided, x) * x, x))
        try:
            lead = sp.limit(elementary(decided) / x, x, sp.oo if side > 0 else -sp.oo)
        except GIVE_UP:
            return sp.nan
        return set() if lead.has(sp.AccumBounds, sp.nan, sp.oo, sp.zoo, sp.sign) else set(_deciding(lead * x, x))
    for there in (decided, at_infinity(expr, side, x, group[0][0])):
        try:
            assumed, back = _assumed(there, factors, signs)
            value = sp.limit(elementary(assumed), x, sp.oo if side > 0 else -sp.oo).subs(back)
        except GIVE_UP:
            continue
        if not value.has(sp.AccumBounds, sp.nan, sp.zoo, x, sp.Limit, sp.Piecewise, sp.sign) and _fits(value, group):
            return _in_primitives(value)
    return sp.nan


def _in_primitives(expr: sp.Expr) -> sp.Expr:
    """``expr`` with the table's functions for SymPy's own, so that the writers can spell it."""
    for function in (sp.exp, sp.log, sp.sin, sp.cos, sp.tanh, sp.sinh, sp.cosh, sp.asinh, sp.atan, sp.erf):
        expr = expr.replace(function, FUNCTIONS[function.__name__])
    return expr


def _fits(value: sp.Expr, samples: list[Sample]) -> bool:
    """Whether an expression has the known values at the samples; NaN is where there is none."""
    for at, known in samples:
        try:
            found = elementary(value.subs(at))
        except TypeError:  # SymPy compares no NaN
            return False
        if known is None and found is sp.nan:
            continue
        if known is None or found is sp.nan:
            return False
        if found == known:
            continue
        if not (found.is_finite and known.is_finite) or abs(sp.N(found - known, 20)) > 1e-15 * (
            1 + abs(sp.N(known, 20))
        ):
            return False
    return True


def _assumed(expr: sp.Expr, factors: list[sp.Expr], signs: Signs) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """``expr`` in symbols that carry the signs, and what each stands for."""
    back: dict[sp.Symbol, sp.Expr] = {}
    for factor, sign in zip(factors, signs, strict=True):
        free = sorted(expr.free_symbols & factor.free_symbols, key=str)
        if not free or not factor.is_polynomial(free[0]) or sp.degree(factor, free[0]) != 1:
            continue
        name = sp.Dummy("d", positive=True)
        slope, rest = factor.coeff(free[0], 1), factor.coeff(free[0], 0)
        expr = expr.subs(free[0], (sign * name - rest) / slope)
        back[name] = sign * factor
    return expr, back


def _joined(factors: list[sp.Expr], found: dict[Signs, sp.Expr]) -> sp.Expr | None:
    """One expression of the limits by signs, which asks only for the signs that matter."""
    if len(set(found.values())) == 1:
        (value,) = set(found.values())
        return None if value is sp.nan else value
    if not factors:
        return None
    above, at, below = (
        _joined(factors[1:], group)
        if (group := {s[1:]: v for s, v in found.items() if s[0] == sign})
        else sp.S.EmptySet
        for sign in (1, 0, -1)
    )
    above, at, below = (sp.nan if part is None else part for part in (above, at, below))
    known = [part for part in (above, at, below) if part is not sp.S.EmptySet]
    if all(part == known[0] for part in known):
        return None if known[0] is sp.nan else known[0]
    at = at if at is not sp.S.EmptySet else known[0]  # signs that do not occur ask for nothing
    above, below = (at if part is sp.S.EmptySet else part for part in (above, below))
    greater, less = FUNCTIONS["greater"], FUNCTIONS["less"]
    factor, zero = factors[0], sp.Integer(0)
    if above == at:
        return Where(less(factor, zero), below, above)
    return Where(greater(factor, zero), above, below if below == at else Where(less(factor, zero), below, at))
