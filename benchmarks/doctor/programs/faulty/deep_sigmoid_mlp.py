"""Ten hidden layers of sigmoid on digits: the first layer's gradient is less than a millionth of the last one's."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import nn

EXPECTED = ("D02",)
ALLOWED = ("D06",)  # the signal dies with depth as the gradient does
SOURCES = (
    "https://ai.stackexchange.com/questions/16557/what-could-be-the-problem-when-a-neural-network-with-four-hidden-layers-with-the",
    "https://github.com/microsoft/CNTK/issues/476",
)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    inputs = torch.tensor(x[:512], dtype=torch.float32)
    layers: list[nn.Module] = [nn.Linear(64, 128), nn.Sigmoid()]
    for _ in range(9):
        layers += [nn.Linear(128, 128), nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(128, 10))
    return {
        "model": model,
        "batch": (inputs - inputs.mean()) / inputs.std(),
        "target": torch.tensor(y[:512]),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
    }
