"""Inverted residual blocks end without an activation, so that projection, batch norm and the next expansion follow directly."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/tonylins/pytorch-mobilenet-v2/issues/40",
    "https://github.com/tensorflow/tpu/issues/853",
)


class ConvBNReLU6(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> None:
        conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
        super().__init__(conv, nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = inputs * expand
        self.residual = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(
            ConvBNReLU6(inputs, hidden, kernel=1),
            ConvBNReLU6(hidden, hidden, stride=stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Any:
        return x + self.conv(x) if self.residual else self.conv(x)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = nn.Sequential(
        ConvBNReLU6(3, 16, stride=2),
        InvertedResidual(16, 12, 1, 4),
        InvertedResidual(12, 16, 2, 6),
        InvertedResidual(16, 16, 1, 6),
        InvertedResidual(16, 24, 2, 6),
        ConvBNReLU6(24, 128, kernel=1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(128, 10),
    )
    target = torch.arange(32) % 10
    images = torch.randn(10, 3, 8, 8).repeat_interleave(4, 2).repeat_interleave(4, 3)[target] + 0.5 * torch.randn(
        32, 3, 32, 32
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=4e-5)
    return {
        "model": model,
        "batch": images,
        "target": target,
        "loss": nn.CrossEntropyLoss(label_smoothing=0.1),
        "optimizer": optimizer,
    }
