"""A MobileNetV2 in small returns F.log_softmax and is trained with CrossEntropyLoss: harmless, but the second one is idle."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L02",)
ALLOWED = ()
SOURCES = (
    "https://github.com/Randl/MobileNetV2-pytorch/issues/5",
    "https://github.com/rasbt/machine-learning-book/issues/37",
)


class InvertedResidual(nn.Module):
    def __init__(self, channels: int, out: int, stride: int, expansion: int = 4) -> None:
        super().__init__()
        hidden = channels * expansion
        self.residual = stride == 1 and channels == out
        self.body = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.residual else y


class MobileNet(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(inplace=True))
        self.blocks = nn.Sequential(InvertedResidual(16, 24, 2), InvertedResidual(24, 24, 1))
        self.fc = nn.Linear(24, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(self.stem(x)).mean(dim=(2, 3))
        return F.log_softmax(self.fc(x), dim=1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    return {
        "model": MobileNet(),
        "batch": torch.randn(32, 3, 32, 32),
        "target": torch.randint(0, 10, (32,)),
        "loss": nn.CrossEntropyLoss(),
    }
