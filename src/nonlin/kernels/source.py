"""The C source of an activation's kernels: the primitives, the formula in each precision, and the loops."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Literal

from nonlin.formula.declaration import Activation
from nonlin.kernels.precision import BAR, BAR_16
from nonlin.kernels.spec import get_spec

Role = Literal["pointwise", "gated", "learned"]
Family = Literal["single", "double"]

GRAIN = 16_384  # elements a thread works on at least; starting torch's threads costs about what this many cost

# what T, NL(name) and the rest of generic.h mean, by precision
_PRECISIONS = {
    "f": ("float", "__builtin_fmaf", 0, 1, "NL_IN_FLOAT"),
    "h": ("float", "__builtin_fmaf", 0, 1, "NL_IN_SHORT"),
    "d": ("double", "__builtin_fma", 1, 1, "NL_IN_DOUBLE"),
    "w": ("double", "__builtin_fma", 0, 0, "NL_IN_WIDE"),
}
_DOUBLE = ("float64.h", "float64_logarithms.h", "float64_normal.h")
_FLOAT = ("float32.h", "lean.h", "float32_logarithms.h", "float32_normal.h", "short.h")
# only where a formula calls for them: sin and cos make a table when they are loaded, the others' quotients build on these
_SELDOM = ("circular.h", "float32_circular.h", "quotients.h", "quotients_single.h")
_FAMILIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "single": (
        (
            "half.h",
            *_DOUBLE,
            "circular.h",
            "quotients.h",
            "wide.h",
            *_FLOAT,
            "float32_circular.h",
            "quotients_single.h",
            "single.h",
        ),
        ("f", "h", "w"),
    ),
    "double": ((*_DOUBLE, "circular.h", "quotients.h"), ("d",)),
}


_LOOPS: dict[tuple[str, str], tuple[str, ...]] = {
    ("pointwise", "single"): ("pointwise_single.h", "measure.h"),
    ("pointwise", "double"): ("pointwise_double.h",),
    ("gated", "single"): ("gated_single.h", "measure.h"),
    ("gated", "double"): ("gated_double.h",),
    ("learned", "single"): ("pointwise_single.h", "measure.h"),
    ("learned", "double"): (),
}


def source(activation: Activation, role: Role, family: Family, second: Activation | None = None) -> str:
    """One translation unit; ``second`` is the function of a gated unit's value, of the same parameters as the gate's."""
    headers, precisions = _FAMILIES[family]
    learned = [p.name for p in activation.learnable] if role == "learned" else []
    formulas = [get_spec(activation, wrt).c for wrt in ((), ("x",), *((name,) for name in learned))]
    if second is not None:
        formulas += [get_spec(second, wrt).c.replace("NL(formula", "NL(second") for wrt in ((), ("x",))]
    seldom = any(f"NL({name})" in formula for formula in formulas for name in _seldom_called())
    headers = tuple(name for name in headers if seldom or name not in _SELDOM)
    parts = [
        f"/* float arithmetic within {BAR} ULP, {BAR_16} for 16 bit, measured as {_method()} */",
        _header("base.h"),
        f"#define GRAIN {GRAIN}\n",
        *(["#define NL_VARYING\n"] if role == "learned" else []),
        *(_header(name) for name in headers),
    ]
    parts += [_instance(precision, formulas) for precision in precisions]
    parts.append(_parameters(activation))
    if role == "gated":
        parts.append(_of_value(precisions, two_sided=second is not None))
    parts += [_header(name) for name in _LOOPS[role, family]]
    if role == "learned":
        dtypes = ("f32", "bf16", "f16") if family == "single" else ("f64",)
        parts += [_learned(activation, precisions[-1]), _header(f"learned_{family}.h"), _header("learned_entries.h")]
        parts += [f"NL_LEARNED_ENTRY({dtype})" for dtype in dtypes]
    return "\n".join(parts)


_ROWS: dict[str, tuple[str, ...]] = {
    "softmax": ("rows_softmax_{family}.h",),
    "softmin": ("rows_softmax_{family}.h",),
    "log_softmax": ("rows_softmax_{family}.h",),
    "sparsemax": ("rows_entmax_{family}.h", "rows_entmax.h"),
    "entmax15": ("rows_entmax_{family}.h", "rows_entmax.h"),
    "entmax": ("rows_entmax_{family}.h", "rows_entmax.h"),
}
_ROW_SCRATCH = {"sparsemax": 24, "entmax15": 24, "entmax": 24}  # bytes an element of the row


def row_source(name: str, family: Family, *, by_output: bool) -> str:
    """One translation unit for a function of whole rows; ``by_output``: its backward reads the output."""
    headers, _ = _FAMILIES[family]
    parts = [_header("base.h"), f"#define GRAIN {GRAIN}\n"]
    usual = (header for header in headers if header not in _SELDOM)
    parts += [_header(header) for header in (*usual, "rows.h", f"rows_{family}.h")]
    parts += [_header(header.format(family=family)) for header in _ROWS[name]]
    parts.append(f"NL_ROWS_{family.upper()}({name}, {int(by_output)}, {_ROW_SCRATCH.get(name, 0)})\n")
    return "\n".join(parts)


def _instance(precision: str, formulas: list[str]) -> str:
    kind, fma, compensated, pairs, where = _PRECISIONS[precision]
    macros = {
        "T": kind,
        "NL(name)": f"nl_##name##_{precision}",
        "NL_FMA": fma,
        "NL_COMPENSATED": compensated,
        "NL_PAIRS": pairs,
        "NL_PRECISION": where,
        "C(number)": "((T)(number))",
    }
    lines = [
        line for name, value in macros.items() for line in (f"#undef {name.split('(')[0]}", f"#define {name} {value}")
    ]
    return "\n".join([*lines, _header("generic.h"), _header("algebraic.h"), *formulas])


def _parameters(activation: Activation) -> str:
    """How the loops receive the formula's parameters, as numbers, and hand them on."""
    names = [p.name for p in activation.parameters]
    index = range(len(names))
    declared = "".join(
        f" const double p{i} = (list)[{i}]; const float q{i} = (float)p{i}; (void)p{i}; (void)q{i};" for i in index
    )
    return "\n".join(
        [
            f"#define NL_PARAMETERS(list){declared} (void)(list);",
            f"#define NL_FLOATS {''.join(f', q{i}' for i in index)}",
            f"#define NL_DOUBLES {''.join(f', p{i}' for i in index)}",
        ]
    )


def _of_value(precisions: tuple[str, ...], *, two_sided: bool) -> str:
    """What the loops of a gated unit multiply by: the value's own function, h, and the factor that is its derivative."""
    if not two_sided:
        return "\n".join(f"#define NL_H_{p}(v) (v)\n#define NL_HX_{p}(v)" for p in precisions)
    numbers = {p: "NL_FLOATS" if _PRECISIONS[p][0] == "float" else "NL_DOUBLES" for p in precisions}
    lines = [
        f"#define NL_H_{p}(v) nl_second_{p}(v {n})\n#define NL_HX_{p}(v) *nl_second_x_{p}(v {n})"
        for p, n in numbers.items()
    ]
    return "\n".join(["#define NL_TWO_SIDED", *lines])


def _learned(activation: Activation, precision: str) -> str:
    """How the loops sum the gradients of the learned parameters."""
    names = [p.name for p in activation.learnable]
    slopes = [f"nl_formula_{name}_{precision}(u NL_DOUBLES)" for name in names]
    sums = [f"s{j}" for j in range(len(names))]
    return "\n".join(
        [
            f"#define NL_COUNT {len(activation.parameters)}",
            f"#define NL_LEARNED {len(names)}",
            f"#define NL_SUMS double {', '.join(f'{s} = 0' for s in sums)};",
            f'#define NL_REDUCTION _Pragma("omp simd reduction(+ : {", ".join(sums)})")',
            f"#define NL_ADD(u, w) {' '.join(f'{s} += w * {f};' for s, f in zip(sums, slopes, strict=True))}",
            f"#define NL_KEEP(to) {' '.join(f'(to)[{j}] = {s};' for j, s in enumerate(sums))}",
            f"#define NL_ADD_AT(u, w, to, channels, i) {' '.join(f'((to) + {j} * (channels))[i] += w * {f};' for j, f in enumerate(slopes))}",
        ]
    )


@cache
def _method() -> str:
    """A digest of how intervals are measured: what was measured in another way is measured, and compiled, anew."""
    return hashlib.sha256((files("nonlin.kernels") / "precision.py").read_bytes()).hexdigest()[:16]


@cache
def _seldom_called() -> frozenset[str]:
    """The functions that formulas call of the headers that are left out where none is called."""
    return frozenset(re.findall(r"nl_(\w+)_d\(double", "".join(_header(name) for name in _SELDOM)))


@cache
def _header(name: str) -> str:
    return (files("nonlin.kernels") / "c" / name).read_text(encoding="utf-8")
