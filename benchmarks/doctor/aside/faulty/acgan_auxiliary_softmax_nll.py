"""The discriminator of an auxiliary-classifier GAN gives NLLLoss the probabilities of its class head, not their logarithms."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L03",)
ALLOWED = ()
SOURCES = (
    "https://github.com/clvrai/ACGAN-PyTorch/pull/4",
    "https://github.com/jamesli1618/Obj-GAN/issues/30",
)


def down(inputs: int, outputs: int, stride: int, norm: bool = True) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    return [conv, *([nn.BatchNorm2d(outputs)] if norm else []), nn.LeakyReLU(0.2, inplace=True), nn.Dropout(0.25)]


class Discriminator(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.main = nn.Sequential(*down(3, 16, 2, norm=False), *down(16, 32, 1), *down(32, 64, 2), *down(64, 128, 2))
        self.fc_dis = nn.Linear(4 * 4 * 128, 1)
        self.fc_aux = nn.Linear(4 * 4 * 128, classes)
        self.softmax = nn.Softmax(dim=1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        flat = self.main(image).view(image.size(0), -1)
        classes = self.softmax(self.fc_aux(flat))
        realfake = self.sigmoid(self.fc_dis(flat)).view(-1)
        return realfake, classes


dis_criterion = nn.BCELoss()
aux_criterion = nn.NLLLoss()


def discriminator_loss(output: tuple[Tensor, Tensor], target: tuple[Tensor, Tensor]) -> Tensor:
    loss: Tensor = dis_criterion(output[0], target[0]) + aux_criterion(output[1], target[1])
    return loss


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = Discriminator()
    images = torch.rand(64, 3, 32, 32) * 2 - 1
    target = ((torch.arange(64) < 32).float(), torch.randint(0, 10, (64,)))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-4, betas=(0.5, 0.999))
    return {"model": model, "batch": images, "target": target, "loss": discriminator_loss, "optimizer": optimizer}
