"""The C source of an activation's kernels: the primitives, the formula in each precision, and the loops."""

from __future__ import annotations

import hashlib
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
_FAMILIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "single": (("half.h", *_DOUBLE, "circular.h", "wide.h", *_FLOAT, "single.h"), ("f", "h", "w")),
    "double": ((*_DOUBLE, "circular.h"), ("d",)),
}


_LOOPS: dict[tuple[str, str], tuple[str, ...]] = {
    ("pointwise", "single"): ("pointwise_single.h", "measure.h"),
    ("pointwise", "double"): ("pointwise_double.h",),
    ("gated", "single"): ("gated_single.h", "measure.h"),
    ("gated", "double"): ("gated_double.h",),
    ("learned", "single"): ("pointwise_single.h", "measure.h"),
    ("learned", "double"): (),
}


def source(activation: Activation, role: Role, family: Family) -> str:
    """One translation unit."""
    headers, precisions = _FAMILIES[family]
    learned = [p.name for p in activation.learnable] if role == "learned" else []
    formulas = [get_spec(activation, wrt).c for wrt in ((), ("x",), *((name,) for name in learned))]
    parts = [
        f"/* float arithmetic within {BAR} ULP, {BAR_16} for 16 bit, measured as {_method()} */",
        _header("base.h"),
        f"#define GRAIN {GRAIN}\n",
        *(_header(name) for name in headers),
    ]
    parts += [_instance(precision, formulas) for precision in precisions]
    parts.append(_parameters(activation))
    parts += [_header(name) for name in _LOOPS[role, family]]
    if role == "learned":
        dtypes = ("f32", "bf16", "f16") if family == "single" else ("f64",)
        parts += [_learned(activation, precisions[-1]), _header(f"learned_{family}.h"), _header("learned_entries.h")]
        parts += [f"NL_LEARNED_ENTRY({dtype})" for dtype in dtypes]
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
    return "\n".join([*lines, _header("generic.h"), *formulas])


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
def _header(name: str) -> str:
    return (files("nonlin.kernels") / "c" / name).read_text(encoding="utf-8")
