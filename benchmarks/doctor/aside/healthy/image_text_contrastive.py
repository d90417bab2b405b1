"""A two-tower model scores each image with every caption of the batch, and cross-entropy runs along both batch axes."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/openai/CLIP/issues/301",
    "https://github.com/BAAI-DCAI/M3D/issues/52",
)


class TwoTowers(nn.Module):
    def __init__(self, dim: int = 32) -> None:
        super().__init__()
        self.image = nn.Sequential(
            nn.Conv2d(3, 32, 4, stride=4), nn.GELU(), nn.Flatten(), nn.Linear(32 * 16, 64), nn.GELU(), nn.LayerNorm(64)
        )
        self.words = nn.Embedding(300, 64)
        self.text = nn.GRU(64, 64, batch_first=True)
        self.image_projection = nn.Parameter(torch.randn(64, dim) * 64**-0.5)
        self.text_projection = nn.Parameter(torch.randn(64, dim) * 64**-0.5)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, image: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        seen = F.normalize(self.image(image) @ self.image_projection, dim=-1)
        states, _ = self.text(self.words(tokens))
        read = F.normalize(states[:, -1] @ self.text_projection, dim=-1)
        per_image = self.logit_scale.exp() * seen @ read.t()
        return per_image, per_image.t()


def contrastive_loss(output: tuple[Tensor, Tensor], labels: Tensor) -> Tensor:
    return (F.cross_entropy(output[0], labels) + F.cross_entropy(output[1], labels)) / 2


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = TwoTowers()
    batch = (torch.randn(48, 3, 16, 16), torch.randint(0, 300, (48, 10)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    return {
        "model": model,
        "batch": batch,
        "target": torch.arange(48),
        "loss": contrastive_loss,
        "optimizer": optimizer,
    }
