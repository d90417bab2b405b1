"""What is kept for backward."""

from __future__ import annotations

import torch
from torch import Tensor

from nonlin.contract.case import Case
from nonlin.contract.expect import applies

WRITTEN = 4  # bytes kept for each byte of input and output, where a row, a curve or a network is differentiated


def _kept(case: Case, tensors: tuple[Tensor, ...]) -> tuple[list[Tensor], Tensor]:
    kept: list[Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):  # type: ignore[func-returns-value]
        y = case(*tensors)
    return kept, y


def saves_inputs_alone(case: Case) -> None:
    """Backward keeps views of the arguments and nothing else; in training also the noise; of rows the result will do."""
    applies(
        case.own and case.activation is not None and not case.activation.rule,
        "promised of formulas; saves_little judges it",
    )
    tensors = case.tensors(dtype=torch.float32, grad=True)
    kept, y = _kept(case, tensors)
    owned = {t.untyped_storage().data_ptr() for t in (*tensors, *[y] * (case.kind == "rowwise"))}
    foreign = [t for t in kept if t.untyped_storage().data_ptr() not in owned]
    if case.random:
        assert [t.shape for t in foreign] == [tensors[0].shape], "more than the noise is saved"
    else:
        assert not foreign, f"saved beside the inputs: {[(tuple(t.shape), t.dtype) for t in foreign]}"
    most = sum(t.numel() * t.element_size() for t in tensors)
    held = sum(t.numel() * t.element_size() for t in kept if not any(t is f for f in foreign))
    assert held <= most, f"{held} bytes saved for {most} bytes of input"


def saves_little(case: Case) -> None:
    """An elementwise function keeps no more bytes than its input has (or its output: the larger) beside its parameters."""
    tensors = case.tensors(dtype=torch.float32, grad=True)
    applies(not case.random, "the noise is kept")
    applies(not case.layers, "the layers inside keep what layers keep")
    kept, y = _kept(case, tensors)
    learned = {t.untyped_storage().data_ptr() for t in tensors[len(case.data()) :]}
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in kept}
    held = sum(size for pointer, size in storages.items() if pointer not in learned)
    inputs = sum(t.numel() * t.element_size() for t in case.data(dtype=torch.float32))
    output = y.numel() * y.element_size()
    most = max(inputs, output) if case.elementwise else WRITTEN * (inputs + output)
    assert held <= most, f"{held} bytes are kept for backward; the input has {inputs}, the output {output}"
