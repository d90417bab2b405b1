"""The generated C under AddressSanitizer and UndefinedBehaviorSanitizer, called on exactly sized arrays of odd lengths."""

from __future__ import annotations

import subprocess
from pathlib import Path

from nonlin.formula.declaration import Activation
from nonlin.kernels import compiler
from nonlin.kernels.source import Family, Role, source

LENGTHS = (0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 65, 127, 1023, 1024, 1025, 2500)
_TYPES = {"f32": "float", "bf16": "uint16_t", "f16": "uint16_t", "f64": "double"}

_START = """
#include <stdio.h>
#include <stdlib.h>
static void *array(int64_t n, size_t size) { /* n elements and not a byte more, at an address no vector load likes */
    unsigned char *p = malloc((size_t)n * size + size);
    for (size_t i = 0; i < (size_t)n * size + size; i++) p[i] = (unsigned char)(rand() % 64);
    return p + size;
}
#define GONE(p, size) free((unsigned char *)(p) - (size))
int main(void) {
    const double settings[] = {-8.0, 8.0, LIST 0};
    const int64_t lengths[] = {LENGTHS};
    for (unsigned k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        const int64_t n = lengths[k];
"""
_CALLS = {
    "pointwise": """
        { TYPE *x = array(n, sizeof *x), *g = array(n, sizeof *g), *y = array(n, sizeof *y);
          value_DTYPE(y, x, n, settings); slope_DTYPE(y, x, g, 1, n, settings); value_DTYPE(x, x, n, settings);
          if (n) slope_DTYPE(y, x, g, 0, n, settings);
          GONE(x, sizeof *x); GONE(g, sizeof *g); GONE(y, sizeof *y); }
""",
    "gated": """
        { TYPE *x = array(6 * n, sizeof *x), *g = array(3 * n, sizeof *g), *y = array(6 * n, sizeof *y);
          product_DTYPE(g, x, x + n, 3, n, n, 2 * n, 2 * n, settings);
          if (n) gradients_DTYPE(y, y + n, x, x + n, g, 3, n, 2 * n, 2 * n, 2 * n, n, 1, settings);
          if (n) gradients_DTYPE(y, y + n, x, x + n, g, 3, n, 2 * n, 2 * n, 2 * n, n, 0, settings);
          GONE(x, sizeof *x); GONE(g, sizeof *g); GONE(y, sizeof *y); }
""",
    "learned": """
        for (int64_t varying = 0; varying < 2; varying++) {
          const int64_t channels = varying ? n : 2, rows = 4, all = rows * n;
          TYPE *x = array(all, sizeof *x), *g = array(all, sizeof *g), *y = array(all, sizeof *y);
          double *list = array(channels * NL_COUNT, 8), *total = array(NL_LEARNED * channels, 8);
          double *partial = array(sum_pieces(rows, n, channels, varying) * NL_LEARNED, 8);
          for (int64_t i = 0; i < channels * NL_COUNT; i++) list[i] = 0.25;
          learned_values_DTYPE(y, x, list, rows, n, channels, varying, settings);
          learned_slopes_DTYPE(y, x, g, list, 1, rows, n, channels, varying, settings);
          learned_sums_DTYPE(total, partial, x, g, list, 1, rows, n, channels, varying, settings);
          GONE(x, sizeof *x); GONE(g, sizeof *g); GONE(y, sizeof *y); GONE(list, 8); GONE(total, 8); GONE(partial, 8); }
""",
}


def program(activation: Activation, role: Role, family: Family) -> str:
    """The kernels and a program that calls each of them."""
    listed = "".join(f"{p.default if abs(p.default) < 1e30 else 1e30!r}, " for p in activation.parameters)
    text = source(activation, role, family) + _START.replace("LENGTHS}", ", ".join(map(str, LENGTHS)) + "}")
    text = text.replace("LIST 0};", f"{listed}0}};")
    for dtype in ("f64",) if family == "double" else ("f32", "bf16", "f16"):
        text += _CALLS[role].replace("DTYPE", dtype).replace("TYPE", _TYPES[dtype])
    return text + '    }\n    puts("clean");\n    return 0;\n}\n'


def run(activation: Activation, role: Role, family: Family, folder: Path) -> str:
    """ "clean", or what the sanitizers found."""
    chosen = compiler.compiler()
    assert chosen is not None
    (folder / "program.c").write_text(program(activation, role, family), encoding="utf-8")
    flags = [f for f in chosen.flags if f not in ("-shared", "-fPIC")]
    # float to integer conversions and shifts are checked as well; -g names the line
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
    command = [*chosen.command, *flags, *sanitizers, "program.c", "-o", "program", "-lm"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if built.returncode:
        return built.stderr
    done = subprocess.run(["./program"], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() + done.stderr
