"""A fully convolutional network hands raw score maps to BCELoss: the sigmoid was forgotten (the loss raises out of [0, 1])."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L07",)
ALLOWED = ()
SOURCES = ("https://github.com/yunlongdong/FCN-pytorch/issues/7",)


class FCN8s(nn.Module):
    def __init__(self, n_class: int) -> None:
        super().__init__()
        self.stage1 = self._stage(3, 16)
        self.stage2 = self._stage(16, 32)
        self.stage3 = self._stage(32, 64)
        self.relu = nn.ReLU(inplace=True)
        self.deconv1 = nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)
        self.bn1 = nn.BatchNorm2d(32)
        self.deconv2 = nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1)
        self.bn2 = nn.BatchNorm2d(16)
        self.deconv3 = nn.ConvTranspose2d(16, 16, 3, stride=2, padding=1, output_padding=1)
        self.bn3 = nn.BatchNorm2d(16)
        self.classifier = nn.Conv2d(16, n_class, kernel_size=1)

    @staticmethod
    def _stage(inputs: int, outputs: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2))

    def forward(self, x: Tensor) -> Any:
        x1 = self.stage1(x)
        x2 = self.stage2(x1)
        score = self.relu(self.deconv1(self.stage3(x2)))
        score = self.bn1(score + x2)
        score = self.relu(self.deconv2(score))
        score = self.bn2(score + x1)
        score = self.bn3(self.relu(self.deconv3(score)))
        return self.classifier(score)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    bag = torch.zeros(4, 2, 64, 64)
    bag[:, 0, 16:48, 16:48] = 1
    bag[:, 1] = 1 - bag[:, 0]
    image = torch.randn(4, 3, 64, 64) + bag[:, :1]
    model = FCN8s(n_class=2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2, momentum=0.7)
    return {"model": model, "batch": image, "target": bag, "loss": nn.BCELoss(), "optimizer": optimizer}
