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
    "series": (
        "function series(x, coefficient) { let total = 0; for (let n = 30; n >= 0; n--)"
        " total = total * x + coefficient(n); return total; }"
    ),
    "factorial": "function factorial(n) { let y = 1; for (let k = 2; k <= n; k++) y *= k; return y; }",
    "sinc": "function sinc(u) { return u === 0 ? 1 : Math.sin(u) / u; }",
    "sphericalJ1": (
        "function sphericalJ1(u) { return Math.abs(u) < 2 ? u * series(u * u, n => (n % 2 ? -1 : 1) * (2 * n + 2)"
        " / factorial(2 * n + 3)) : (Math.sin(u) / u - Math.cos(u)) / u; }"
    ),
    "sphericalJ2": (
        "function sphericalJ2(u) { return Math.abs(u) < 3 ? u * u * series(u * u, n => (n % 2 ? -1 : 1) * (2 * n + 2)"
        " * (2 * n + 4) / factorial(2 * n + 5)) : 3 * sphericalJ1(u) / u - Math.sin(u) / u; }"
    ),
    "exprel": "function exprel(u) { return u === 0 ? 1 : Math.expm1(u) / u; }",
    "exprelSlope": (
        "function exprelSlope(u) { return Math.abs(u) < 2 ? series(u, n => 1 / (factorial(n) * (n + 2)))"
        " : (1 / u + (1 - 1 / u) * Math.exp(u)) / u; }"
    ),
    "exprelCurvature": (
        "function exprelCurvature(u) { return Math.abs(u) < 3 ? series(u, n => 1 / (factorial(n) * (n + 3)))"
        " : ((u * u - 2 * u + 2) * Math.exp(u) - 2) / (u * u * u); }"
    ),
    "log1prel": "function log1prel(u) { return u === 0 ? 1 : Math.log1p(u) / u; }",
    "log1prelSlope": (
        "function log1prelSlope(u) { return Math.abs(u) < 0.25 ? series(-u, n => -(n + 1) / (n + 2))"
        " : (1 / (1 + u) - Math.log1p(u) / u) / u; }"
    ),
    "atanResidual": (
        "function atanResidual(u) { return Math.abs(u) < 0.5 ? u * u * u * series(-u * u, n => 1 / (2 * n + 3))"
        " : u - Math.atan(u); }"
    ),
    "pseudoHuber": "function pseudoHuber(u) { return u / (1 + Math.sqrt(1 + u * u)) * u; }",
    "squareplus": (
        "function squareplus(u, v) { const y = (Math.abs(u) + Math.sqrt(u * u + v)) / 2; return u < 0 ? v / 4 / y : y; }"
    ),
    "squareplusSlope": (
        "function squareplusSlope(u, v) { const h = Math.sqrt(u * u + v), y = v / 2 / (h * (h + Math.abs(u)));"
        " return u < 0 ? y : 1 - y; }"
    ),
    "erf": "function erf(u) { return 2 * normalCdf(Math.SQRT2 * u) - 1; }",
}
_INSIDE = {"tanh_softplus": ("softplus",)}  # what a row calls inside a Math function
_CALLS = {
    "normalCdf": ("normalPdf",), "erf": ("normalCdf", "normalPdf"), "sphericalJ1": ("series", "factorial"),
    "sphericalJ2": ("sphericalJ1", "series", "factorial"), "exprelSlope": ("series", "factorial"),
    "exprelCurvature": ("series", "factorial"), "log1prelSlope": ("series",), "atanResidual": ("series",),
}  # fmt: skip


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
