"""Word attention of a question encoder takes the softmax over its one score per word: every weight is 1."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L11",)
ALLOWED = ("D01",)  # what computes the scores gets a gradient of exactly zero
SOURCES = (
    "https://github.com/DEEP-PolyU/KEQA_WSDM19/issues/2",
    "https://github.com/Amshaker/SwiftFormer/issues/2",
)


class HeadEntityEncoder(nn.Module):
    def __init__(self, vocab: int = 800, embed: int = 50, hidden: int = 40, target: int = 32) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab, embed)
        self.lstm = nn.LSTM(embed, hidden, num_layers=2, dropout=0.3, bidirectional=True)
        self.attn = nn.Sequential(nn.Linear(embed + 2 * hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.hidden2tag = nn.Sequential(nn.Linear(embed + 2 * hidden, hidden), nn.ReLU(), nn.Linear(hidden, target))

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed(words.t())  # time first
        outputs, _ = self.lstm(x)
        length, batch, _ = outputs.shape
        scores = self.attn(torch.cat((x, outputs), 2).view(length * batch, -1))
        weights = F.softmax(scores, dim=1).view(length, batch, 1)
        attended = torch.cat((x, weights * outputs), 2)
        tags: Tensor = self.hidden2tag(attended)
        return tags.mean(0)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    entities = 0.5 * torch.randn(800, 32)
    words = torch.randint(0, 800, (64, 12))
    return {"model": HeadEntityEncoder(), "batch": words, "target": entities[words[:, 3]], "loss": "mse"}
