"""Every float32 number: the kernels' float path against their double path, whose error is 2^-44.

    python -m benchmarks.exhaustive [NAME ...]       # all: about half an hour on two cores

Writes results/exhaustive.txt: for f and f' of each pointwise function at its defaults, the interval in which the float
path serves, how many of its numbers from 2^-24 on were tried (below, every formula is its first term), and the worst error
in ULP (of f' in units of max(|f'|, |x f''|)).
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.accuracy import cpu
from nonlin import registry
from nonlin.catalogue import declarations
from nonlin.files import write_text
from nonlin.kernels import compiler, precision
from nonlin.kernels.library import library
from nonlin.kernels.source import source

HERE = Path(__file__).parent
FIRST = int(np.float32(2**-24).view(np.uint32))
ALL = (np.finfo(np.float32).min, np.finfo(np.float32).max)


def worst(name: str, folder: Path) -> list[str]:
    """The lines of one function."""
    activation = registry.find(name)
    loaded = library(activation, "pointwise", "single")
    if loaded is None:
        raise SystemExit("there is no C compiler, so there are no kernels to judge")
    path = folder / f"{name}.so"
    compiler.compile_library(source(activation, "pointwise", "single") + (HERE / "exhaustive.h").read_text(), path)
    function = ctypes.CDLL(str(path)).nl_worst
    usual = tuple(p.effective(p.default) for p in activation.parameters)
    lines = []
    for order, kernel in enumerate(("value", "slope")):
        low, high = loaded.intervals[kernel]
        if (low, high) == precision.NEVER:
            lines.append(f"{name:<14} {'f' + order * chr(39):<3} double everywhere")
            continue
        low, high = max(low, float(ALL[0])), min(high, float(ALL[1]))
        settings = (ctypes.c_double * (2 + len(usual)))(low, high, *usual)
        error, where = ctypes.c_double(), ctypes.c_float()
        found, at, count = 0.0, 0.0, 0
        for edge, sign in ((high, 0), (-low, 1 << 31)):
            if edge < 0:
                continue
            last = int(np.float32(edge).view(np.uint32))
            count += last - FIRST + 1
            function(
                ctypes.c_uint32(sign + FIRST), ctypes.c_uint32(sign + last), ctypes.c_int64(order), settings,
                ctypes.byref(error), ctypes.byref(where),
            )  # fmt: skip
            if error.value > found:
                found, at = error.value, where.value
        lines.append(
            f"{name:<14} {'f' + order * chr(39):<3} [{low:.6g}, {high:.6g}]  {count:>13,} numbers  {found:.3f} ULP near {at:.6g}"
        )
    return lines


def main() -> None:
    names = sys.argv[1:] or [a.name for a in declarations().values() if a.kind == "pointwise" and a.formula != "x"]
    lines = [f"The float path at every float32 number of its interval; {cpu()}"]
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor() as pool:
        for found in pool.map(worst, names, [Path(folder)] * len(names)):
            lines += found
            print("\n".join(found), flush=True)
    if not sys.argv[1:]:
        write_text(HERE / "results" / "exhaustive.txt", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
