"""A self-normalising network as its paper has it: SELU, LeCun normal weights, AlphaDropout, standardised inputs."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_wine
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/ageron/handson-ml/issues/88",
    "https://github.com/pytorch/pytorch/issues/1768",
)


class SNN(nn.Module):
    def __init__(self, features: int, classes: int, width: int = 96, depth: int = 8) -> None:
        super().__init__()
        sizes = (features, *(width,) * depth)
        self.hidden = nn.ModuleList(nn.Linear(i, width) for i in sizes[:-1])
        self.dropout = nn.AlphaDropout(0.05)
        self.head = nn.Linear(width, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.hidden:
            x = self.dropout(torch.selu(layer(x)))
        logits: Tensor = self.head(x)
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_wine(return_X_y=True)
    inputs = torch.tensor(x, dtype=torch.float32)
    model = SNN(inputs.shape[1], 3)
    return {
        "model": model,
        "batch": (inputs - inputs.mean(0)) / inputs.std(0),
        "target": torch.tensor(y),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9),
    }
