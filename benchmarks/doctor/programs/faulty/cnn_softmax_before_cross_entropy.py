"""A small CNN on digits ends with nn.Softmax and is trained with CrossEntropyLoss: the loss cannot fall below 1.46."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import nn

EXPECTED = ("L01",)
ALLOWED = ()
SOURCES = (
    "https://github.com/Lightning-Universe/lightning-bolts/issues/654",
    "https://discuss.pytorch.org/t/cross-entropy-loss-is-not-decreasing/43814/16",
)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images[:256], dtype=torch.float32).unsqueeze(1) / 16
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
        nn.Softmax(dim=1),
    )
    return {
        "model": model,
        "batch": images,
        "target": torch.tensor(digits.target[:256]),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.Adam(model.parameters(), lr=1e-3),
    }
