"""A vision transformer of 12 blocks whose branches start scaled by 1e-5 (LayerScale): tiny gradients inside, by design."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/facebookresearch/ConvNeXt/issues/27",
    "https://github.com/facebookresearch/deit/issues/122",
)


class LayerScaleBlock(nn.Module):
    def __init__(self, width: int, heads: int, init: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.gamma1 = nn.Parameter(init * torch.ones(width))
        self.gamma2 = nn.Parameter(init * torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm1(x)
        x = x + self.gamma1 * self.attention(h, h, h, need_weights=False)[0]
        y: Tensor = x + self.gamma2 * self.mlp(self.norm2(x))
        return y


class CaiT(nn.Module):
    def __init__(self, width: int = 48, depth: int = 12, classes: int = 10) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, stride=8)
        self.position = nn.Parameter(0.02 * torch.randn(1, 16, width))
        self.blocks = nn.Sequential(*(LayerScaleBlock(width, 4, 1e-5) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.patches(images).flatten(2).transpose(1, 2) + self.position
        logits: Tensor = self.head(self.norm(self.blocks(x)).mean(dim=1))
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = CaiT()
    return {
        "model": model,
        "batch": torch.randn(16, 3, 32, 32),
        "target": torch.randint(0, 10, (16,)),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.AdamW(model.parameters(), lr=1e-3),
    }
