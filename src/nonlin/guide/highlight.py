"""Python source as HTML with its keywords, strings, numbers and comments marked: no dependency, no script."""

from __future__ import annotations

import io
import keyword
import tokenize
from html import escape

from markupsafe import Markup

_STRINGS = {tokenize.STRING} | {
    getattr(tokenize, name) for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END") if hasattr(tokenize, name)
}


def _style(token: tokenize.TokenInfo) -> str | None:
    if token.type in _STRINGS:
        return "str"
    if token.type == tokenize.COMMENT:
        return "com"
    if token.type == tokenize.NUMBER:
        return "num"
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "kw"
    return None


def python(source: str) -> Markup:
    """``source`` escaped, with ``<span class="kw|str|num|com">`` around its tokens; plain where it does not tokenize.

    Example:
        >>> str(python("import math"))
        '<span class="kw">import</span> math'
    """
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    parts: list[str] = []
    done = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            style = _style(token)
            if style is None:
                continue
            begin = starts[token.start[0] - 1] + token.start[1]
            end = starts[token.end[0] - 1] + token.end[1]
            marked = f'<span class="{style}">{escape(source[begin:end], quote=False)}</span>'
            parts += [escape(source[done:begin], quote=False), marked]
            done = end
    except (tokenize.TokenError, SyntaxError):
        return Markup(escape(source, quote=False))
    return Markup("".join(parts) + escape(source[done:], quote=False))
