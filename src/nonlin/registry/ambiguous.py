"""Names that the literature gave to more than one function: none of them is an alias, and the message offers each."""

from __future__ import annotations

MEANINGS: dict[str, tuple[str, ...]] = {
    "brelu": ("bounded_relu", "brelu_bipolar"),
    "drelu": ("dual_relu", "drelu_glu"),
    "frelu": ("flexible_relu", "funnel_relu"),
    "telu": ("tanhexp", "tanh_elu"),
}


def advice(key: str) -> str | None:
    """What to say where such a name is asked for; ``key`` is spelled as the index spells names.

    Example:
        >>> advice("telu")
        "it names more than one function: 'tanhexp' or 'tanh_elu'"
    """
    if key not in MEANINGS:
        return None
    return f"it names more than one function: {' or '.join(repr(name) for name in MEANINGS[key])}"
