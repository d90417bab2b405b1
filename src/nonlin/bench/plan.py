"""What to measure: the settings of one benchmark, read from text and checked before any work. Imports no torch."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from nonlin.errors import BoundsError, UnknownNameError, suggestion

DTYPES = ("float32", "bfloat16", "float16", "float64")
MODES = ("forward", "train", "call", "memory")
OWN, EAGER, COMPILE = "nonlin", "eager", "compile"
CALL_ELEMENTS = 64  # so few that a call costs what is done around the loop
MEMORY_ELEMENTS = 4096
NEAR = 0.05  # 1M is 1,048,576: 4.6 % more than a million


@dataclass(frozen=True)
class Plan:
    """Args:
    names: functions, with arguments where wanted; empty for all.
    sizes: elements of the output.
    dtypes: of :data:`DTYPES`.
    modes: of :data:`MODES`.
    against: "eager", "compile", and packages or modules with functions of the same names.
    threads: torch's threads; None for what torch is set to.
    rounds: how often each is timed; None for as often as ``seconds`` allow.
    seconds: for each function, mode, dtype and size.
    compile_sizes: where not None, torch.compile is timed at these sizes alone: it compiles anew for each.
    """

    names: tuple[str, ...] = ()
    sizes: tuple[int, ...] = (2**14, 2**20)
    dtypes: tuple[str, ...] = ("float32",)
    modes: tuple[str, ...] = ("forward", "train")
    against: tuple[str, ...] = (EAGER,)
    threads: int | None = None
    rounds: int | None = None
    seconds: float = 0.5
    compile_sizes: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for option, given, known in (("dtypes", self.dtypes, DTYPES), ("mode", self.modes, MODES)):
            if unknown := [word for word in given if word not in known]:
                raise BoundsError(
                    f"--{option} {unknown[0]!r}{suggestion(unknown[0], known)}; expected some of {','.join(known)}"
                )
        for option, words in (
            ("sizes", self.sizes), ("dtypes", self.dtypes), ("mode", self.modes), ("against", self.against)
        ):  # fmt: skip
            if len(set(words)) != len(words) or not words:
                told = ",".join(map(str, words))
                raise BoundsError(f"--{option} {told!r}; expected at least one value, each at most once")
        for peer in self.against:
            _check_peer(peer)
        for option, number, least in (("threads", self.threads, 1), ("repeats", self.rounds, 1)):
            if number is not None and number < least:
                raise BoundsError(f"--{option} {number}; expected at least {least}")
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            raise BoundsError(f"--seconds {self.seconds:g}; expected a positive number")

    def against_at(self, elements: int) -> tuple[str, ...]:
        """What is compared at this size."""
        everywhere = self.compile_sizes is None or elements in self.compile_sizes
        return tuple(peer for peer in self.against if everywhere or peer != COMPILE)


def _check_peer(peer: str) -> None:
    if peer in (EAGER, COMPILE):
        return
    try:
        found = find_spec(peer) is not None
    except (ImportError, ValueError):
        found = False
    if not found:
        raise UnknownNameError(
            f"--against {peer!r}{suggestion(peer, (EAGER, COMPILE))}; expected eager, compile, or an installed module "
            "that has functions of the same names, such as torch.nn.functional"
        )


def words(text: str) -> tuple[str, ...]:
    """``"a, b"`` as ("a", "b")."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def sizes(text: str) -> tuple[int, ...]:
    """Numbers of elements; 16k, 131k and 1M stand for the powers of two that they are short for.

    Example:
        >>> sizes("64,16k,131k,1M,100k")
        (64, 16384, 131072, 1048576, 100000)
    """
    return tuple(_size(word) for word in words(text))


def _size(word: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kM]?)", word)
    count = 0 if match is None else float(match[1]) * {"": 1, "k": 1000, "M": 10**6}[match[2]]
    if match is None or count < 1 or count != int(count):
        raise BoundsError(f"--sizes {word!r}; expected numbers of elements such as 64,16k,1M")
    power: int = 2 ** round(math.log2(count))
    return power if match[2] and abs(power / count - 1) < NEAR else int(count)


def chosen_sizes(given: Sequence[int] | None, *, quick: bool) -> tuple[int, ...]:
    """The sizes given, or those of a quick or a full run."""
    return tuple(given) if given is not None else (2**14,) if quick else Plan.sizes
