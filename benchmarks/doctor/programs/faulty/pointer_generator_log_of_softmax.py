"""A pointer-generator mixes two softmaxes and takes torch.log: over unscaled features a probability is exactly 0, the loss inf."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("N01",)
ALLOWED = ()
SOURCES = (
    "https://github.com/pytorch/pytorch/issues/1620",
    "https://github.com/allenai/allennlp/issues/2797",
)


class PointerGenerator(nn.Module):
    def __init__(self, features: int = 50, vocabulary: int = 100) -> None:
        super().__init__()
        self.generate = nn.Linear(features, vocabulary)
        self.copy = nn.Linear(features, vocabulary)
        self.switch = nn.Linear(features, 1)

    def forward(self, state: Tensor) -> Tensor:
        p = torch.sigmoid(self.switch(state))
        mixture = p * self.generate(state).softmax(dim=1) + (1 - p) * self.copy(state).softmax(dim=1)
        return torch.log(mixture)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    embeddings = 60 * torch.randn(64, 50)
    return {
        "model": PointerGenerator(),
        "batch": embeddings,
        "target": torch.randint(0, 100, (64,)),
        "loss": nn.NLLLoss(),
    }
