"""The beginners' MLP on images with one nn.ReLU too many, after the last Linear: no logit can be negative, some classes die."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L05",)
ALLOWED = ()
SOURCES = (
    "https://github.com/mrdbourke/pytorch-deep-learning/issues/720",
    "https://github.com/pytorch/tutorials/pull/1654",
)


class NeuralNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 128),
            nn.ReLU(),
            nn.Linear(128, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear_relu_stack(self.flatten(x))
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    target = torch.randint(0, 10, (64,))
    prototypes = torch.rand(10, 1, 28, 28)
    model = NeuralNetwork()
    return {
        "model": model,
        "batch": (prototypes[target] + 0.3 * torch.randn(64, 1, 28, 28)).clamp(0, 1),
        "target": target,
        "loss": "cross_entropy",
        "optimizer": torch.optim.SGD(model.parameters(), lr=1e-3),
    }
