"""Each block starts with ReLU(inplace=True) on the tensor that its shortcut convolution has saved: backward raises."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("S05",)
ALLOWED = ()
SOURCES = (
    "https://github.com/mapillary/inplace_abn/issues/40",
    "https://github.com/osmr/imgclsmob/issues/13",
    "https://github.com/rosinality/vq-vae-2-pytorch/issues/60",
)


class SeparableConv(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Any:
        return self.pointwise(self.depthwise(x))


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.skip = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=2, bias=False), nn.BatchNorm2d(outputs))
        self.rep = nn.Sequential(
            nn.ReLU(inplace=True), SeparableConv(inputs, outputs), nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True), SeparableConv(outputs, outputs), nn.BatchNorm2d(outputs),
            nn.MaxPool2d(3, stride=2, padding=1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Any:
        skip = self.skip(x)
        return self.rep(x) + skip


class EntryFlow(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16))
        self.blocks = nn.Sequential(Block(16, 32), Block(32, 64))
        self.head = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes))

    def forward(self, x: Tensor) -> Any:
        return self.head(self.blocks(self.stem(x)))


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    target = torch.randint(0, 10, (16,))
    return {"model": EntryFlow(), "batch": torch.randn(16, 3, 32, 32), "target": target, "loss": nn.CrossEntropyLoss()}
