"""Architecture families of Hugging Face transformers, built from their configs with random weights.

    python -m benchmarks.doctor.families           # builds each, forward and backward: parameters, loss, seconds
    python -m benchmarks.doctor.families bert swin # these only
    python -m benchmarks.doctor.families --train   # and 60 steps of Adam: the loss before and after

Each keeps its config's own activations, initialisation, normalisation and kinds of layer, and is only made narrow and short.
Data and labels are random, so that a model that trains learns them by heart: ``--train`` measures it. Needs transformers, and no
network; the detectors need Pillow too, without which they are left out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec

import torch
from torch import nn

from benchmarks.doctor.families_audio import AUDIO, FORECASTERS
from benchmarks.doctor.families_decoders import DECODERS, EXPERTS, STATE_SPACES, TRANSLATORS
from benchmarks.doctor.families_pairs import MULTIMODAL
from benchmarks.doctor.families_text import ENCODERS
from benchmarks.doctor.families_vision import CLASSIFIERS, DENSE, DETECTORS
from benchmarks.doctor.family import Batch, Family

FAMILIES: tuple[Family, ...] = (
    *ENCODERS,
    *DECODERS,
    *EXPERTS,
    *STATE_SPACES,
    *TRANSLATORS,
    *CLASSIFIERS,
    *DENSE,
    *AUDIO,
    *FORECASTERS,
    *MULTIMODAL,
    *(DETECTORS if find_spec("PIL") else ()),
)


STEPS = 60
STEPS_BEFORE = 5  # of a second diagnosis


def trained(model: nn.Module, batch: Batch) -> tuple[float, float]:
    """The mean loss of the first five and of the last five steps of Adam on the one batch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses[:5]) / 5, sum(losses[-5:]) / 5


def line(family: Family, train: bool) -> str:
    """Builds it, runs it forward and backward, and tells how it went."""
    start = time.perf_counter()
    model, batch = family.build()
    built = time.perf_counter() - start
    loss = model(**batch).loss
    loss.backward()
    seconds = time.perf_counter() - start
    count = sum(parameter.numel() for parameter in model.parameters())
    told = f"{family.name:30} {count:9,} parameters  loss {loss.item():9.4f}  built {built:5.2f} s  in all {seconds:5.2f} s"
    if train:
        first, last = trained(model, batch)
        told += f"  trained from {first:9.4f} to {last:9.4f}"
    return told


def tells(family: Family, train: bool) -> bool:
    """Prints the family's line, or what it raised: the others are still to be seen."""
    try:
        print(line(family, train), flush=True)
    except Exception as error:
        print(f"{family.name:30} {type(error).__name__}: {str(error)[:300]}")
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    torch.set_num_threads(1)
    names = [argument for argument in arguments if argument != "--train"]
    chosen = [family for family in FAMILIES if not names or family.name in names]
    run = sum([tells(family, "--train" in arguments) for family in chosen])
    print(f"{run} of {len(chosen)} run")
    return int(run < len(chosen))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
