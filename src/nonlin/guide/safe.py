"""What may enter the page unescaped: MathML, JavaScript and JSON, each checked or encoded here and nowhere else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

_ELEMENTS = """
    math mrow mi mn mo mtext mspace ms mfrac msqrt mroot msub msup msubsup munder mover munderover
    mtable mtr mtd mpadded mphantom mstyle mfenced
"""
_SETTINGS = """
    xmlns display displaystyle scriptlevel mathvariant stretchy fence form separator largeop movablelimits accent symmetric
    minsize maxsize lspace rspace width height depth voffset linethickness columnalign columnspacing rowspacing rowalign
    columnspan open close separators
"""
_TAGS, _ATTRIBUTES = frozenset(_ELEMENTS.split()), frozenset(_SETTINGS.split())
_ENDS_SCRIPT = re.compile(r"</script|<!--|-->|<script", re.IGNORECASE)


class _MathReader(HTMLParser):
    """Writes MathML out again, tag by tag, refusing whatever is not MathML."""

    def __init__(self, owner: str) -> None:
        super().__init__(convert_charrefs=True)
        self.owner = owner
        self.open: list[str] = []
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise ValueError(f"{self.owner}: <{tag}> in a formula; expected presentation MathML only")
        given = dict(attrs)
        unknown = sorted(set(given) - _ATTRIBUTES)
        if unknown:
            raise ValueError(
                f"{self.owner}: attribute {unknown[0]!r} on <{tag}> in a formula; expected a MathML attribute"
            )
        if tag == "math":
            given["display"] = "block"
        self.open.append(tag)
        self.parts.append("<" + tag + "".join(f' {key}="{escape(value or "")}"' for key, value in given.items()) + ">")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"{self.owner}: </{tag}> closes nothing in a formula; expected well-formed MathML")
        self.parts.append(f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False))


def mathml(text: str, owner: str) -> Markup:
    """``text``, one ``<math>`` element, checked tag by tag and set as a block; empty text stays empty.

    Raises:
        ValueError: where it holds anything but presentation MathML, or is not well formed.

    Example:
        >>> str(mathml("<math><mi>x</mi></math>", "identity"))
        '<math display="block"><mi>x</mi></math>'
    """
    if not text.strip():
        return Markup("")
    if not text.lstrip().startswith("<math"):
        raise ValueError(f"{owner}: a formula starts with {text[:20]!r}; expected one <math> element")
    reader = _MathReader(owner)
    reader.feed(text)
    reader.close()
    if reader.open:
        raise ValueError(f"{owner}: <{reader.open[-1]}> is left open in a formula; expected well-formed MathML")
    return Markup("".join(reader.parts))


def script(source: str, owner: str) -> str:
    """``source``, refused where it could end the script element that it is put into."""
    found = _ENDS_SCRIPT.search(source)
    if found:
        raise ValueError(f"{owner}: {found.group()!r} in JavaScript would end the page's script; write it otherwise")
    return source


def literal(value: object) -> str:
    """``value`` as JSON that is safe inside a script element: no ``<``, ``>``, ``&`` or line separator survives.

    Example:
        >>> print(literal("</script>"))
        "\\u003c/script\\u003e"
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def digest(text: str) -> str:
    """The hash by which a content security policy knows an inline style or script."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
