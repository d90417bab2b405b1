"""CLIP: log_softmax over both axes of the batch's similarity matrix, one of them the batch axis, on purpose."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/lucidrains/DALLE-pytorch/issues/32",
    "https://github.com/huggingface/transformers/pull/20336",
)


class CLIP(nn.Module):
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.vision = nn.Sequential(
            nn.Conv2d(3, 32, 4, 4), nn.ReLU(), nn.Conv2d(32, 64, 2, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )
        self.words = nn.EmbeddingBag(300, 64)
        self.image_projection = nn.Linear(64, width, bias=False)
        self.text_projection = nn.Linear(64, width, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, images: Tensor, texts: Tensor) -> Tensor:
        image = F.normalize(self.image_projection(self.vision(images)), dim=-1)
        text = F.normalize(self.text_projection(F.relu(self.words(texts))), dim=-1)
        return self.logit_scale.exp() * image @ text.t()


def contrastive_loss(similarity: Tensor, _: None = None) -> Tensor:
    rows = torch.diag(F.log_softmax(similarity, dim=1))
    columns = torch.diag(F.log_softmax(similarity, dim=0))
    return -(rows.mean() + columns.mean()) / 2


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    texts = torch.randint(0, 300, (48, 6))
    images = torch.randn(48, 3, 16, 16) + texts.float().mean(1).view(-1, 1, 1, 1) / 100 - 1.5
    return {"model": CLIP(), "batch": (images, texts), "target": None, "loss": contrastive_loss}
