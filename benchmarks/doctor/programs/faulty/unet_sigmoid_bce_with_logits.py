"""A U-Net returns torch.sigmoid and its loss is BCEWithLogitsLoss: sigmoid twice, all probabilities lie in (0.5, 0.73)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L06",)
ALLOWED = ()
SOURCES = (
    "https://github.com/avBuffer/UNet3plus_pth/issues/23",
    "https://github.com/Turoad/lanedet/issues/32",
)


def double_conv(channels: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, padding=1, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
        nn.Conv2d(out, out, 3, padding=1, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
    )


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2 = double_conv(1, 16), double_conv(16, 32)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.merge = double_conv(32, 16)
        self.out = nn.Conv2d(16, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.down1(x)
        y = self.up(self.down2(self.pool(skip)))
        return torch.sigmoid(self.out(self.merge(torch.cat([skip, y], dim=1))))


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    images = torch.randn(8, 1, 32, 32)
    smooth = nn.functional.avg_pool2d(images, 5, 1, 2)
    return {
        "model": UNet(),
        "batch": images,
        "target": (smooth > 0.15).float(),
        "loss": nn.BCEWithLogitsLoss(),
    }
