"""From a declaration to what the page says about it: formula, curve, sliders, example, facts, sentences."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from typing import Any

from nonlin.errors import NonlinError
from nonlin.facts import of, sentences
from nonlin.facts.table import rows
from nonlin.formula import behaviour, calculus
from nonlin.formula.declaration import Activation, Parameter
from nonlin.guide.entry import Curve, Entry, Fact, Row, Slider, Statement
from nonlin.writers import js, mathml

WINDOW = (-5.0, 5.0)  # where a curve is drawn, at least
SAMPLES = 201
LOGITS = (2.0, 1.0, 0.0, -1.0)


def entry(activation: Activation, parameters: Mapping[str, float], measurements: Mapping[str, float]) -> Entry:
    """The entry of one activation at given parameter values.

    Args:
        activation: a pointwise, stochastic (in evaluation) or rowwise one.
        parameters: values of its parameters where they are not the defaults.
        measurements: what :func:`nonlin.facts.sentences` may use.

    Raises:
        NonlinError: for a gated activation, whose formula has two inputs.
    """
    if activation.rule:
        raise NonlinError(
            f"the guide draws formulas of one input; {activation.name} ({activation.kind}) is none. "
            "nonlin.names(kind='pointwise') lists what can be named"
        )
    if activation.kind == "gated":
        raise NonlinError(
            f"the guide draws functions of one input; {activation.name} gates one half of its input by the other. "
            f"Ask for its gate, {activation.gate}"
        )
    values = {**activation.defaults, **parameters}
    sheet = of(activation, values)
    told = sentences(sheet, measurements)
    statements: dict[str, tuple[Statement, ...]] = {
        kind: tuple(Statement(s.text, s.how) for s in told if s.kind == kind)
        for kind in ("advantage", "disadvantage", "note")
    }
    code = example(activation, parameters)
    shape: dict[str, Any] = _rowwise(activation) if activation.kind == "rowwise" else _pointwise(activation, values)
    continuity = sheet.continuity
    places = [] if continuity is None else [j.x for j in continuity.value.jumps] + [k.x for k in continuity.value.kinks]
    return Entry(
        name=activation.name,
        title=activation.title,
        summary=activation.summary,
        family=activation.family,
        source=str(activation.source or ""),
        example_code=code,
        example_output=run(code),
        facts=tuple(Fact(*row) for row in rows(sheet, digits=4)),
        advantages=statements["advantage"],
        disadvantages=statements["disadvantage"],
        notes=statements["note"],
        kinks=None if continuity is None else tuple(places),
        nonlinearity=None if sheet.non_linearity is None else sheet.non_linearity.value,
        torch_equivalent=f"torch.nn.functional.{activation.torch_name}" if activation.torch_name else None,
        used_in=activation.used_in,
        **shape,
    )


def _pointwise(activation: Activation, values: Mapping[str, float]) -> dict[str, Any]:
    expr = calculus.expression(activation)
    slope = calculus.derivative(expr, "x")
    value_js, value_helpers = js.arrow(expr)
    slope_js, slope_helpers = js.arrow(slope)
    return {
        "kind": "pointwise",
        "formula_mathml": mathml.math(mathml.function_of_x("f"), calculus.expression(activation, stable=False)),
        "derivative_mathml": mathml.math(mathml.function_of_x("f'"), slope),
        "js_value": value_js,
        "js_derivative": slope_js,
        "js_helpers": tuple(dict.fromkeys((*value_helpers, *slope_helpers))),
        "sliders": tuple(slider(p, values[p.name]) for p in activation.parameters),
        "curve": curve(activation, values),
    }


def slider(parameter: Parameter, value: float) -> Slider:
    """A range that shows what the parameter does, within its bounds: from zero to four times the value, or -1 to 1."""
    far = max(1.0, 4 * abs(value))
    low, high = (0.0, far) if value > 0 else (-far, 0.0) if value < 0 else (-1.0, 1.0)
    step = far / 100
    low = max(low, parameter.low + step if parameter.open_low else parameter.low)
    high = min(high, parameter.high)
    return Slider(parameter.name, value, low, high, step, parameter.meaning)


def curve(activation: Activation, values: Mapping[str, float]) -> Curve:
    """Samples of f and f', with both sides of every branch point."""
    import numpy as np

    from nonlin.kernels.composite import numpy_function

    breaks = [b for b in behaviour.analyse(activation, values).breakpoints if abs(b) <= 20.0]
    low = min([WINDOW[0], *(b - 2.0 for b in breaks)])
    high = max([WINDOW[1], *(b + 2.0 for b in breaks)])
    sides = [np.nextafter(b, side) for b in breaks for side in (-np.inf, np.inf)]
    x = np.unique(np.concatenate([np.linspace(low, high, SAMPLES), np.array(sides)]))
    f, slope = (numpy_function(activation, order, values)(x) for order in (0, 1))
    return Curve(tuple(x.tolist()), tuple(f.tolist()), tuple(slope.tolist()), tuple(breaks))


# The rowwise rules are torch functions, so their JavaScript and MathML are written here; a test compares the values.
_SOFTMAX = (
    "function softmaxRow(row) { const m = Math.max(...row); const e = row.map((v) => Math.exp(v - m));"
    " const s = e.reduce((a, b) => a + b, 0); return e.map((v) => v / s); }"
)
_ROW_JS = {
    "softmax": "(row, p) => softmaxRow(row)",
    "softmax2d": "(row, p) => softmaxRow(row)",
    "softmin": "(row, p) => softmaxRow(row.map((v) => -v))",
    "log_softmax": "(row, p) => softmaxRow(row).map(Math.log)",
}


def _rowwise(activation: Activation) -> dict[str, Any]:
    import torch

    from nonlin.kernels.rowwise import rowwise

    logarithm = "<mi>ln</mi>" if activation.name == "log_softmax" else ""
    sign = "<mo>−</mo>" if activation.name == "softmin" else ""

    def power(index: str) -> str:
        return f"<msup><mi>e</mi><mrow>{sign}<msub><mi>x</mi><mi>{index}</mi></msub></mrow></msup>"

    fraction = f"<mfrac>{power('i')}<mrow><munder><mo>∑</mo><mi>j</mi></munder>{power('j')}</mrow></mfrac>"
    left = "<mrow><msub><mi>f</mi><mi>i</mi></msub><mo>&#x2061;</mo><mo>(</mo><mi>x</mi><mo>)</mo></mrow>"
    outputs = rowwise(activation.name)(torch.tensor(LOGITS, dtype=torch.float64), 0).tolist()
    return {
        "kind": "rowwise",
        "formula_mathml": mathml.equation(left, logarithm + fraction),
        "derivative_mathml": "",
        "js_value": _ROW_JS[activation.name],
        "js_derivative": "",
        "js_helpers": (_SOFTMAX,),
        "row": Row(LOGITS, tuple(outputs)),
    }


def example(activation: Activation, parameters: Mapping[str, float]) -> str:
    """A complete program that uses the activation and looks at its slope."""
    given = [
        f"{p.argument or p.name}={parameters.get(p.name, p.default):g}"
        for p in activation.parameters
        if p.required or p.name in parameters
    ]
    if activation.kind == "rowwise":
        given += ["dim=-1"] if activation.torch_name else []
        shape = "[[[2.0]], [[1.0]], [[-1.0]]]" if activation.torch_name is None else "[[2.0, 1.0, -1.0]]"
        lines = [f"x = torch.tensor({shape})", f"y = nonlin.{activation.title}({', '.join(given)})(x)"]
        total = "y.sum(dim=-3)" if activation.torch_name is None else "y.sum(dim=-1)"
        return "\n".join(["import torch", "import nonlin", "", *lines, "print(y)", f"print({total})"])
    lines = [
        "import torch",
        "import nonlin",
        "",
        "x = torch.tensor([-2.0, -0.5, 0.5, 2.0])",
        "x.requires_grad_()",
        f"activation = nonlin.{activation.title}({', '.join(given)})"
        + (".eval()" if activation.kind == "stochastic" else ""),
        "y = activation(x)",
        "print(y.detach())",
        "y.sum().backward()",
        "print(x.grad)  # the slope at each x",
    ]
    return "\n".join(lines)


def run(code: str) -> str:
    """What a program of :func:`example` prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "<example>", "exec"), {"__name__": "__example__"})  # written above, of the catalogue's names
    return output.getvalue().rstrip()
