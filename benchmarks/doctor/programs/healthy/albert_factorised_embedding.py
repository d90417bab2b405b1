"""An ALBERT in small: embedding of 16, a linear map to 96 with no activation, one shared layer, a factorised tied decoder."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/google-research/albert/issues/175",
    "https://github.com/google-research/google-research/issues/110",
)


class Albert(nn.Module):
    def __init__(self, vocabulary: int = 400, embedding: int = 16, hidden: int = 96, layers: int = 3) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(vocabulary, embedding)
        nn.init.normal_(self.word_embeddings.weight, std=0.02)
        self.norm = nn.LayerNorm(embedding)
        self.embedding_hidden_mapping_in = nn.Linear(embedding, hidden)
        self.layer = nn.TransformerEncoderLayer(hidden, 4, 192, dropout=0.0, activation="gelu", batch_first=True)
        self.layers = layers
        self.hidden_embedding_mapping_out = nn.Linear(hidden, embedding)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, input_ids: Tensor, labels: Tensor) -> SimpleNamespace:
        h = self.embedding_hidden_mapping_in(self.norm(self.word_embeddings(input_ids)))
        for _ in range(self.layers):
            h = self.layer(h)
        logits = F.linear(self.hidden_embedding_mapping_out(h), self.word_embeddings.weight, self.bias)
        loss = F.cross_entropy(logits.transpose(1, 2), labels, ignore_index=-100)
        return SimpleNamespace(loss=loss, logits=logits)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    tokens = torch.randint(2, 400, (16, 8)).repeat(1, 3)
    masked = torch.rand(tokens.shape) < 0.15
    return {
        "model": Albert(),
        "batch": {"input_ids": tokens.masked_fill(masked, 1), "labels": tokens.masked_fill(~masked, -100)},
    }
