"""A depth decoder widens by a 3x3 convolution and narrows by a 1x1 one with no activation between: one 3x3 says the same."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("S01",)
ALLOWED = ()
SOURCES = (
    "https://github.com/ialhashim/DenseDepth/issues/6",
    "https://github.com/divamgupta/image-segmentation-keras/issues/136",
)


class UpProject(nn.Module):
    def __init__(self, channels: int, skip: int, out: int) -> None:
        super().__init__()
        self.conv_a = nn.Conv2d(channels + skip, 4 * out, 3, padding=1)
        self.conv_b = nn.Conv2d(4 * out, out, 1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        up = F.interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=True)
        return F.leaky_relu(self.conv_b(self.conv_a(torch.cat([up, skip], dim=1))), 0.2)


class Depth(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.up1 = UpProject(32, 16, 16)
        self.up2 = UpProject(16, 3, 8)
        self.conv3 = nn.Conv2d(8, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        half = F.relu(self.conv1(image))
        quarter = F.relu(self.conv2(half))
        depth: Tensor = self.conv3(self.up2(self.up1(quarter, half), image))
        return depth


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    image = torch.rand(8, 3, 32, 32)
    return {"model": Depth(), "batch": image, "target": image.mean(1, keepdim=True), "loss": nn.L1Loss()}
