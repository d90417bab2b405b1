"""Derive what is shipped as data: torch texts, limits, facts, and what the docstrings' examples print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nonlin import derived
from nonlin.catalogue import declarations
from nonlin.files import write_text
from nonlin.formula.declaration import Activation

DATA = Path(__file__).parent / "data"


def subjects() -> dict[str, Activation]:
    """What has a record, by name: the catalogue, and the formulas of its stochastic members in training."""
    known = declarations()
    drawn = {a.in_training.name: a.in_training for a in known.values() if a.in_training is not None}
    return {**known, **drawn}


def build(activation: Activation) -> dict[str, Any]:
    """The record of one activation."""
    record = {"fingerprint": activation.fingerprint, "terms": dict(_terms(activation))}
    if activation.name in declarations():
        record |= {"examples": _examples(activation), "facts": _facts(activation)}
    return record


def _terms(activation: Activation) -> Iterator[tuple[str, dict[str, Any]]]:
    from nonlin.kernels.spec import derive_spec

    if activation.kind not in ("pointwise", "stochastic"):
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


def write(directory: Path = DATA) -> list[Path]:
    """Write every record, remove those of activations that are gone, and return the paths that changed."""
    changed = []
    known = subjects()
    for activation in known.values():
        path = directory / f"{activation.name}.json"
        text = json.dumps(build(activation), indent=1, ensure_ascii=False) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
            changed.append(path)
    for path in directory.glob("*.json"):
        if path.stem not in known:
            path.unlink()
            changed.append(path)
    derived.record.cache_clear()
    return changed
