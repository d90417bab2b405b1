"""A decoder step whose attention softmax runs over axis 0, which is time: the tensors are (time, batch, features)."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = ("https://github.com/pytorch/tutorials/issues/833",)


class AttentionReader(nn.Module):
    def __init__(self, vocabulary: int = 60, hidden: int = 64) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.encoder = nn.GRU(hidden, hidden)
        self.energy = nn.Linear(2 * hidden, 1)
        self.cell = nn.GRUCell(2 * hidden, hidden)
        self.out = nn.Linear(hidden, vocabulary)

    def forward(self, source: Tensor, previous: Tensor) -> Tensor:
        states, last = self.encoder(self.embedding(source))
        state = last[0]
        energy = self.energy(torch.cat([states, state.expand_as(states)], dim=-1))
        weights = F.softmax(energy, dim=0)
        context = (weights * states).sum(dim=0)
        state = self.cell(torch.cat([self.embedding(previous), context], dim=1), state)
        return F.log_softmax(self.out(state), dim=1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    source = torch.randint(0, 60, (12, 48))
    model = AttentionReader()
    return {
        "model": model,
        "batch": (source, torch.zeros(48, dtype=torch.long)),
        "target": source[0],
        "loss": nn.NLLLoss(),
        "optimizer": torch.optim.Adam(model.parameters(), lr=5e-3),
    }
