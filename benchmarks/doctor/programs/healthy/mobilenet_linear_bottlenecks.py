"""Separable convolutions with nothing between depthwise and pointwise, and linear bottlenecks: convolution after convolution."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/keras-team/keras/issues/11112",
    "https://github.com/tonylins/pytorch-mobilenet-v2/issues/24",
    "https://github.com/PiLab-CAU/ComputerVision-2401/issues/31",
)


def separable(channels: int, out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False),
        nn.Conv2d(channels, out, 1, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU6(inplace=True),
    )


class LinearBottleneck(nn.Module):
    """Its last convolution has no activation, and the next block begins with a convolution."""

    def __init__(self, channels: int, out: int, expansion: int = 6) -> None:
        super().__init__()
        hidden = expansion * channels
        self.expand = nn.Conv2d(channels, hidden, 1, bias=False)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(hidden), nn.BatchNorm2d(hidden)
        self.project = nn.Conv2d(hidden, out, 1)
        self.act = nn.Hardswish()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.act(self.norm2(self.depthwise(self.act(self.norm1(self.expand(x)))))))
        return y


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = nn.Sequential(
        separable(3, 24, 2),
        separable(24, 32, 2),
        LinearBottleneck(32, 12),
        LinearBottleneck(12, 12),
        nn.Conv2d(12, 64, 1, bias=False),
        nn.BatchNorm2d(64),
        nn.Hardswish(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )
    images, labels = torch.randn(32, 3, 32, 32), torch.randint(0, 10, (32,))
    return {"model": model, "batch": images, "target": labels, "loss": nn.CrossEntropyLoss()}
