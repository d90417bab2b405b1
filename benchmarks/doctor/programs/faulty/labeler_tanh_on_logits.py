"""A recurrent labeler squeezes its logits through tanh before cross-entropy: with 30 tags the loss has a floor of 1.59."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L04",)
ALLOWED = ()
SOURCES = (
    "https://github.com/ufal/neuralmonkey/pull/489",
    "https://github.com/keras-team/keras/pull/9579",
)


class Labeler(nn.Module):
    def __init__(self, vocabulary: int = 300, tags: int = 30) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 48)
        self.rnn = nn.GRU(48, 64, batch_first=True, bidirectional=True)
        self.output = nn.Linear(128, tags)

    def forward(self, words: Tensor) -> Tensor:
        states, _ = self.rnn(self.embedding(words))
        logits: Tensor = self.output(states)
        return logits.tanh()


def sequence_loss(logits: Tensor, tags: Tensor) -> Tensor:
    return F.cross_entropy(logits.transpose(1, 2), tags)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    words = torch.randint(0, 300, (32, 20))
    return {"model": Labeler(), "batch": words, "target": words % 30, "loss": sequence_loss}
