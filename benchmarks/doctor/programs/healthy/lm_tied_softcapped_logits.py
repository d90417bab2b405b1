"""A language model with tied embeddings caps its logits by 30 * tanh(x / 30): bounded, and far from any floor of the loss."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/marin-community/marin/issues/5224",
    "https://github.com/tdrussell/qlora-pipe/issues/18",
)


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (t.unflatten(-1, (self.heads, -1)).transpose(1, 2) for t in self.qkv(self.norm1(x)).chunk(3, dim=-1))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        x = x + self.out(attended)
        y: Tensor = x + self.mlp(self.norm2(x))
        return y


class LanguageModel(nn.Module):
    def __init__(self, vocabulary: int = 128, width: int = 64, cap: float = 30.0) -> None:
        super().__init__()
        self.cap = cap
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.Sequential(Block(width, 4), Block(width, 4))
        self.norm = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        logits = self.lm_head(self.norm(self.blocks(self.embedding(tokens))))
        return self.cap * torch.tanh(logits / self.cap)


def next_token_loss(logits: Tensor, tokens: Tensor) -> Tensor:
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    tokens = (torch.randint(0, 128, (16, 1)) + 3 * torch.arange(32)) % 128
    return {"model": LanguageModel(), "batch": tokens, "target": tokens, "loss": next_token_loss}
