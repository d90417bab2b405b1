"""A small picture of f and its slope in characters, from the textbook formula: neither torch nor numpy is needed."""

from __future__ import annotations

from collections.abc import Callable

from nonlin.formula.declaration import Activation

COLUMNS, LINES = 61, 15
WINDOW = 4.0
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # Braille: 4 rows of 2 dots a character


def plot(activation: Activation, values: dict[str, float]) -> list[str]:
    """Two pictures side by side: f left, f' right, x from -4 to 4, each with its own scale."""
    from nonlin.formula import calculus
    from nonlin.writers.mpmath import compile_expression

    formula = calculus.substitute(calculus.expression(activation), calculus.effective(activation, values))
    pictures = []
    for expr, title in ((formula, "f"), (calculus.derivative(formula, "x"), "f'")):
        function = compile_expression(expr, ("x",))  # at mpmath's precision: nothing overflows
        pictures.append(_picture(function, title))
    return [f"  {left}   {right}" for left, right in zip(*pictures, strict=True)]


def _picture(
    function: Callable[[float], float], title: str, columns: int = COLUMNS // 2, lines: int = LINES
) -> list[str]:
    width, height = 2 * columns, 4 * lines
    xs = [WINDOW * (2 * i / (width - 1) - 1) for i in range(width)]
    ys = [float(function(x)) for x in xs]
    low, high = min(0.0, *ys), max(0.0, *ys)
    low, high = (low - 0.5, high + 0.5) if low == high else (low, high)

    def row(y: float) -> int:
        return round((high - y) / (high - low) * (height - 1))

    cells = [[0] * columns for _ in range(lines)]

    def dot(column: int, line: int) -> None:
        cells[line // 4][column // 2] |= _DOTS[line % 4][column % 2]

    for column in range(0, width, 2):
        dot(column, row(0.0))
    for line in range(0, height, 2):
        dot(width // 2, line)
    previous = row(ys[0])
    for column, y in enumerate(ys):
        now = row(y)
        for line in range(min(previous, now), max(previous, now) + 1):
            dot(column, line)
        previous = now
    body = ["".join(chr(0x2800 + cell) for cell in line) for line in cells]
    labels = {0: f"{high:.3g}", row(0.0) // 4: "0", lines - 1: f"{low:.3g}"}
    margin = 6
    framed = [f"{labels.get(i, ''):>{margin}} {line}" for i, line in enumerate(body)]
    foot = f"{'':>{margin}} {-WINDOW:<{columns // 2 - 1}g}{title:^3}{WINDOW:>{columns - columns // 2 - 2}g}"
    return [*framed, foot]
