"""Architecture families of Hugging Face transformers, built from their configs with random weights: healthy models, all of them.

    python -m benchmarks.doctor.families           # builds each, forward and backward: parameters, loss, seconds
    python -m benchmarks.doctor.families bert swin # these only

Each keeps its config's own activations, initialisation, normalisation and kinds of layer, and is only made narrow and short.
The data are random and the labels too, so that a model that trains learns them by heart. Needs transformers, and no network.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec

import torch

from benchmarks.doctor.families_audio import AUDIO, FORECASTERS
from benchmarks.doctor.families_decoders import DECODERS, EXPERTS, STATE_SPACES, TRANSLATORS
from benchmarks.doctor.families_pairs import MULTIMODAL
from benchmarks.doctor.families_text import ENCODERS
from benchmarks.doctor.families_vision import CLASSIFIERS, DENSE, DETECTORS
from benchmarks.doctor.family import Family

FAMILIES: tuple[Family, ...] = (  # fmt: skip
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


def main(names: Sequence[str]) -> int:
    torch.set_num_threads(1)
    failed = 0
    chosen = [family for family in FAMILIES if not names or family.name in names]
    for family in chosen:
        start = time.perf_counter()
        try:
            model, batch = family.build()
            built = time.perf_counter() - start
            loss = model(**batch).loss
            loss.backward()
        except Exception as error:  # whatever one family raises, the others are still to be seen
            failed += 1
            print(f"{family.name:24} {type(error).__name__}: {str(error)[:300]}")
            continue
        count = sum(parameter.numel() for parameter in model.parameters())
        print(f"{family.name:24} {count:9,} parameters  loss {loss.item():8.4f}  built {built:5.2f} s  in all {time.perf_counter() - start:5.2f} s", flush=True)  # fmt: skip
    print(f"{len(chosen) - failed} of {len(chosen)} run")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
