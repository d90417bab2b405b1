"""A text CNN ends with softmax, its loss is NLLLoss: probabilities where log-probabilities belong, the loss is negative."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L03",)
ALLOWED = ()
SOURCES = (
    "https://github.com/AnubhavGupta3377/Text-Classification-Models-Pytorch/issues/9",
    "https://github.com/clvrai/ACGAN-PyTorch/pull/4",
)


class TextCNN(nn.Module):
    def __init__(self, vocabulary: int = 500, width: int = 32, classes: int = 5) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.convolutions = nn.ModuleList(nn.Conv1d(width, 24, k) for k in (3, 4, 5))
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(72, classes)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens).transpose(1, 2)
        pooled = [torch.relu(conv(x)).amax(dim=2) for conv in self.convolutions]
        scores: Tensor = self.fc(self.dropout(torch.cat(pooled, dim=1)))
        return scores.softmax(dim=1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = TextCNN()
    return {
        "model": model,
        "batch": torch.randint(0, 500, (64, 40)),
        "target": torch.randint(0, 5, (64,)),
        "loss": nn.NLLLoss(),
        "optimizer": torch.optim.Adam(model.parameters()),
    }
