"""A GAN's generator step: tanh images between -1 and 1 into a frozen discriminator, whose logit meets BCEWithLogitsLoss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/AlexiaJM/RelativisticGAN/issues/19",
    "https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix/issues/522",
)


class GeneratorStep(nn.Module):
    def __init__(self, latent: int = 32) -> None:
        super().__init__()
        self.generator = nn.Sequential(
            nn.ConvTranspose2d(latent, 64, 4, 1, 0, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(True),
            nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(True),
            nn.ConvTranspose2d(32, 3, 4, 2, 1, bias=False),
            nn.Tanh(),
        )
        self.discriminator = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(32, 64, 4, 2, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(64, 1, 4, 1, 0, bias=False),
        )
        self.discriminator.requires_grad_(False)

    def forward(self, noise: Tensor) -> Tensor:
        logits: Tensor = self.discriminator(self.generator(noise))
        return logits.view(-1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    step = GeneratorStep()
    return {
        "model": step,
        "batch": torch.randn(32, 32, 1, 1),
        "target": torch.ones(32),
        "loss": nn.BCEWithLogitsLoss(),
        "optimizer": torch.optim.Adam(step.generator.parameters(), lr=2e-4, betas=(0.5, 0.999)),
    }
