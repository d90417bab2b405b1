"""A one-stage detector passes its class scores through sigmoid, then through CrossEntropyLoss: a floor of 2.08 for 20 classes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L04",)
ALLOWED = ()
SOURCES = ("https://github.com/eriklindernoren/PyTorch-YOLOv3/issues/108",)

ANCHORS, CLASSES, GRID = 3, 20, 8


class Detector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = (3, 16, 32, 64)
        self.backbone = nn.Sequential(
            *(
                nn.Sequential(nn.Conv2d(i, o, 3, 2, 1, bias=False), nn.BatchNorm2d(o), nn.LeakyReLU(0.1))
                for i, o in pairwise(widths)
            )
        )
        self.head = nn.Conv2d(64, ANCHORS * (5 + CLASSES), 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        y = self.head(self.backbone(images))
        y = y.view(len(images), ANCHORS, 5 + CLASSES, GRID, GRID).permute(0, 1, 3, 4, 2).contiguous()
        return y[..., :4], y[..., 4], torch.sigmoid(y[..., 5:])


def detection_loss(output: tuple[Tensor, Tensor, Tensor], target: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    boxes, confidence, classes = output
    mask, true_boxes, true_classes = target
    return (
        F.mse_loss(boxes[mask], true_boxes[mask])
        + F.binary_cross_entropy_with_logits(confidence, mask.float())
        + F.cross_entropy(classes[mask], true_classes[mask])
    )


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    shape = (8, ANCHORS, GRID, GRID)
    target = (torch.rand(shape) < 0.05, torch.randn(*shape, 4), torch.randint(0, CLASSES, shape))
    return {"model": Detector(), "batch": torch.randn(8, 3, 64, 64), "target": target, "loss": detection_loss}
