"""A stacked autoencoder with sigmoid after each of its ten layers: it learns the mean image and nothing of the input."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ("D02",)
ALLOWED = ("D06",)
SOURCES = (
    "https://github.com/d2l-ai/d2l-vi/pull/986",
    "https://ar5iv.labs.arxiv.org/html/2106.02260",
)


class StackedAutoencoder(nn.Module):
    sizes = (64, 56, 48, 40, 32, 16, 32, 40, 48, 56, 64)

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in pairwise(self.sizes))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.sigmoid(layer(x))
        return x


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x = torch.tensor(load_digits().data[:512], dtype=torch.float32) / 16
    model = StackedAutoencoder()
    return {
        "model": model,
        "batch": x,
        "target": x.clone(),
        "loss": F.binary_cross_entropy,
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9),
    }
