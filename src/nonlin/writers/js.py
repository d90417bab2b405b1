"""The JavaScript writer: a formula as a function ``(x, p) => number``, for the guide's live sliders."""

from __future__ import annotations

import sympy as sp

from nonlin.formula.symbols import PrimitiveFunction
from nonlin.writers.printer import Printer

# What the js column of the table calls beyond Math. Accurate to about 1e-14: pictures need less, tests like more.
HELPERS: dict[str, str] = {
    "relu": "function relu(u) { return u > 0 ? u : 0 * u; }",
    "clip": "function clip(u, low, high) { return u <= low ? low : u >= high ? high : u; }",
    "leaky": "function leaky(u, slope) { return u > 0 ? u : slope * u; }",
    "sigmoid": "function sigmoid(u) { const e = Math.exp(-Math.abs(u)); return (u >= 0 ? 1 : e) / (1 + e); }",
    "softplus": "function softplus(u) { return Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u))); }",
    "sech2": "function sech2(u) { const e = Math.exp(-2 * Math.abs(u)); return 4 * e / ((1 + e) * (1 + e)); }",
    "tanhResidual": (
        "function tanhResidual(u) { if (Math.abs(u) >= 1) return u - Math.tanh(u);"
        " let term = u * u * u / 6, sum = 0; for (let k = 1; k < 12; k++)"
        " { sum += 2 * k * term; term *= u * u / ((2 * k + 2) * (2 * k + 3)); } return sum / Math.cosh(u); }"
    ),
    "tanhSoftplusSlope": (
        "function tanhSoftplusSlope(u) { const e = Math.exp(-Math.abs(u)), d = u > 0 ? 1 + 2 * e + 2 * e * e : e * (e + 2) + 2;"
        " return 4 * (u > 0 ? e : 1) * e * (1 + e) / (d * d); }"
    ),
    "normalPdf": "function normalPdf(u) { return Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI); }",
    # Below 3 the series of Phi in odd powers times the density, beyond it the continued fraction of Mills' ratio.
    "normalCdf": (
        "function normalCdf(u) { const a = Math.abs(u); if (a < 3) { let term = a, sum = a;"
        " for (let k = 3; k < 90; k += 2) { term *= a * a / k; sum += term; } const half = sum * normalPdf(a);"
        " return u < 0 ? 0.5 - half : 0.5 + half; } let f = a; for (let k = 60; k > 0; k--) f = a + k / f;"
        " const tail = a > 40 ? 0 : normalPdf(a) / f; return u < 0 ? tail : 1 - tail; }"
    ),
    "erf": "function erf(u) { return 2 * normalCdf(Math.SQRT2 * u) - 1; }",
}
_INSIDE = {"tanh_softplus": ("softplus",)}  # what a row calls inside a Math function
_CALLS = {"normalCdf": ("normalPdf",), "erf": ("normalCdf", "normalPdf")}


class JavaScriptPrinter(Printer):
    """Spells a formula of ``x`` with its parameters read from ``p``."""

    column = "js"

    def __init__(self) -> None:
        self.helpers: set[str] = set()

    def expression(self, expr: sp.Expr) -> str:
        if expr.is_Symbol and expr.name != "x":
            return f"p.{expr.name}"
        return super().expression(expr)

    def call(self, expr: PrimitiveFunction) -> str:
        name = expr.row.js.split("(")[0]
        if name in HELPERS:
            self.helpers |= {name, *_CALLS.get(name, ())}
        self.helpers |= set(_INSIDE.get(expr.row.name, ()))
        return super().call(expr)

    def number(self, expr: sp.Expr) -> str:
        return str(int(expr)) if expr.is_Integer else super().number(expr)

    def infinity(self, positive: bool) -> str:
        return "Infinity" if positive else "(-Infinity)"

    def square_root(self, base: str) -> str:
        return f"Math.sqrt({base})"

    def general_power(self, base: str, exponent: str) -> str:
        return f"Math.pow({base}, {exponent})"


def arrow(expr: sp.Expr) -> tuple[str, tuple[str, ...]]:
    """``(x, p) => ...`` for ``expr``, and the helper declarations that it calls."""
    printer = JavaScriptPrinter()
    text = printer.expression(expr)
    return f"(x, p) => {text}", tuple(HELPERS[name] for name in sorted(printer.helpers))
