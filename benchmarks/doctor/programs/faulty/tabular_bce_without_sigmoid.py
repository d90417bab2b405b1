"""A tabular binary classifier hands raw scores to BCELoss, which refuses the values outside [0, 1] (it raises)."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_breast_cancer
from torch import Tensor, nn

EXPECTED = ("L07",)
ALLOWED = ()
SOURCES = (
    "https://github.com/ray-project/ray/issues/17117",
    "https://github.com/yunlongdong/FCN-pytorch/issues/7",
)


class Classifier(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, 32)
        self.norm = nn.BatchNorm1d(32)
        self.score = nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = nn.functional.relu(self.norm(self.hidden(x)))
        score: Tensor = self.score(h)
        return score.squeeze(-1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    data = load_breast_cancer()
    x = torch.tensor(data.data, dtype=torch.float32)
    return {
        "model": Classifier(x.shape[1]),
        "batch": (x - x.mean(0)) / x.std(0),
        "target": torch.tensor(data.target, dtype=torch.float32),
        "loss": nn.BCELoss(),
    }
