"""The MathML writer: a formula as people write it, for the guide page; no fonts, no scripts."""

from __future__ import annotations

import sympy as sp

from nonlin.formula.symbols import PrimitiveFunction, Where

_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "lambd": "λ", "mu": "μ", "sigma": "σ", "theta": "θ"}
_OPEN = ("expm1", "tanh_residual", "atan_residual", "pseudo_huber")  # written as differences
_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly a piece of markup binds


def math(left: str, expr: sp.Expr) -> str:
    """A complete ``<math display="block">`` that says ``left = expr``; ``left`` is markup."""
    return equation(left, markup(expr))


def equation(left: str, right: str) -> str:
    """A complete ``<math display="block">`` of two sides in markup."""
    return (
        f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow>{left}<mo>=</mo>{right}</mrow></math>'
    )


def markup(expr: sp.Expr) -> str:
    """The markup of an expression."""
    return _write(expr)[0]


def function_of_x(name: str = "f") -> str:
    """The markup of ``f(x)``; an apostrophe in the name becomes a prime."""
    primes = name.count("'")
    letter = f"<mi>{name.rstrip(chr(39))}</mi>"
    if primes:
        letter = f'<msup>{letter}<mo lspace="0" rspace="0">{"′" * primes}</mo></msup>'
    return f'<mrow>{letter}<mo>&#x2061;</mo><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow>'


def identifier(name: str) -> str:
    """A parameter's name: Greek where it is a Greek letter's, words in upright type."""
    shown = _GREEK.get(name, name.replace("_", " "))
    return f"<mi>{shown}</mi>" if len(shown) == 1 else f'<mi mathvariant="normal">{shown}</mi>'


def _write(expr: sp.Expr) -> tuple[str, int]:
    if expr.is_Symbol:
        return identifier(expr.name), _ATOM
    if expr.is_Number or expr in (sp.pi, sp.E):
        return _number(expr)
    if isinstance(expr, Where):
        return _cases(expr), _ATOM
    if isinstance(expr, PrimitiveFunction):
        return _call(expr), _SUM if expr.row.name in _OPEN else _ATOM
    if expr.is_Add:
        return _sum(expr), _SUM
    if expr.is_Mul:
        return _product(expr)
    if expr.is_Pow:
        return _power(expr.base, expr.exp)
    raise TypeError(f"the MathML writer cannot spell {type(expr).__name__} in {expr}")


def _number(expr: sp.Expr) -> tuple[str, int]:
    if expr == sp.pi:
        return "<mi>π</mi>", _ATOM
    if expr == sp.E:
        return "<mi>e</mi>", _ATOM
    if expr.is_infinite:
        return ("<mi>∞</mi>", _ATOM) if expr.is_positive else ("<mrow><mo>−</mo><mi>∞</mi></mrow>", _SUM)
    if expr.is_negative:
        return f"<mrow><mo>−</mo>{_number(-expr)[0]}</mrow>", _SUM
    if expr.is_Integer:
        return f"<mn>{int(expr)}</mn>", _ATOM
    if expr.q <= 12:
        return f"<mfrac><mn>{expr.p}</mn><mn>{expr.q}</mn></mfrac>", _ATOM
    return f"<mn>{float(expr):.6g}</mn>", _ATOM


def _grouped(expr: sp.Expr, at_least: int) -> str:
    text, binding = _write(expr)
    return text if binding >= at_least else f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"


def _call(expr: PrimitiveFunction) -> str:
    template = expr.row.mathml
    if "{" in template:
        tight = expr.row.name in (
            "tanh_residual",
            "atan_residual",
            "power",
            "isru",
            "inverse_root",
            "pseudo_huber",
            "squareplus",
        )
        return template.format(*(_grouped(argument, _ATOM if tight else _SUM) for argument in expr.args))
    return f"<mrow><mi>{template}</mi><mo>&#x2061;</mo><mo>(</mo>{_grouped(expr.args[0], _SUM)}<mo>)</mo></mrow>"


def _cases(expr: Where) -> str:
    rows, rest = [], expr
    while isinstance(rest, Where):
        condition, value, rest = rest.args
        rows.append(f"<mtr><mtd>{markup(value)}</mtd><mtd><mtext>if&#xa0;</mtext>{markup(condition)}</mtd></mtr>")
    rows.append(f"<mtr><mtd>{markup(rest)}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>")
    return f'<mrow><mo>{{</mo><mtable columnalign="left left">{"".join(rows)}</mtable></mrow>'


def _sum(expr: sp.Expr) -> str:
    pieces: list[str] = []
    for term in sorted(expr.as_ordered_terms(), key=lambda term: _place(term, expr)):
        negative = term.could_extract_minus_sign()
        body = _grouped(-term if negative else term, _PRODUCT)
        sign = "<mo>−</mo>" if negative else "<mo>+</mo>" if pieces else ""
        pieces.append(sign + body)
    return f"<mrow>{''.join(pieces)}</mrow>"


def _place(term: sp.Expr, whole: sp.Expr) -> tuple[bool, bool]:
    """People write 1 + e^x, but x + 3; and what is subtracted comes last."""
    of_functions = all(t.is_number or t.has(PrimitiveFunction) for t in whole.args)
    return term.could_extract_minus_sign(), of_functions and not term.is_number


def _product(expr: sp.Expr) -> tuple[str, int]:
    if expr.could_extract_minus_sign():
        return f"<mrow><mo>−</mo>{_grouped(-expr, _PRODUCT)}</mrow>", _SUM
    above, below = [], []
    for factor in expr.as_ordered_factors():
        base, exponent = factor.as_base_exp()
        if factor.is_Rational and 1 < factor.q <= 12:
            above += [sp.Integer(factor.p)] if factor.p != 1 else []
            below.append(sp.Integer(factor.q))
        elif exponent.is_number and exponent.is_negative:
            below.append(sp.Pow(base, -exponent))
        else:
            above.append(factor)
    top = _factors(above) if above else "<mn>1</mn>"
    if below:
        return f"<mfrac>{top}{_factors(below)}</mfrac>", _ATOM
    return top, _PRODUCT


def _factors(factors: list[sp.Expr]) -> str:
    if len(factors) == 1:
        return markup(factors[0])
    out = ""
    for left, right in zip([None, *factors], factors, strict=False):
        if left is not None:
            dot = (left.is_number and right.is_number) or _is_word(left) or _is_word(right)
            out += f"<mo>{'·' if dot else '&#x2062;'}</mo>"
        out += _grouped(right, _PRODUCT)
    return f"<mrow>{out}</mrow>"


def _is_word(expr: sp.Expr) -> bool:
    return bool(expr.is_Symbol) and len(_GREEK.get(expr.name, expr.name)) > 1


def _power(base: sp.Expr, exponent: sp.Expr) -> tuple[str, int]:
    if exponent == sp.Rational(1, 2):
        return f"<msqrt>{markup(base)}</msqrt>", _ATOM
    if exponent.is_number and exponent.is_negative:
        return f"<mfrac><mn>1</mn>{_power(base, -exponent)[0] if exponent != -1 else markup(base)}</mfrac>", _ATOM
    return f"<msup>{_grouped(base, _ATOM)}{markup(exponent)}</msup>", _POWER
