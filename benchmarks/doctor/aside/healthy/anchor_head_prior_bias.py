"""A dense detector starts every anchor at probability 0.01 by the bias of its sigmoid; focal loss on sigmoid outputs."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/open-mmlab/mmdetection/issues/1825",
    "https://github.com/princeton-vl/CornerNet/issues/13",
)


class Detector(nn.Module):
    def __init__(self, anchors: int = 3, classes: int = 5, prior: float = 0.01) -> None:
        super().__init__()
        self.classes = classes
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU(inplace=True),
            nn.Conv2d(24, 48, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(48), nn.ReLU(inplace=True),
        )  # fmt: skip
        self.tower = nn.Sequential(nn.Conv2d(48, 48, 3, padding=1), nn.ReLU(inplace=True))
        self.cls_logits = nn.Conv2d(48, anchors * classes, 3, padding=1)
        self.box = nn.Conv2d(48, anchors * 4, 3, padding=1)
        nn.init.normal_(self.cls_logits.weight, std=0.01)
        self.cls_logits.bias = nn.Parameter(torch.full((anchors * classes,), -math.log((1 - prior) / prior)))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        x = self.tower(self.body(image))
        scores = self.cls_logits(x).permute(0, 2, 3, 1).reshape(len(x), -1, self.classes)
        boxes = self.box(x).permute(0, 2, 3, 1).reshape(len(x), -1, 4)
        return scores.sigmoid(), boxes


class FocalBoxLoss(nn.Module):
    def forward(self, output: tuple[Tensor, Tensor], target: tuple[Tensor, Tensor]) -> Tensor:
        p, t = output[0].clamp(1e-4, 1 - 1e-4), target[0]
        weight = torch.where(t == 1, 0.25 * (1 - p) ** 2, 0.75 * p**2)
        positives = t.amax(-1) > 0
        classification = F.binary_cross_entropy(p, t, weight=weight.detach(), reduction="sum") / positives.sum()
        return classification + F.smooth_l1_loss(output[1][positives], target[1][positives])


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    cells = torch.zeros(8, 12, 12, 3, 5)
    image = 0.3 * torch.randn(8, 3, 48, 48)
    for i in range(8):
        for row, column, kind in torch.randint(0, 5, (4, 3)).tolist():
            cells[i, 2 * row + 1, 2 * column + 1, kind % 3, kind] = 1
            image[i, kind % 3, 8 * row + 2 : 8 * row + 8, 8 * column + 2 : 8 * column + 8] += 1 + kind
    target = (cells.view(8, -1, 5), 0.2 * torch.randn(8, 12 * 12 * 3, 4))
    return {"model": Detector(), "batch": image, "target": target, "loss": FocalBoxLoss()}
