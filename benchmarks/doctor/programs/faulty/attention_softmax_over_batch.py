"""Attention over time whose softmax runs over axis 0, the batch: the samples compete, not the time steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L12",)
ALLOWED = ()
SOURCES = (
    "https://github.com/PetrochukM/PyTorch-NLP/issues/2",
    "https://github.com/keon/seq2seq/pull/6",
)


class DotAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.softmax = nn.Softmax(dim=0)

    def forward(self, query: Tensor, states: Tensor) -> Tensor:
        scores = torch.bmm(states, query.unsqueeze(2)).squeeze(2)
        weights = self.softmax(scores)
        return torch.bmm(weights.unsqueeze(1), states).squeeze(1)


class Sentiment(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(400, 32)
        self.rnn = nn.LSTM(32, 64, batch_first=True)
        self.attention = DotAttention()
        self.fc = nn.Linear(128, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        states, (last, _) = self.rnn(self.embedding(tokens))
        context = self.attention(last[-1], states)
        logits: Tensor = self.fc(torch.cat([context, last[-1]], dim=1))
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    return {
        "model": Sentiment(),
        "batch": torch.randint(0, 400, (32, 24)),
        "target": torch.randint(0, 2, (32,)),
        "loss": nn.CrossEntropyLoss(),
    }
