"""The writers that people read: MathML is well-formed and complete, JavaScript computes what torch computes."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from nonlin import registry
from nonlin.formula import calculus
from nonlin.guide import entries
from nonlin.kernels.composite import numpy_function
from nonlin.writers import js, mathml

POINTWISE = registry.names(kind="pointwise")
XS = [-40.0, -6.5, -3.0, -1.0, -0.5, -1e-3, 0.0, 1e-9, 0.3, 0.5, 1.0, 2.999, 6.0, 40.0]


@pytest.mark.parametrize("name", POINTWISE)
def test_mathml_is_well_formed_and_names_every_parameter(name: str) -> None:
    activation = registry.find(name)
    expr = calculus.expression(activation, stable=False)
    text = mathml.math(mathml.function_of_x("f"), expr)
    root = ElementTree.fromstring(text)
    words = {(element.text or "").strip() for element in root.iter()}
    for parameter in activation.parameters:
        assert mathml.identifier(parameter.name) in text
    assert "x" in words
    assert "u" not in words  # a primitive's own argument never shows


def test_mathml_brackets_what_binds_less() -> None:
    """alpha * (e^x - 1) is not alpha * e^x - 1."""
    elu = calculus.expression(registry.find("elu"), stable=False)
    assert "<mo>(</mo><mrow><msup><mi>e</mi>" in mathml.markup(elu)


def test_mathml_shows_constants_as_written() -> None:
    text = mathml.markup(calculus.expression(registry.find("gelu_tanh"), stable=False))
    assert "0.044715" in text
    assert "π" in text


node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: nothing can run JavaScript")


@node
def test_javascript_computes_f_and_its_slope() -> None:
    """Every pointwise formula at once, in one process of node."""
    program, expected = [], []
    for name in POINTWISE:
        activation = registry.find(name)
        stable = calculus.expression(activation)
        for order, expr in enumerate((stable, calculus.derivative(stable, "x"))):
            arrow, helpers = js.arrow(expr)
            values = json.dumps({p.name: min(p.default, 1e300) for p in activation.parameters})
            program.append(
                f"(() => {{ {' '.join(helpers)} const f = {arrow}; return {XS}.map((x) => f(x, {values})); }})()"
            )
            expected.append((name, order, numpy_function(activation, order)(np.array(XS)).tolist()))
    out = subprocess.run(
        ["node", "-"],
        input=f"console.log(JSON.stringify([{','.join(program)}].map((row) => row.map(String))))",
        capture_output=True,
        text=True,
        check=True,
    )
    for (name, order, truth), got in zip(expected, json.loads(out.stdout), strict=True):
        for x, a, b in zip(XS, got, truth, strict=True):
            found = float(a.replace("Infinity", "inf"))  # as text: JSON has no infinity
            assert found == pytest.approx(b, rel=1e-9, abs=1e-12, nan_ok=True), f"{name}, derivative {order}, at {x}"


@node
@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax", "softmax2d"])
def test_javascript_of_rows_agrees_with_torch(name: str) -> None:
    built = entries.entry(registry.find(name), {}, {})
    row = [2.0, 1.0, 0.0, -1.0]
    code = (
        f"{' '.join(built.js_helpers)} console.log(JSON.stringify(({built.js_value})({[v / 0.5 for v in row]}, {{}})))"
    )
    got = json.loads(subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True).stdout)
    scaled = torch.tensor(row, dtype=torch.float64) / 0.5
    reference = torch.softmax(-scaled if name == "softmin" else scaled, 0)
    assert got == pytest.approx((reference.log() if name == "log_softmax" else reference).tolist(), rel=1e-12)
    assert built.row is not None
    assert math.isclose(sum(math.exp(v) if name == "log_softmax" else v for v in built.row.outputs), 1.0)
