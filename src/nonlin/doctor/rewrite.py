"""Edits of source text: one call removed, renamed, or made out of place. The rest of the file stays as it is, to the letter."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MODULES: Final = {  # what takes a module's place where a function's name is the rewrite
    "relu": "ReLU()",
    "log_softmax": "LogSoftmax(dim=-1)",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss()",
    "cross_entropy": "CrossEntropyLoss()",
}


@dataclass(frozen=True)
class Edit:
    """Put ``text`` in the place of the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def applied(source: str, edits: Iterable[Edit]) -> str:
    """The source with the edits made, last first."""
    for edit in sorted(edits, key=lambda e: e.start, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source


def at_call(source: str, line: int, spelling: str, rewrite: str) -> Edit | None:
    """The edit of the one call on a line that spells a function, None where there is none or more than one."""
    name = spelling.rpartition(".")[2]
    tree = ast.parse(source)
    found = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and n.lineno <= line <= (n.end_lineno or n.lineno) and _name(n) == name
    ]
    if len(found) != 1:
        return None
    call, offset = found[0], _Offsets(source)
    method = _is_method(call, spelling)
    argument = (
        call.func.value if method and isinstance(call.func, ast.Attribute) else call.args[0] if call.args else None
    )
    if argument is None:
        return None
    x = offset.text(argument)
    if rewrite == "remove":
        return offset.edit(call, x)
    if rewrite == "inplace=False":
        return _out_of_place(tree, call, name, x, offset)
    if rewrite.startswith("dim="):
        keyword = next((k for k in call.keywords if k.arg == "dim"), None)
        if keyword is not None:
            return offset.edit(keyword.value, rewrite.partition("=")[2])
        place = 0 if method else 1
        return (
            offset.edit(call.args[place], rewrite.partition("=")[2])
            if len(call.args) > place
            else offset.append(call, rewrite)
        )
    if rewrite.isidentifier():
        if rewrite == "relu":  # none of a softmax's arguments goes along
            return offset.edit(call, f"{x}.relu()" if method else f"{_owner(call, offset)}relu({x})")
        return offset.edit(call.func, f"{x}.{rewrite}" if method else f"{_owner(call, offset)}{rewrite}")
    return None


def at_constructor(
    source: str, kind: str, inside: str | None, rewrite: str, row: tuple[list[str], int] | None = None
) -> Edit | None:
    """The edit of the one call that makes a module of class ``kind`` (in the class or function ``inside``, if given), None where there is not one.

    ``row`` are the classes of the modules in its row and its place among them.
    """
    tree: ast.AST = ast.parse(source)
    if inside is not None:
        classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == inside]
        if len(classes) != 1:
            return None
        tree = classes[0]
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _name(n) == kind]
    if len(found) > 1 and row is not None:
        found = _in_row(tree, *row)
    if len(found) != 1:
        return None
    call, offset = found[0], _Offsets(source)
    prefix = _owner(call, offset)
    if rewrite == "remove":
        beside = next((m for n in ast.walk(tree) if call in (m := _members(n)) and len(m) > 1), None)
        return offset.without(beside, call) if beside is not None else offset.edit(call, f"{prefix}Identity()")
    if rewrite == "inplace=False":
        keyword = next((k for k in call.keywords if k.arg == "inplace"), None)
        if keyword is not None:
            return offset.edit(keyword.value, "False")
        return offset.edit(call.args[-1], "False") if call.args and _is_true(call.args[-1]) else None
    if rewrite.startswith("dim="):
        value = next((k.value for k in call.keywords if k.arg == "dim"), call.args[0] if call.args else None)
        return offset.edit(value, rewrite.partition("=")[2]) if value is not None else offset.append(call, rewrite)
    if rewrite == "alpha_dropout":
        return offset.edit(call.func, f"{prefix}AlphaDropout")
    return offset.edit(call, prefix + MODULES[rewrite]) if rewrite in MODULES else None


def _in_row(tree: ast.AST, kinds: list[str], place: int) -> list[ast.Call]:
    """The calls at a place of a row that makes modules of these classes, in this order."""
    found = []
    for node in ast.walk(tree):
        members = _members(node)
        made = [_name(m) if isinstance(m, ast.Call) else "" for m in members]
        if made == kinds and isinstance(call := members[place], ast.Call):
            found.append(call)
    return found


def _out_of_place(tree: ast.AST, call: ast.Call, name: str, x: str, offset: _Offsets) -> Edit | None:
    keyword = next((k for k in call.keywords if k.arg == "inplace"), None)
    if keyword is not None:
        return offset.edit(keyword.value, "False")
    if not name.endswith("_") or not isinstance(call.func, ast.Attribute):
        return None
    start = offset.start(call.func) + len(offset.text(call.func)) - len(name)
    statement = any(isinstance(n, ast.Expr) and n.value is call for n in ast.walk(tree))
    if statement:  # its result was not kept: the name was enough
        return offset.edit(call, f"{x} = " + offset.text(call).replace(f".{name}(", f".{name[:-1]}(", 1))
    return Edit(start, start + len(name), name[:-1])


def _name(call: ast.Call) -> str:
    return (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )


def _is_method(call: ast.Call, spelling: str) -> bool:
    return spelling.startswith("Tensor.") and isinstance(call.func, ast.Attribute)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _owner(call: ast.Call, offset: _Offsets) -> str:
    """``nn.`` of ``nn.Softmax``; empty where the name stands alone."""
    return offset.text(call.func.value) + "." if isinstance(call.func, ast.Attribute) else ""


def _members(node: ast.AST) -> list[ast.expr]:
    return node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.List | ast.Tuple) else []


class _Offsets:
    """Characters of nodes: ast counts lines, and bytes of UTF-8."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def start(self, node: ast.expr) -> int:
        return self._at(node.lineno, node.col_offset)

    def end(self, node: ast.expr) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.end_lineno, node.end_col_offset)

    def text(self, node: ast.expr) -> str:
        return self.source[self.start(node) : self.end(node)]

    def edit(self, node: ast.expr, text: str) -> Edit:
        return Edit(self.start(node), self.end(node), text)

    def append(self, call: ast.Call, argument: str) -> Edit:
        """One more argument at a call's end."""
        end = self.end(call) - 1
        return Edit(end, end, f", {argument}" if call.args or call.keywords else argument)

    def without(self, members: list[ast.expr], one: ast.expr) -> Edit:
        """A row of expressions without one of them, its comma included."""
        i = members.index(one)
        if i:
            return Edit(self.end(members[i - 1]), self.end(one), "")
        return Edit(self.start(one), self.start(members[1]), "")
