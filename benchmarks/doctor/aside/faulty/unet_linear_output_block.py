"""A small U-Net whose output block convolves twice, 3×3 then 1×1, with no activation: one 3×3 convolution does the same."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("S01",)
ALLOWED = ()
SOURCES = (
    "https://github.com/divamgupta/image-segmentation-keras/issues/136",
    "https://github.com/ialhashim/DenseDepth/issues/6",
)


def double_conv(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU(inplace=True),
    )  # fmt: skip


class UNet(nn.Module):
    def __init__(self, classes: int = 3, width: int = 16) -> None:
        super().__init__()
        self.down1, self.down2, self.bottom = (
            double_conv(1, width),
            double_conv(width, 2 * width),
            double_conv(2 * width, 4 * width),
        )
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.dec2 = double_conv(4 * width, 2 * width)
        self.up1 = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.dec1 = double_conv(2 * width, 2 * width)
        self.conv_last = nn.Conv2d(2 * width, 2 * width, 3, padding=1)
        self.dropout = nn.Dropout2d(0.1)
        self.outconv = nn.Conv2d(2 * width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip1 = self.down1(x)
        skip2 = self.down2(F.max_pool2d(skip1, 2))
        x = self.bottom(F.max_pool2d(skip2, 2))
        x = self.dec2(torch.cat([self.up2(x), skip2], 1))
        x = self.dec1(torch.cat([self.up1(x), skip1], 1))
        x = self.dropout(x)
        x = self.conv_last(x)
        logits: Tensor = self.outconv(x)
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    y, x = torch.meshgrid(torch.linspace(-1, 1, 48), torch.linspace(-1, 1, 48), indexing="ij")
    centre = torch.rand(6, 2, 1, 1) - 0.5
    radius = ((x - centre[:, 0]) ** 2 + (y - centre[:, 1]) ** 2).sqrt()
    mask = (radius < 0.5).long() + (radius < 0.25).long()
    image = mask.unsqueeze(1) + 0.3 * torch.randn(6, 1, 48, 48)
    return {"model": UNet(), "batch": image, "target": mask, "loss": nn.CrossEntropyLoss()}
