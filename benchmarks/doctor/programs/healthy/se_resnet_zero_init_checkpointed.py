"""A residual net with squeeze-and-excitation gates, last batch norms starting at 0 and gradient checkpointing."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/tensorpack/tensorpack/issues/420",
    "https://github.com/google-deepmind/sonnet/issues/185",
)


class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.squeeze, self.excite = nn.Conv2d(channels, channels // 4, 1), nn.Conv2d(channels // 4, channels, 1)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(y.mean(dim=(2, 3), keepdim=True)))))
        return F.relu_(x + y * gate)


class ResNet(nn.Module):
    def __init__(self, depth: int = 4) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True))
        self.blocks = nn.ModuleList(ResidualBlock(32) for _ in range(depth))
        self.fc = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False)
        logits: Tensor = self.fc(x.mean(dim=(2, 3)))
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    images, labels = torch.randn(16, 3, 16, 16), torch.randint(0, 10, (16,))
    return {"model": ResNet(), "batch": images, "target": labels, "loss": nn.CrossEntropyLoss(label_smoothing=0.1)}
