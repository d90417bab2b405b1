"""A mixture of experts: a hidden softmax chooses two of eight experts a token, and a balance loss comes with the output."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = ("https://github.com/davidmrau/mixture-of-experts/issues/32",)


class MixtureOfExperts(nn.Module):
    def __init__(self, width: int, experts: int = 8, k: int = 2) -> None:
        super().__init__()
        self.k = k
        self.router = nn.Linear(width, experts, bias=False)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)) for _ in range(experts)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        probabilities = F.softmax(self.router(x), dim=-1)
        weights, chosen = probabilities.topk(self.k, dim=-1)
        weights = weights / weights.sum(-1, keepdim=True)
        y = torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            token, slot = (chosen == i).nonzero(as_tuple=True)
            y = y.index_add(0, token, weights[token, slot, None] * expert(x[token]))
        load = F.one_hot(chosen, len(self.experts)).float().mean(dim=(0, 1))
        return y, len(self.experts) * (load * probabilities.mean(0)).sum()


class TokenClassifier(nn.Module):
    def __init__(self, vocabulary: int = 200, width: int = 32, classes: int = 6) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.norm = nn.LayerNorm(width)
        self.moe = MixtureOfExperts(width)
        self.head = nn.Linear(width, classes)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        x = self.embedding(tokens.flatten())
        y, balance = self.moe(self.norm(x))
        return self.head(x + y), balance


def loss(output: tuple[Tensor, Tensor], target: Tensor) -> Tensor:
    logits, balance = output
    return F.cross_entropy(logits, target.flatten()) + 0.01 * balance


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    tokens = torch.randint(0, 200, (16, 24))
    return {"model": TokenClassifier(), "batch": tokens, "target": tokens % 6, "loss": loss}
