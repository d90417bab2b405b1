"""A YOLO head squashes its class scores with sigmoid and scores them with cross-entropy, so the class loss has a floor."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L04",)
ALLOWED = ()
SOURCES = (
    "https://github.com/eriklindernoren/PyTorch-YOLOv3/issues/10",
    "https://github.com/eriklindernoren/PyTorch-YOLOv3/issues/108",
)

ANCHORS, CLASSES = 3, 20


class TinyYolo(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = [3, 16, 32, 64]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.LeakyReLU(0.1),
                nn.MaxPool2d(2),
            ]
        self.backbone = nn.Sequential(*layers)
        self.detect = nn.Conv2d(64, ANCHORS * (5 + CLASSES), 1)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        maps = self.detect(self.backbone(image))
        n, _, rows, columns = maps.shape
        prediction = maps.view(n, ANCHORS, 5 + CLASSES, rows, columns).permute(0, 1, 3, 4, 2)
        return {
            "xy": torch.sigmoid(prediction[..., :2]),
            "wh": prediction[..., 2:4],
            "conf": torch.sigmoid(prediction[..., 4]),
            "cls": torch.sigmoid(prediction[..., 5:]),
        }


def yolo_loss(output: dict[str, Tensor], target: dict[str, Tensor]) -> Tensor:
    mask = target["object"]
    box = F.mse_loss(output["xy"][mask], target["xy"][mask]) + F.mse_loss(output["wh"][mask], target["wh"][mask])
    conf = F.binary_cross_entropy(output["conf"], mask.float())
    return box + conf + F.cross_entropy(output["cls"][mask], target["cls"][mask])


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    cells = (8, ANCHORS, 8, 8)
    target = {
        "object": torch.rand(cells) < 0.05,
        "xy": torch.rand(*cells, 2),
        "wh": 0.3 * torch.randn(*cells, 2),
        "cls": torch.randint(0, CLASSES, cells),
    }
    return {"model": TinyYolo(), "batch": torch.rand(8, 3, 64, 64), "target": target, "loss": yolo_loss}
