"""What other libraries call an activation, with their defaults: ``nonlin.get("keras:leaky_relu")`` has slope 0.2.

One module a library: ``NAMES`` maps each of its names to a text for :func:`nonlin.get`, ``LEFT_OUT`` gives the reason
for each name that is none. A name here is spelled as that library spells it. Without a prefix a name is the
catalogue's, which is torch's; only where the catalogue has none does a library's name stand alone.
"""

from __future__ import annotations

from nonlin.dialects import jax, keras, timm, transformers
from nonlin.errors import UnknownNameError, suggestion

NAMES: dict[str, dict[str, str]] = {
    "jax": jax.NAMES, "keras": keras.NAMES, "timm": timm.NAMES, "transformers": transformers.NAMES,
}  # fmt: skip
LEFT_OUT: dict[str, dict[str, str]] = {
    "jax": jax.LEFT_OUT, "keras": keras.LEFT_OUT, "timm": timm.LEFT_OUT, "transformers": transformers.LEFT_OUT,
}  # fmt: skip


def translate(name: str) -> str | None:
    """The text that a library's name stands for; None for a name that no library has.

    ``"keras:gelu"`` is that library's; a name without a prefix must mean the same in every library that has it.

    Raises:
        UnknownNameError: for an unknown library, or a name that the library does not have.

    Example:
        >>> from nonlin.dialects import translate
        >>> translate("keras:leaky_relu"), translate("jax:gelu"), translate("gelu_python_tanh")
        ('leaky_relu(0.2)', 'gelu_tanh', 'gelu_tanh')
    """
    library, colon, spelled = (part.strip() for part in name.partition(":"))
    if not colon:
        meanings = {table[name] for table in NAMES.values() if name in table}
        return meanings.pop() if len(meanings) == 1 else None
    if library not in NAMES:
        raise UnknownNameError(
            f"{name!r}: there is no library {library!r}{suggestion(library, NAMES)}; expected one of {', '.join(NAMES)}"
        )
    if spelled in LEFT_OUT[library]:
        raise UnknownNameError(f"{library} has {spelled!r}, which is left out here: {LEFT_OUT[library][spelled]}")
    if spelled not in NAMES[library]:
        hint = suggestion(spelled, NAMES[library])
        raise UnknownNameError(f"{library} has no activation {spelled!r}{hint}; it has {', '.join(NAMES[library])}")
    return NAMES[library][spelled]
