"""A small safe grammar for formulas: text in, SymPy expression out, nothing executed.

``ast.parse`` reads the text; only the node types below are walked, and only names of the table of primitives, of the
given symbols and of two constants mean anything. There is no attribute access, no indexing, no keyword, no string.

Example:
    >>> from nonlin.formula.grammar import parse_formula
    >>> parse_formula("x * tanh(softplus(x))")
    x*tanh(softplus(x))
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

import sympy as sp
from sympy.core.parameters import distribute

from nonlin.errors import FormulaError, suggestion
from nonlin.formula.primitives import CONSTANTS, OPERATORS, PRIMITIVES
from nonlin.formula.symbols import FUNCTIONS

MAX_LENGTH = 2000
MAX_NESTING = 60
MAX_LOG = 690  # exp(690) is 1e300, the largest number in a formula
MAX_EXPONENT = 64  # 9**9**9 would keep SymPy busy for ever

_HIDDEN = {*OPERATORS.values(), "both", "either"}  # written with operators: >, >=, <, <=, and, or
KNOWN_FUNCTIONS = ("sqrt", *(name for name in PRIMITIVES if name not in _HIDDEN))

_COMPARISONS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}


def parse_formula(text: str, names: Iterable[str] = ("x",)) -> sp.Expr:
    """Parse ``text`` with ``names`` as its real symbols."""
    return parse(text, {name: sp.Symbol(name, real=True) for name in names})


def parse(text: str, symbols: Mapping[str, sp.Symbol]) -> sp.Expr:
    """Parse ``text``; ``symbols`` maps each allowed name to its SymPy symbol.

    Raises:
        FormulaError: where the text is not a formula; the message shows the place and what is allowed there.
    """
    if not isinstance(text, str):
        raise FormulaError(f"a formula is a string such as 'x * sigmoid(x)'; got {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(
            f"{_show(text)} is not a formula: {getattr(error, 'msg', None) or error}. Write one such as 'x * sigmoid(x)'"
        ) from None
    # SymPy would turn (x + 3)/6 into x/6 + 1/2, which cancels near -3 where (x + 3) is exact
    with distribute(False):
        return _Walker(text.strip(), symbols).arithmetic(tree.body, 0)


class _Walker:
    def __init__(self, text: str, symbols: Mapping[str, sp.Symbol]) -> None:
        self.text = text
        self.symbols = symbols

    def visit(self, node: ast.expr, depth: int) -> sp.Expr:
        if depth > MAX_NESTING:
            raise self.error(node, f"is nested more than {MAX_NESTING} deep")
        match node:
            case ast.Constant(value=bool() | None):
                raise self.error(node, "is not a number")
            case ast.Constant(value=int() | float()):
                return self.number(node)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.arithmetic(operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.arithmetic(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right):
                return self.operation(node, op, self.arithmetic(left, depth + 1), self.arithmetic(right, depth + 1))
            case ast.Compare():
                return self.comparison(node, depth)
            case ast.BoolOp(op=op, values=values):
                join = FUNCTIONS["both" if isinstance(op, ast.And) else "either"]
                parts = [self.condition(value, depth + 1) for value in values]
                result = parts[0]
                for part in parts[1:]:
                    result = join(result, part)
                return result
            case ast.Call():
                return self.call(node, depth)
        raise self.error(
            node,
            "is not allowed in a formula: only numbers, names, + - * / **, comparisons and calls of known functions are",
        )

    def number(self, node: ast.Constant) -> sp.Expr:
        literal = ast.get_source_segment(self.text, node) or repr(node.value)
        try:
            value = sp.Rational(literal.replace("_", ""))
        except (TypeError, ValueError):
            raise self.error(node, "is not a decimal number") from None
        if value != 0 and not sp.Rational(1, 10**300) < abs(value) < 10**300:
            raise self.error(node, "is outside float64's range")
        return value

    def name(self, node: ast.Name, name: str) -> sp.Expr:
        if name in self.symbols:
            return self.symbols[name]
        if name in CONSTANTS:
            return {"pi": sp.pi, "e": sp.E}[name]
        if name in PRIMITIVES:
            raise self.error(node, f"is a function: write {name}(...)")
        raise self.error(node, "is an unknown name" + suggestion(name, [*self.symbols, *CONSTANTS, *PRIMITIVES]))

    def operation(self, node: ast.BinOp, op: ast.operator, left: sp.Expr, right: sp.Expr) -> sp.Expr:
        match op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                if right == 0:
                    raise self.error(node, "divides by zero")
                return left / right
            case ast.Pow():
                if right.is_number and abs(right) > MAX_EXPONENT:
                    raise self.error(node, f"has an exponent over {MAX_EXPONENT}")
                if left == 0 and not right.is_positive:
                    raise self.error(node, "raises zero to a power that is not positive")
                if left.is_number and right.is_number:
                    if left.is_negative and not right.is_integer:
                        raise self.error(node, "is not a real number")
                    # before SymPy multiplies it out: towers of allowed powers would keep it busy for ever
                    if left != 0 and abs(right * sp.log(abs(left))).evalf() > MAX_LOG:
                        raise self.error(node, "is outside float64's range")
                return left**right
        raise self.error(node, "uses an operator that formulas do not have; allowed are + - * / **")

    def comparison(self, node: ast.Compare, depth: int) -> sp.Expr:
        sides = [self.arithmetic(side, depth + 1) for side in (node.left, *node.comparators)]
        result: sp.Expr | None = None
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if type(op) not in _COMPARISONS:
                raise self.error(node, "uses a comparison that formulas do not have; allowed are > >= < <=")
            part = FUNCTIONS[OPERATORS[_COMPARISONS[type(op)]]](left, right)
            result = part if result is None else FUNCTIONS["both"](result, part)
        assert result is not None
        return result

    def call(self, node: ast.Call, depth: int) -> sp.Expr:
        if not isinstance(node.func, ast.Name):
            raise self.error(node, "calls something that is not a known function")
        name = node.func.id
        if name == "sqrt":  # a power to SymPy, so that roots and powers combine
            if len(node.args) != 1:
                raise self.error(node, f"gives sqrt {len(node.args)} argument(s); it takes 1")
            inside = self.arithmetic(node.args[0], depth + 1)
            if inside.is_negative:
                raise self.error(node, "is not a real number")
            return sp.sqrt(inside)
        if name not in PRIMITIVES or name in _HIDDEN:
            raise self.error(node.func, "is an unknown function" + suggestion(name, KNOWN_FUNCTIONS))
        if node.keywords:
            raise self.error(node, "has a keyword argument; formulas have positional ones only")
        row = PRIMITIVES[name]
        if len(node.args) != row.arity:
            raise self.error(node, f"gives {name} {len(node.args)} argument(s); it takes {row.arity}")
        if name == "where":
            return FUNCTIONS[name](
                self.condition(node.args[0], depth + 1), *(self.arithmetic(a, depth + 1) for a in node.args[1:])
            )
        return FUNCTIONS[name](*(self.arithmetic(argument, depth + 1) for argument in node.args))

    def arithmetic(self, node: ast.expr, depth: int) -> sp.Expr:
        if isinstance(node, ast.Compare | ast.BoolOp):
            raise self.error(node, "is a comparison where a number is expected; write where(condition, a, b)")
        return self.visit(node, depth)

    def condition(self, node: ast.expr, depth: int) -> sp.Expr:
        if not isinstance(node, ast.Compare | ast.BoolOp):
            raise self.error(node, "is not a comparison such as x > 0")
        return self.visit(node, depth)

    def error(self, node: ast.expr, why: str) -> FormulaError:
        piece = ast.get_source_segment(self.text, node) or self.text
        where = "" if piece == self.text else f" in {_show(self.text)}"
        return FormulaError(f"{_show(piece)}{where} {why}")


def _show(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
