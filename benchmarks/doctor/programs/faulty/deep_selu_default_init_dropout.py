"""Twenty SELU layers with PyTorch's own initialisation (a third of the variance that SELU needs) and plain dropout."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ("S06",)
ALLOWED = ("D02", "D06")  # the same fact, seen from the gradient and from the initialisation
SOURCES = (
    "https://github.com/cchallu/nbeatsx/issues/1",
    "https://github.com/ageron/handson-ml/issues/88",
)


class SelfNormalising(nn.Module):
    def __init__(self, features: int, classes: int, width: int = 128, depth: int = 20) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for size in (features, *(width,) * (depth - 1)):
            layers += [nn.Linear(size, width), nn.SELU(inplace=True), nn.Dropout(0.3)]
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.layers(x))
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    inputs = torch.tensor(x[:512], dtype=torch.float32)
    model = SelfNormalising(64, 10)
    return {
        "model": model,
        "batch": (inputs - inputs.mean()) / inputs.std(),
        "target": torch.tensor(y[:512]),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9),
    }
