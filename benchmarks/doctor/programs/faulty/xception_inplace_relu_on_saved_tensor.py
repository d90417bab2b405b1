"""A gated residual block lets an in-place ReLU overwrite what the product before it still needs: backward raises."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("S05",)
ALLOWED = ()
SOURCES = (
    "https://github.com/osmr/imgclsmob/issues/13",
    "https://github.com/pytorch/pytorch/issues/5687",
)


class GatedBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.activ = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.point = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        identity = x * self.gate(x)
        x = self.activ(x)
        y: Tensor = identity + self.norm(self.point(self.conv(x)))
        return y


class Xception(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32))
        self.blocks = nn.Sequential(GatedBlock(32), GatedBlock(32))
        self.head = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.blocks(self.stem(x)))
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    return {
        "model": Xception(),
        "batch": torch.randn(16, 3, 32, 32),
        "target": torch.randint(0, 10, (16,)),
        "loss": nn.CrossEntropyLoss(),
    }
