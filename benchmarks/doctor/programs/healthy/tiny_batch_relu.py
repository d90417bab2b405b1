"""A batch of four rows: a good many ReLU units are silent on all of them, which says nothing of their health."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = ("https://github.com/tensorflow/minigo/pull/425",)


class Siamese(nn.Module):
    """Four pairs of signatures, the distance between their embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(100, 512)
        self.fc2 = nn.Linear(512, 256)
        self.embedding = nn.Linear(256, 32)

    def embed(self, x: Tensor) -> Tensor:
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        embedding: Tensor = self.embedding(x)
        return embedding

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        # The last bias cancels in the difference: its gradient is 0, rightly.
        return F.pairwise_distance(self.embed(left), self.embed(right))


def contrastive(distance: Tensor, same: Tensor) -> Tensor:
    return (same * distance.square() + (1 - same) * (1.0 - distance).clamp(min=0).square()).mean()


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    left = torch.randn(4, 100)
    same = torch.tensor([1.0, 0.0, 1.0, 0.0])
    right = torch.where(same[:, None] > 0, left + 0.3 * torch.randn(4, 100), torch.randn(4, 100))
    return {"model": Siamese(), "batch": (left, right), "target": same, "loss": contrastive}
