"""An MLP with softmax as the activation of its hidden layers: 128 units share a sum of 1 and the signal is nearly constant."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ("S04",)
ALLOWED = ("D02", "D06")  # what reaches the second hidden layer hardly depends on the image
SOURCES = (
    "https://github.com/ubclaunchpad/minutes/issues/133",
    "https://stackoverflow.com/questions/37588632/why-use-softmax-only-in-the-output-layer-and-not-in-hidden-layers",
)


class MLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.fc2 = nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.softmax(self.fc1(x), dim=1)
        x = F.softmax(self.fc2(x), dim=1)
        logits: Tensor = self.fc3(x)
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    model = MLP()
    return {
        "model": model,
        "batch": torch.tensor(x[:512], dtype=torch.float32) / 16,
        "target": torch.tensor(y[:512]),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.Adam(model.parameters(), lr=1e-3),
    }
