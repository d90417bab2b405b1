"""A pointer-generator mixes two softmaxes with a sigmoid gate and takes the logarithm itself before NLLLoss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/pytorch/pytorch/issues/1620",
    "https://github.com/abisee/pointer-generator/issues/54",
)

VOCAB = 150


class PointerGenerator(nn.Module):
    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCAB, hidden)
        self.encoder = nn.LSTM(hidden, hidden // 2, bidirectional=True, batch_first=True)
        self.decoder = nn.LSTM(hidden, hidden, batch_first=True)
        self.w_h, self.w_s = nn.Linear(hidden, hidden, bias=False), nn.Linear(hidden, hidden)
        self.v = nn.Linear(hidden, 1, bias=False)
        self.generate = nn.Sequential(nn.Linear(2 * hidden, hidden), nn.Tanh(), nn.Linear(hidden, VOCAB))
        self.p_gen = nn.Linear(3 * hidden, 1)

    def forward(self, source: Tensor, shifted: Tensor) -> Tensor:
        h, _ = self.encoder(self.embed(source))
        x = self.embed(shifted)
        s, _ = self.decoder(x)
        energy = self.v(torch.tanh(self.w_h(h).unsqueeze(1) + self.w_s(s).unsqueeze(2))).squeeze(-1)
        attention = energy.softmax(-1)
        context = attention @ h
        p_gen = torch.sigmoid(self.p_gen(torch.cat([context, s, x], -1)))
        vocabulary = self.generate(torch.cat([s, context], -1)).softmax(-1)
        positions = source.unsqueeze(1).expand(-1, shifted.size(1), -1)
        final = (p_gen * vocabulary).scatter_add(2, positions, (1 - p_gen) * attention)
        return torch.log(final + 1e-12).transpose(1, 2)  # NLLLoss wants the classes second


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    source = torch.randint(2, VOCAB, (32, 16))
    summary = source[:, ::2]
    shifted = torch.cat([torch.ones(32, 1, dtype=torch.long), summary[:, :-1]], 1)
    return {"model": PointerGenerator(), "batch": (source, shifted), "target": summary, "loss": nn.NLLLoss()}
