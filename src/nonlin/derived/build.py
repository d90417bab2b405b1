"""Derive what is shipped as data: torch texts, limits, facts, and what the docstrings' examples print."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nonlin
from nonlin import derived
from nonlin.catalogue import declarations
from nonlin.errors import NonlinError
from nonlin.files import write_text
from nonlin.formula.declaration import Activation

DATA = Path(__file__).parent / "data"
CODE = DATA / "CODE"  # the digest of the code that wrote the records
ROOMS = ("formula", "writers", "facts", "derived")  # what they depend on beside the declarations


def subjects() -> dict[str, Activation]:
    """What has a record, by name: the catalogue, its stochastic members in training, and formulas that rules are made of."""
    from nonlin.rules.gated_two_sided import PARTS  # imports torch

    known = declarations()
    drawn = {a.in_training.name: a.in_training for a in known.values() if a.in_training is not None}
    return {**known, **drawn, **{a.name: a for a in PARTS}}


def build(activation: Activation) -> dict[str, Any]:
    """The record of one activation."""
    record = {"fingerprint": activation.fingerprint, "terms": dict(_terms(activation))}
    if activation.name in declarations():
        record |= {"facts": _facts(activation)}
        if not activation.rule:  # whose written docstring has its own
            record |= {"examples": _examples(activation)}
    return record


def _terms(activation: Activation) -> Iterator[tuple[str, dict[str, Any]]]:
    from nonlin.kernels.spec import derive_spec

    if activation.kind not in ("pointwise", "stochastic") or activation.rule:
        return
    learned = [p.name for p in activation.learnable]
    orders = [(), ("x",), ("x", "x"), *((name,) for name in learned), *(("x", name) for name in learned)]
    for wrt in orders:
        yield ",".join(wrt), derive_spec(activation, wrt).to_dict()


def _examples(activation: Activation) -> dict[str, list[str]]:
    import torch

    import nonlin
    from nonlin.builders import documentation

    outputs = {}
    for key, call in documentation.examples(activation).items():
        value = eval(call, {"nonlin": nonlin, "torch": torch})  # a call that documentation.py wrote
        outputs[key] = repr(value).splitlines()
    return outputs


def _facts(activation: Activation) -> dict[str, Any]:
    from nonlin.facts.compute import compute

    return compute(activation, {}).to_dict()


@cache
def code() -> str:
    """A digest of the code that derives: what it wrote before it was changed is derived anew."""
    package = Path(nonlin.__file__).parent
    names = [p for room in ROOMS for p in sorted((package / room).rglob("*.py"))]
    return hashlib.sha256(b"".join(p.read_bytes() for p in names)).hexdigest()[:16]


def stale() -> list[str]:
    """The names whose record is missing or was derived from another declaration or by other code."""
    known = subjects()
    if not CODE.exists() or CODE.read_text(encoding="utf-8").strip() != code():
        return list(known)
    return [name for name, activation in known.items() if derived.current(activation) is None]


def _write(name: str) -> bool:
    """Derive one record; True where its file is another now."""
    path = DATA / f"{name}.json"
    try:
        text = json.dumps(build(subjects()[name]), indent=1, ensure_ascii=False) + "\n"
    except Exception as error:
        raise NonlinError(f"{name} cannot be derived: {type(error).__name__}: {error}") from error
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write_text(path, text)
    return True


def write() -> list[Path]:
    """Write every record that is not current, remove those of activations that are gone, return the paths that changed.

    Each is written as soon as it is derived; examples run through the composite, so that no kernel is compiled for them.
    """
    names, known = stale(), subjects()
    os.environ["NONLIN_COMPILE"] = "0"  # for the processes that it starts
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:  # most of a second each
        futures = {name: workers.submit(_write, name) for name in names}
        changed, errors = [], []
        for name, future in futures.items():
            if (error := future.exception()) is not None:
                errors.append(str(error))
            elif future.result():
                changed.append(DATA / f"{name}.json")
    if errors:
        raise NonlinError("\n".join(errors))
    for path in DATA.glob("*.json"):
        if path.stem not in known:
            path.unlink()
            changed.append(path)
    write_text(CODE, code() + "\n")
    derived.record.cache_clear()
    return changed
