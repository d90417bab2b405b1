"""A fully convolutional multi-label net: ReLU on the score maps, then global pooling: no probability can fall below one half."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L05",)
ALLOWED = ()
SOURCES = ("https://github.com/huyng/tensorflow-vgg/issues/13",)


class ScoreMaps(nn.Module):
    def __init__(self, labels: int = 12) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 24, 5, stride=2, padding=2)
        self.conv2 = nn.Conv2d(24, 48, 3, stride=2, padding=1)
        self.score = nn.Conv2d(48, labels, 1)

    def forward(self, x: Tensor) -> Tensor:
        for conv in (self.conv1, self.conv2, self.score):
            x = F.relu(conv(x))
        return F.adaptive_avg_pool2d(x, 1).flatten(1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    labels = (torch.rand(48, 12) < 0.1).float()
    return {
        "model": ScoreMaps(),
        "batch": torch.randn(48, 3, 32, 32),
        "target": labels,
        "loss": nn.BCEWithLogitsLoss(),
    }
