"""The sums of all processes of a distributed run: one collective a time, and the same answer everywhere."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from nonlin.doctor.tally import Sums


def several() -> bool:
    """Whether this is one of several processes of a distributed run."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


class Ranks:
    """Adds sums over processes. All of them lay the numbers out alike; who has a key that the layout lacks says so in the
    same collective, and all gather the keys anew."""

    def __init__(self, device: torch.device) -> None:
        # gloo and mpi take tensors of the CPU; nccl and its like those of the model's device
        self._device = torch.device("cpu") if dist.get_backend() in ("gloo", "mpi") else device
        self._layout: dict[str, int] = {}  # key -> how many numbers

    def added(self, sums: Sums) -> Sums:
        """The sums of all processes together. Every process must call it, as any collective."""
        if self._layout:
            total, strangers = self._reduced(sums)
            if not strangers:
                return total
        every: list[Any] = [None] * dist.get_world_size()
        dist.all_gather_object(every, {key: len(values) for key, values in sums.items()})
        for keys in every:
            for key, length in keys.items():
                self._layout.setdefault(key, length)
        return self._reduced(sums)[0]

    def _reduced(self, sums: Sums) -> tuple[Sums, bool]:
        """(sums, whether any process has a key that the layout lacks)."""
        parts = [
            sums[key] if key in sums and len(sums[key]) == length else torch.zeros(length, dtype=torch.float64)
            for key, length in self._layout.items()
        ]
        strangers = torch.tensor([float(len(sums.keys() - self._layout.keys()))], dtype=torch.float64)
        flat: Tensor = torch.cat([strangers, *parts]).to(self._device)
        dist.all_reduce(flat)
        flat = flat.cpu()
        values = flat[1:].split(list(self._layout.values()))
        return dict(zip(self._layout, values, strict=True)), bool(flat[0] > 0)
