"""A tour decoder clips its scores with 10·tanh and masks visited nodes with −inf: bounded and infinite, and meant so."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = ("https://github.com/wouterkool/attention-learn-to-route/issues/30",)


class RouteDecoder(nn.Module):
    def __init__(self, dim: int = 64) -> None:
        super().__init__()
        self.embed = nn.Linear(2, dim)
        layer = nn.TransformerEncoderLayer(dim, 4, 128, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.context = nn.Linear(2 * dim, dim, bias=False)
        self.glimpse = nn.MultiheadAttention(dim, 4, batch_first=True)
        self.logit_key = nn.Linear(dim, dim, bias=False)

    def forward(self, nodes: Tensor, current: Tensor, visited: Tensor) -> Tensor:
        h = self.encoder(self.embed(nodes))
        here = h[torch.arange(len(h)), current]
        query = self.context(torch.cat([h.mean(1), here], dim=-1)).unsqueeze(1)
        query, _ = self.glimpse(query, h, h, key_padding_mask=visited)
        compatibility = (query @ self.logit_key(h).mT).squeeze(1) / math.sqrt(h.size(-1))
        logits = 10.0 * torch.tanh(compatibility)
        return logits.masked_fill(visited, -math.inf)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    nodes = torch.rand(64, 20, 2)
    visited = torch.rand(64, 20) < 0.3
    current = torch.randint(0, 20, (64,))
    visited[torch.arange(64), current] = True
    distance = (nodes - nodes[torch.arange(64), current].unsqueeze(1)).norm(dim=-1)
    nearest = distance.masked_fill(visited, math.inf).argmin(1)
    model = RouteDecoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return {
        "model": model,
        "batch": (nodes, current, visited),
        "target": nearest,
        "loss": F.cross_entropy,
        "optimizer": optimizer,
    }
