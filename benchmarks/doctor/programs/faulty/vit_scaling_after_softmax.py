"""A vision transformer divides by sqrt(d) after the softmax, not before it: at init each query already looks at one key."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("D05",)
ALLOWED = ()
SOURCES = (
    "https://github.com/FrancescoSaverioZuppichini/ViT/issues/2",
    "https://github.com/mlc-ai/mlc-llm/pull/3426",
)


class MultiHeadAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries, self.keys, self.values = (nn.Linear(width, width) for _ in range(3))
        self.projection = nn.Linear(width, width)
        self.scaling = (width // heads) ** -0.5
        for linear in (self.queries, self.keys, self.values):
            nn.init.xavier_uniform_(linear.weight)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.queries, self.keys, self.values))
        energy = torch.einsum("bhqd, bhkd -> bhqk", q, k)
        attention = F.softmax(energy, dim=-1) * self.scaling
        y: Tensor = self.projection((attention @ v).transpose(1, 2).flatten(2))
        return y


class ViT(nn.Module):
    def __init__(self, width: int = 256, classes: int = 10) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, stride=4)
        self.position = nn.Parameter(torch.randn(64, width))
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.attention = MultiHeadAttention(width, heads=1)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.head = nn.Linear(width, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.patches(images).flatten(2).transpose(1, 2) + self.position
        x = x + self.attention(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        logits: Tensor = self.head(self.norm3(x).mean(dim=1))
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    images, labels = torch.randn(8, 3, 32, 32), torch.randint(0, 10, (8,))
    return {"model": ViT(), "batch": images, "target": labels, "loss": nn.CrossEntropyLoss()}
