"""Made-up records of the right shape and size for the page's tests. Nothing here was measured, and nothing ships."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from nonlin.guide.entry import Curve, Entry, Fact, Row, Slider, Statement
from nonlin.guide.results import (
    Accuracy,
    Centring,
    DeadUnits,
    GradientByLayer,
    Measurements,
    Reliability,
    Setting,
    Speed,
)

Real = Callable[[float], float]
SEEDS = 6
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def sampled(f: Real, slope: Real, breaks: tuple[float, ...] = ()) -> Curve:
    x = sorted({*(i / 20 for i in range(-100, 101)), *(b + e for b in breaks for e in (-1e-6, 1e-6))})
    return Curve(tuple(x), tuple(f(v) for v in x), tuple(slope(v) for v in x), breaks)


def pointwise(
    name: str, title: str, f: Real, slope: Real, js: tuple[str, str], mathml: tuple[str, str], **more: object
) -> Entry:
    kinks = more.get("kinks", ())
    given: dict[str, object] = {
        "summary": f"{title} as a sample sentence.",
        "family": "sample",
        "source": "Made up for the tests",
        "nonlinearity": 0.2,
        "kinks": kinks,
        "torch_equivalent": f"torch.nn.{title}",
        "used_in": ("hidden layers of a sample net",),
        "facts": (
            Fact("range", "[0, ∞), 0 attained", "derived"),
            Fact("monotonic", "yes", "derived"),
            Fact("Lipschitz constant", "1", "derived"),
            Fact("mean under N(0, 1)", "0.3989", "quadrature"),
            Fact("gain, backward", "1.4142", "quadrature"),
            Fact("saved for backward", "4 bytes an element", "measured"),
        ),
        "advantages": (
            Statement("The slope is 1 for every x > 0: the gradient passes unchanged.", "derived"),
            Statement("Forward in 1.0 times the time of ReLU.", "measured"),
        ),
        "disadvantages": (Statement("The slope is 0 for every x < 0: up to 31 % of a layer died.", "measured"),),
    }
    given.update(more)
    return Entry(
        name=name,
        title=title,
        formula_mathml=MATH.format(mathml[0]),
        derivative_mathml=MATH.format(mathml[1]),
        js_value=js[0],
        js_derivative=js[1],
        example_code=f"import torch\nimport nonlin\n\nf = nonlin.{title}()  # a module\nx = torch.tensor([-2.0, 0.0, 2.0])\nprint(f(x))\n",
        example_output=f"tensor([{f(-2):.4f}, {f(0):.4f}, {f(2):.4f}])",
        curve=sampled(f, slope, kinks),  # type: ignore[arg-type]
        **given,  # type: ignore[arg-type]
    )


def entries() -> list[Entry]:
    """The guide's default five."""
    logits = (2.0, 1.0, 0.5, -0.5, -1.5)
    exps = [math.exp(v) for v in logits]
    frac = "<mi>y</mi><mo>=</mo><mfrac><mn>1</mn><mrow><mn>1</mn><mo>+</mo><msup><mi>e</mi><mrow><mo>−</mo><mi>x</mi></mrow></msup></mrow></mfrac>"
    maximum = "<mi>y</mi><mo>=</mo><mi>max</mi><mo>(</mo><mn>0</mn><mo>,</mo><mi>x</mi><mo>)</mo>"
    steps = (
        "<mi>y′</mi><mo>=</mo><mrow><mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mtext>if </mtext><mi>x</mi><mo>&gt;</mo><mn>0</mn></mtd></mtr>"
        "<mtr><mtd><mn>0</mn></mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
    )
    soft = Entry(
        "softmax",
        "Softmax",
        "Turns a row of numbers into positive shares that add up to 1.",
        "rowwise",
        "Made up for the tests",
        MATH.format(frac),
        "",
        "(z,p)=>{const m=Math.max(...z),e=z.map(v=>Math.exp(v-m)),s=e.reduce((a,b)=>a+b,0);return e.map(v=>v/s)}",
        "",
        "import torch\nimport nonlin\n\nf = nonlin.Softmax(dim=-1)\nprint(f(torch.tensor([2.0, 1.0, 0.5, -0.5, -1.5])))\n",
        "tensor([0.5895, 0.2169, 0.1315, 0.0484, 0.0178])",
        kind="rowwise",
        row=Row(logits, tuple(e / sum(exps) for e in exps)),
        facts=(Fact("sum of the outputs", "1", "derived"),),
        advantages=(Statement("Its outputs are a distribution over the classes.", "derived"),),
        disadvantages=(Statement("Not calibrated by itself.", "measured"),),
        torch_equivalent="torch.nn.Softmax",
    )
    relu = pointwise(
        "relu",
        "ReLU",
        lambda x: max(x, 0.0),
        lambda x: float(x > 0),
        ("(x,p)=>Math.max(x,0)", "(x,p)=>x>0?1:0"),
        (maximum, steps),
        kinks=(0.0,),
    )
    leaky = pointwise(
        "leaky_relu",
        "LeakyReLU",
        lambda x: x if x > 0 else 0.01 * x,
        lambda x: 1.0 if x > 0 else 0.01,
        ("(x,p)=>x>0?x:p.negative_slope*x", "(x,p)=>x>0?1:p.negative_slope"),
        (maximum, steps),
        kinks=(0.0,),
        sliders=(Slider("negative_slope", 0.01, 0.0, 1.0, 0.01, "slope for x < 0"),),
    )
    logistic = pointwise(
        "sigmoid",
        "Sigmoid",
        sigmoid,
        lambda x: sigmoid(x) * sigmoid(-x),
        ("(x,p)=>logistic(x)", "(x,p)=>logistic(x)*logistic(-x)"),
        (frac, frac),
        js_helpers=("function logistic(x){return 1/(1+Math.exp(-x))}",),
        nonlinearity=0.011,
    )
    wide = "<mi>y</mi><mo>=</mo>" + "<mo>+</mo>".join(["<msup><mi>x</mi><mn>2</mn></msup>"] * 40)
    tanh = pointwise(
        "tanh",
        "Tanh",
        math.tanh,
        lambda x: 1 / math.cosh(x) ** 2,
        ("(x,p)=>Math.tanh(x)", "(x,p)=>1/Math.cosh(x)**2"),
        (frac, wide),
    )
    return [relu, leaky, logistic, tanh, soft]


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))


def measurements() -> Measurements:
    """The size of the effects is the one to be expected; the values are drawn at random from a fixed seed."""
    rng = random.Random(0)
    digits = Setting("digits", 1797, 64, "Adam", 1e-3, 20, 64, SEEDS)
    factors = {"relu": 0.9, "leaky_relu": 0.91, "sigmoid": 0.22, "tanh": 0.97}
    ends = {
        "sigmoid": {1: 0.91, 2: 0.87, 4: 0.66, 6: 0.3},
        **{name: dict.fromkeys((1, 2, 4, 6), 0.97) for name in ("relu", "leaky_relu", "tanh")},
    }
    gradients, accuracies, dead, centring, speed = [], [], [], [], []
    for name, rate in factors.items():
        norms = []
        for _ in range(SEEDS):
            row = [1.0]
            for _ in range(7):
                row.insert(0, row[0] * rate * math.exp(rng.gauss(0, 0.06)))
            norms.append(tuple(row))
        gradients.append(GradientByLayer(name, 8, tuple(norms), tuple(row[0] ** (1 / 7) for row in norms)))
        for depth, end in ends[name].items():
            curves = [
                [
                    _clipped(end - (end - 0.1) * math.exp(-(e + 1) / (3 if end > 0.9 else 8)) + rng.gauss(0, 0.006))
                    for e in range(20)
                ]
                for _ in range(SEEDS)
            ]
            rows = tuple(tuple(c) for c in curves)
            accuracies.append(Accuracy(name, depth, rows, tuple(tuple(1 - v for v in c) for c in rows)))
        means = {"relu": 0.33, "leaky_relu": 0.32, "sigmoid": 0.5, "tanh": 0.0}
        centring.append(
            Centring(
                name,
                tuple(tuple(means[name] + rng.gauss(0, 0.02) for _ in range(4)) for _ in range(SEEDS)),
                tuple(tuple(0.5 / (i + 1) for i in range(4)) for _ in range(SEEDS)),
            )
        )
    for name in ("relu", "leaky_relu"):
        for lr in (0.001, 0.003, 0.01, 0.03):
            shares = [
                [_clipped(lr * 6 + rng.gauss(0, 0.02)) if name == "relu" else 0.0 for _ in range(4)]
                for _ in range(SEEDS)
            ]
            dead.append(DeadUnits(name, lr, tuple(tuple(s) for s in shares), tuple(0.96 for _ in range(SEEDS))))
    for name, ratio in {"relu": 1.0, "leaky_relu": 1.1, "sigmoid": 7.9, "tanh": 8.4, "softmax": 5.2}.items():
        speed.append(
            Speed(
                name,
                1_048_576,
                "float32",
                1,
                ratio,
                ratio * 0.95,
                ratio * 1.06,
                ratio * 0.7,
                ratio * 0.66,
                ratio * 0.75,
                60 * ratio,
                ratio * 1.2,
                by_torch=True,
            )
        )
    p = [0.05 + 0.1 * i for i in range(10)]
    seen = [_clipped(v + (0.5 - v) * 0.15) for v in p]
    reliability = [
        Reliability(
            output,
            dataset,
            epochs,
            tuple(p),
            tuple(seen),
            (120, 40, 22, 15, 12, 14, 18, 25, 60, 480),
            tuple(_clipped(v - 0.1) for v in seen),
            tuple(_clipped(v + 0.09) for v in seen),
            tuple(0.02 + rng.random() * 0.01 for _ in range(SEEDS)),
            tuple(0.96 + rng.random() * 0.02 for _ in range(SEEDS)),
        )
        for output, dataset, epochs in (
            ("sigmoid", "breast_cancer", 20),
            ("softmax", "digits", 20),
            ("softmax", "digits", 200),
        )
    ]
    return Measurements(
        dict.fromkeys(("gradients", "accuracies", "dead_units", "centring", "reliability", "speed"), digits),
        tuple(gradients),
        tuple(accuracies),
        tuple(dead),
        tuple(centring),
        tuple(reliability),
        tuple(speed),
        "a sample machine, 2 threads, torch 2.13, Python 3.13",
        61.0,
    )
