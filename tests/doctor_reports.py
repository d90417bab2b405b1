"""Made-up reports for the tests of what the doctor writes, and a reader of its pages."""

from __future__ import annotations

import math
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import torch

from nonlin.doctor.calls import Call
from nonlin.doctor.finding import Finding, Picture, Severity
from nonlin.doctor.report import Report, Seen, Unchecked
from nonlin.doctor.sites import Site

HOSTILE: Final = (
    """</style><script>alert(1)</script>"&'\r\n::error file=x,line=1::<img src=x onerror=alert(2)>, 97 %0A: a"""
)
VOID: Final = {"meta", "link", "input", "br", "hr", "img", "wbr"}
SKEWED: Final = Picture("inputs", torch.cat([torch.full((300,), -1.0), torch.linspace(-1, 3, 100)]), "x", {0.0: "0"})
LAYERS: Final = Picture("pull", torch.tensor([1.0, 1e-2, 1e-5]), "layer", logarithmic=True, steps=True)


def call(order: int = 0, path: str = "head.1", site: Site | None = None, **more: Any) -> Call:
    return Call(order, "softmax", "activation", "F.softmax", path, "Softmax", "model", site, **more)


def finding(severity: Severity = "error", message: str = "it is wrong", **more: Any) -> Finding:
    return Finding(severity, message, more.pop("fix", "write it otherwise"), rule=more.pop("rule", "L01"), **more)


def report(*findings: Finding, **more: Any) -> Report:
    return Report(list(findings), more.pop("unchecked", []), [], more.pop("unseen", {}), 26, None, 32, 0.5, **more)


def hostile_source(folder: Path) -> Path:
    """A file below a folder, its name and its second line hostile."""
    path = folder / "my models" / "net#1, a::b%.py"
    path.parent.mkdir()
    path.write_text("def forward(x):\n    y = '</script><b>&amp;'\n", encoding="utf-8")
    return path


def hostile_report(source: Path) -> Report:
    """Every text of it tries to get out of its place."""
    at = Site(str(source), 2, "<lambda>")
    numbers = {HOSTILE: HOSTILE, "nan": math.nan, "inf": math.inf}
    picture = Picture(HOSTILE, SKEWED.values, HOSTILE, {0.0: HOSTILE})
    found = finding(
        "error", HOSTILE, fix=HOSTILE, calls=(call(0, HOSTILE, at), call(1, "b", at)), places=(HOSTILE,), numbers=numbers, picture=picture,
    )  # fmt: skip
    seen = Seen("relu", HOSTILE, HOSTILE, HOSTILE, at, (32, 64), 32, 3, True, True)
    return Report(
        [found, finding("note", HOSTILE, rule="D03")], [Unchecked("L08", HOSTILE, HOSTILE)], [seen], {HOSTILE: HOSTILE}, 25, math.inf, 32, 0.5,
        wrapper=HOSTILE, ignored=[finding("warning", HOSTILE)],
    )  # fmt: skip


class Document(HTMLParser):
    """Elements with their attributes, what does not balance, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is left open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def all(self, tag: str, **given: str) -> list[dict[str, str]]:
        return [a for name, a in self.elements if name == tag and given.items() <= a.items()]
