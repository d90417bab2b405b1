"""THE table of primitives: one row per function that a formula may call, one column per writer.

A row is data. Its derivative and its textbook form are themselves formulas in ``u`` (``v``, ``w``: the second and
third argument) that use other rows, so a primitive is numerically safe together with all its derivatives:
``sigmoid' = logistic_pdf(u)``, never ``y*(1-y)``, which is 0 long before the true value is.

Columns:
    textbook:   the defining formula by elementary rows; None for a row that is elementary itself.
    derivative: one formula per argument; None where derivation is structural (``where``) or zero (comparisons).
    torch:      a template over functions of :mod:`nonlin.kernels.numerics` and torch.
    c:          the same over the C functions of ``kernels/c``: ``NL(name)`` becomes the one of the precision at hand.
    mpmath:     a template over mpmath's names, for elementary rows only: the oracle never sees a safe form.
    js:         a template over ``Math``.
    mathml:     how people write it: ``f`` prints ``f(u)``; a template with ``{0}`` prints that markup.

A missing cell fails ``tests/test_primitives.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial


@dataclass(frozen=True)
class Primitive:
    """One row of the table; see the module's docstring for the columns."""

    name: str
    torch: str
    js: str
    mathml: str
    derivative: tuple[str, ...] | None
    textbook: str | None = None
    mpmath: str | None = None
    c: str = ""  # NL(name)(arguments) where none is given
    arity: int = 1
    condition: bool = False  # True where the value is a truth value
    joint: bool = False  # C has v f(u) and a f(u) + b f'(u) as well, by one exponential: NL(times_f), NL(f_line)
    turns: bool = (
        False  # C takes a rounded argument as its two parts, NL(f_at): near its many zeros nothing else will do
    )
    roundings: int = 2  # 0: the result is one of the arguments or a small integer; 1: it is rounded once; 2: often

    @property
    def piecewise(self) -> bool:
        """Whether it chooses between straight pieces: its textbook form then shows where it bends."""
        return self.roundings < 2

    def __post_init__(self) -> None:
        if not self.c:
            arguments = ", ".join(f"{{{i}}}" for i in range(self.arity))
            object.__setattr__(self, "c", f"NL({self.name})({arguments})")
        if (self.textbook is None) == (self.mpmath is None):
            raise ValueError(
                f"primitive {self.name}: give a textbook form or an mpmath spelling, not both, not neither"
            )


def _elementary(
    name: str,
    derivative: str,
    *,
    torch: str = "",
    js: str = "",
    mpmath: str = "",
    mathml: str = "",
    turns: bool = False,
) -> Primitive:
    return Primitive(
        name,
        torch=torch or f"torch.{name}({{0}})",
        js=js or f"Math.{name}({{0}})",
        mathml=mathml or name,
        derivative=(derivative,),
        mpmath=mpmath or f"m.{name}({{0}})",
        turns=turns,
    )


def _series(coefficient: Callable[[int], tuple[int, int]], terms: int) -> str:
    """c0 + c1 u + c2 u^2 + ..., every coefficient a fraction; for third derivatives alone, so that its length costs nobody."""
    return " + ".join(
        "({}/{})*u**{}".format(*coefficient(n), n) if n else "{}/{}".format(*coefficient(0)) for n in range(terms)
    )


def _comparison(name: str, operator: str, mathml: str) -> Primitive:
    spelled = f"({{0}} {operator} {{1}})"
    return Primitive(
        name, arity=2, derivative=None, condition=True, roundings=0,
        torch=spelled, js=spelled, mpmath=spelled, c=spelled, mathml=f"<mrow>{{0}}<mo>{mathml}</mo>{{1}}</mrow>",
    )  # fmt: skip


ROWS: tuple[Primitive, ...] = (
    # elementary: what mpmath and torch both define
    _elementary("exp", "exp(u)", mathml="<msup><mi>e</mi>{0}</msup>"),
    _elementary("expm1", "exp(u)", torch="expm1({0})", mathml="<mrow><msup><mi>e</mi>{0}</msup><mo>−</mo><mn>1</mn></mrow>"),
    _elementary("log", "1/u", mathml="ln"),
    _elementary("log1p", "1/(1 + u)", mathml="<mrow><mi>ln</mi><mo>&#x2061;</mo><mo>(</mo><mn>1</mn><mo>+</mo>{0}<mo>)</mo></mrow>"),
    _elementary("sin", "cos(u)", torch="sin({0}, {like})", turns=True),
    _elementary("cos", "-sin(u)", torch="cos({0}, {like})", turns=True),
    _elementary("tanh", "sech2(u)"),
    _elementary("sinh", "cosh(u)", torch="sinh({0})"),
    _elementary("cosh", "sinh(u)", torch="cosh({0})"),
    _elementary("asinh", "where(abs(u) > 2**28, 1/abs(u), 1/sqrt(1 + u*u))", mathml="arsinh"),
    _elementary("atan", "1/(1 + u*u)", mathml="arctan"),
    _elementary("erf", "2*sqrt(2)*normal_pdf(sqrt(2)*u)", js="erf({0})"),
    # safe: right where the textbook form cancels or overflows
    Primitive(
        "sigmoid", joint=True, textbook="1/(1 + exp(-u))", derivative=("logistic_pdf(u)",),
        torch="sigmoid({0})", js="sigmoid({0})", mathml="σ",
    ),
    Primitive(
        "logistic_pdf", textbook="1/(exp(u/2) + exp(-u/2))**2", derivative=("-tanh(u/2)*logistic_pdf(u)",),
        torch="logistic_pdf({0})", js="(0.25 / Math.cosh({0} / 2) ** 2)",
        mathml="<mrow><mi>σ</mi><mo>(</mo>{0}<mo>)</mo><mo>(</mo><mn>1</mn><mo>−</mo><mi>σ</mi><mo>(</mo>{0}<mo>)</mo><mo>)</mo></mrow>",
    ),
    Primitive(
        "softplus", textbook="log(1 + exp(u))", derivative=("sigmoid(u)",),
        torch="softplus({0})", js="softplus({0})", mathml="softplus",
    ),
    Primitive(
        "sech2", textbook="4/(exp(u) + exp(-u))**2", derivative=("-2*tanh(u)*sech2(u)",),
        torch="sech2({0})", js="sech2({0})", mathml="<mrow><msup><mi>sech</mi><mn>2</mn></msup><mo>&#x2061;</mo><mo>(</mo>{0}<mo>)</mo></mrow>",
    ),
    Primitive(
        "normal_cdf", joint=True, textbook="(1 + erf(u/sqrt(2)))/2", derivative=("normal_pdf(u)",),
        torch="normal_cdf({0})", js="normalCdf({0})", mathml="Φ",
    ),
    Primitive(
        "normal_pdf", textbook="exp(-u*u/2)/sqrt(2*pi)", derivative=("-u*normal_pdf(u)",),
        torch="normal_pdf({0})", js="normalPdf({0})", mathml="φ",
    ),
    Primitive(
        "tanh_residual", textbook="u - tanh(u)", derivative=("tanh(u)*tanh(u)",),
        torch="tanh_residual({0})", js="tanhResidual({0})", mathml="<mrow>{0}<mo>−</mo><mi>tanh</mi><mo>&#x2061;</mo><mo>(</mo>{0}<mo>)</mo></mrow>",
    ),
    Primitive(
        "tanh_softplus", joint=True, textbook="tanh(log(1 + exp(u)))", derivative=("tanh_softplus_slope(u)",),
        torch="tanh_softplus({0})", js="Math.tanh(softplus({0}))", mathml="<mrow><mi>tanh</mi><mo>(</mo><mi>softplus</mi><mo>(</mo>{0}<mo>)</mo><mo>)</mo></mrow>",
    ),
    Primitive(
        "tanh_softplus_slope", textbook="4*exp(u)*(1 + exp(u))/((1 + exp(u))**2 + 1)**2",
        derivative=("tanh_softplus_slope(u)*(sigmoid(-u) - 2*tanh_softplus(u)*sigmoid(u))",),
        torch="tanh_softplus_slope({0})", js="tanhSoftplusSlope({0})", mathml="<mrow><msup><mi>tanh</mi><mo>′</mo></msup><mo>(</mo><mi>softplus</mi><mo>(</mo>{0}<mo>)</mo><mo>)</mo><mi>σ</mi><mo>(</mo>{0}<mo>)</mo></mrow>",
    ),
    # quotients and differences that lose their digits at zero; the numbers of each series are its Taylor coefficients
    Primitive(
        "sinc", textbook="where(abs(u) > 0, sin(u)/u, 1)", derivative=("-spherical_j1(u)",),
        torch="sinc({0})", js="sinc({0})", mathml="sinc",
    ),
    Primitive(
        "spherical_j1", textbook="where(abs(u) > 0, (sin(u) - u*cos(u))/u**2, 0)",
        derivative=("(sinc(u) - 2*spherical_j2(u))/3",),
        torch="spherical_j1({0})", js="sphericalJ1({0})", mathml="<msub><mi>j</mi><mn>1</mn></msub>",
    ),
    Primitive(
        "spherical_j2", textbook="where(abs(u) > 0, ((3 - u*u)*sin(u) - 3*u*cos(u))/u**3, 0)",
        derivative=("where(abs(u) > 1e-100, spherical_j1(u) - 3*spherical_j2(u)/u, 2*u/15)",),
        torch="spherical_j2({0})", js="sphericalJ2({0})", mathml="<msub><mi>j</mi><mn>2</mn></msub>",
    ),
    Primitive(
        "exprel", textbook="where(abs(u) > 0, (exp(u) - 1)/u, 1)", derivative=("exprel_slope(u)",),
        torch="exprel({0})", js="exprel({0})", mathml="exprel",
    ),
    Primitive(
        "exprel_slope", textbook="where(abs(u) > 0, (1 + (u - 1)*exp(u))/u**2, 1/2)", derivative=("exprel_curvature(u)",),
        torch="exprel_slope({0})", js="exprelSlope({0})", mathml="<msup><mi>exprel</mi><mo>′</mo></msup>",
    ),
    Primitive(
        "exprel_curvature", textbook="where(abs(u) > 0, ((u*u - 2*u + 2)*exp(u) - 2)/u**3, 1/3)",
        derivative=(f"where(abs(u) > 2, (exp(u) - 3*exprel_curvature(u))/u, {_series(lambda n: (1, factorial(n) * (n + 4)), 25)})",),
        torch="exprel_curvature({0})", js="exprelCurvature({0})", mathml="<msup><mi>exprel</mi><mo>″</mo></msup>",
    ),
    Primitive(
        "log1prel", textbook="where(abs(u) > 0, log(1 + u)/u, 1)", derivative=("log1prel_slope(u)",),
        torch="log1prel({0})", js="log1prel({0})",
        mathml="<mfrac><mrow><mi>ln</mi><mo>(</mo><mn>1</mn><mo>+</mo>{0}<mo>)</mo></mrow>{0}</mfrac>",
    ),
    Primitive(
        "log1prel_slope", textbook="where(abs(u) > 0, (u/(1 + u) - log(1 + u))/u**2, -1/2)",
        derivative=(
            ("where(abs(u) > 1/4, -(1/(1 + u)**2 + 2*log1prel_slope(u))/u, "
            f"{_series(lambda n: ((-1) ** n * (n + 1) * (n + 2), n + 3), 28)})"),
        ),
        torch="log1prel_slope({0})", js="log1prelSlope({0})",
        mathml="<msup><mrow><mo>(</mo><mfrac><mrow><mi>ln</mi><mo>(</mo><mn>1</mn><mo>+</mo>{0}<mo>)</mo></mrow>{0}</mfrac><mo>)</mo></mrow><mo>′</mo></msup>",
    ),
    Primitive(
        "atan_residual", textbook="u - atan(u)", derivative=("where(abs(u) > 1, 1/(1 + 1/u/u), u*u/(1 + u*u))",),
        torch="atan_residual({0})", js="atanResidual({0})",
        mathml="<mrow>{0}<mo>−</mo><mi>arctan</mi><mo>&#x2061;</mo><mo>(</mo>{0}<mo>)</mo></mrow>",
    ),
    # square roots that neither overflow nor cancel; v is positive
    Primitive(
        "isru", arity=2, textbook="u/sqrt(1 + v*u*u)", derivative=("inverse_root(u, v)**3", "-isru(u, v)**3/2"),
        torch="isru({0}, {1})", js="({0} / Math.sqrt(1 + {1} * {0} * {0}))",
        mathml="<mfrac>{0}<msqrt><mrow><mn>1</mn><mo>+</mo>{1}<msup>{0}<mn>2</mn></msup></mrow></msqrt></mfrac>",
    ),
    Primitive(
        "inverse_root", arity=2, textbook="1/sqrt(1 + v*u*u)",
        derivative=("-v*isru(u, v)*inverse_root(u, v)**2", "-isru(u, v)**2*inverse_root(u, v)/2"),
        torch="inverse_root({0}, {1})", js="(1 / Math.sqrt(1 + {1} * {0} * {0}))",
        mathml="<mfrac><mn>1</mn><msqrt><mrow><mn>1</mn><mo>+</mo>{1}<msup>{0}<mn>2</mn></msup></mrow></msqrt></mfrac>",
    ),
    Primitive(
        "pseudo_huber", textbook="sqrt(1 + u*u) - 1", derivative=("isru(u, 1)",),
        torch="pseudo_huber({0})", js="pseudoHuber({0})",
        mathml="<mrow><msqrt><mrow><mn>1</mn><mo>+</mo><msup>{0}<mn>2</mn></msup></mrow></msqrt><mo>−</mo><mn>1</mn></mrow>",
    ),
    Primitive(
        "squareplus", arity=2, textbook="(u + sqrt(u*u + v))/2",
        derivative=("squareplus_slope(u, v)", "inverse_root(u/sqrt(v), 1)/(4*sqrt(v))"),
        torch="squareplus({0}, {1})", js="squareplus({0}, {1})",
        mathml="<mfrac><mrow>{0}<mo>+</mo><msqrt><mrow><msup>{0}<mn>2</mn></msup><mo>+</mo>{1}</mrow></msqrt></mrow><mn>2</mn></mfrac>",
    ),
    Primitive(
        "squareplus_slope", arity=2, textbook="(1 + u/sqrt(u*u + v))/2",
        derivative=("inverse_root(u/sqrt(v), 1)**3/(2*sqrt(v))", "-u/sqrt(v)*inverse_root(u/sqrt(v), 1)**3/(4*v)"),
        torch="squareplus_slope({0}, {1})", js="squareplusSlope({0}, {1})",
        mathml="<mrow><msup><mi>squareplus</mi><mo>′</mo></msup><mo>(</mo>{0}<mo>,</mo>{1}<mo>)</mo></mrow>",
    ),
    Primitive(  # of a number that is not negative; its derivative at 0 is infinite where the power is below 1
        "power", arity=2, textbook="where(u > 0, u**v, 0)",
        derivative=("v*power(u, v - 1)", "where(u > 0, power(u, v)*log(u), 0)"),
        torch="power({0}, {1})", c="NL(pow)(NL(abs)({0}), {1})", js="Math.pow({0}, {1})", mathml="<msup>{0}{1}</msup>",
    ),
    # piecewise: the derivative at a kink is torch's (relu'(0) = 0, the flat side wins)
    Primitive(
        "relu", roundings=0, textbook="where(u > 0, u, 0)", derivative=("where(u > 0, 1, 0)",),
        torch="torch.relu({0})", js="relu({0})", mathml="<mrow><mi>max</mi><mo>(</mo><mn>0</mn><mo>,</mo>{0}<mo>)</mo></mrow>",
    ),
    Primitive(
        "clip", arity=3, roundings=0, textbook="where(u <= v, v, where(u >= w, w, u))",
        derivative=("where(u <= v, 0, where(u >= w, 0, 1))", "where(u <= v, 1, 0)", "where(u > v, where(u >= w, 1, 0), 0)"),
        torch="clip({0}, {1}, {2})", js="clip({0}, {1}, {2})",
        mathml="<mrow><mi>clip</mi><mo>(</mo>{0}<mo>,</mo>{1}<mo>,</mo>{2}<mo>)</mo></mrow>",
    ),
    Primitive(
        "leaky", arity=2, roundings=1, textbook="where(u > 0, u, v * u)",
        derivative=("where(u > 0, 1, v)", "where(u > 0, 0, u)"), torch="leaky({0}, {1})", js="leaky({0}, {1})", mathml="<mrow><mi>leaky</mi><mo>(</mo>{0}<mo>,</mo>{1}<mo>)</mo></mrow>",
    ),
    Primitive(
        "abs", roundings=0, derivative=("sign(u)",), mpmath="m.fabs({0})",
        torch="torch.abs({0})", js="Math.abs({0})", mathml="<mrow><mo>|</mo>{0}<mo>|</mo></mrow>",
    ),
    Primitive(
        "sign", roundings=0, derivative=("0",), mpmath="m.sign({0})",
        torch="torch.sign({0})", js="Math.sign({0})", mathml="sgn",
    ),
    Primitive(
        "maximum", arity=2, roundings=0, textbook="where(u > v, u, v)", derivative=("where(u > v, 1, 0)", "where(u > v, 0, 1)"),
        torch="maximum({0}, {1})", js="Math.max({0}, {1})", mathml="<mrow><mi>max</mi><mo>(</mo>{0}<mo>,</mo>{1}<mo>)</mo></mrow>",
    ),
    Primitive(
        "minimum", arity=2, roundings=0, textbook="where(u < v, u, v)", derivative=("where(u < v, 1, 0)", "where(u < v, 0, 1)"),
        torch="minimum({0}, {1})", js="Math.min({0}, {1})", mathml="<mrow><mi>min</mi><mo>(</mo>{0}<mo>,</mo>{1}<mo>)</mo></mrow>",
    ),
    Primitive(
        "where", arity=3, roundings=0, derivative=None, mpmath="({1} if {0} else {2})",
        torch="where({0}, {1}, {2}, {like})", js="({0} ? {1} : {2})", c="({0} ? {1} : {2})",
        mathml="<mrow><mo>{{</mo><mtable columnalign='left'><mtr><mtd>{1}</mtd><mtd>{0}</mtd></mtr><mtr><mtd>{2}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>",
    ),
    # conditions
    _comparison("greater", ">", "&gt;"),
    _comparison("greater_equal", ">=", "≥"),
    _comparison("less", "<", "&lt;"),
    _comparison("less_equal", "<=", "≤"),
    Primitive(
        "both", arity=2, derivative=None, condition=True, roundings=0, mpmath="({0} and {1})",
        torch="({0} & {1})", c="({0} & {1})", js="({0} && {1})", mathml="<mrow>{0}<mtext> and </mtext>{1}</mrow>",
    ),
    Primitive(
        "either", arity=2, derivative=None, condition=True, roundings=0, mpmath="({0} or {1})",
        torch="({0} | {1})", c="({0} | {1})", js="({0} || {1})", mathml="<mrow>{0}<mtext> or </mtext>{1}</mrow>",
    ),
)  # fmt: skip

PRIMITIVES: dict[str, Primitive] = {row.name: row for row in ROWS}

CONSTANTS = ("pi", "e")

OPERATORS = {">": "greater", ">=": "greater_equal", "<": "less", "<=": "less_equal"}
