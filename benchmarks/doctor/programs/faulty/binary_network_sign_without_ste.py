"""A binary network uses torch.sign as it is: its derivative is 0, so only the last layer ever learns."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ("D01",)
ALLOWED = ()
SOURCES = (
    "https://github.com/layog/Accurate-Binary-Convolution-Network/issues/6",
    "https://github.com/MatthieuCourbariaux/BinaryConnect/issues/7",
)


class BinaryMLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(64, 256)
        self.bn1 = nn.BatchNorm1d(256)
        self.fc2 = nn.Linear(256, 256)
        self.bn2 = nn.BatchNorm1d(256)
        self.fc3 = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.sign(self.bn1(self.fc1(x)))
        x = torch.sign(self.bn2(self.fc2(x)))
        logits: Tensor = self.fc3(x)
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    model = BinaryMLP()
    return {
        "model": model,
        "batch": torch.tensor(x[:512], dtype=torch.float32) / 8 - 1,
        "target": torch.tensor(y[:512]),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.Adam(model.parameters(), lr=1e-3),
    }
