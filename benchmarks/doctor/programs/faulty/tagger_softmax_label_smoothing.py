"""A transformer tagger returns probabilities (softmax in float64, cast back); its loss flattens them into F.cross_entropy."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L01",)
ALLOWED = ()
SOURCES = (
    "https://github.com/bowang-lab/Transformer-GCN-QA/pull/32",
    "https://github.com/mlelarge/graph_neural_net/pull/37",
)

PAD, VOCABULARY, TAGS = 0, 200, 12


class Tagger(nn.Module):
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width, padding_idx=PAD)
        self.position = nn.Parameter(0.02 * torch.randn(24, width))
        layer = nn.TransformerEncoderLayer(width, 4, 128, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.tag = nn.Linear(width, TAGS)

    def forward(self, tokens: Tensor, padding: Tensor) -> Tensor:
        hidden = self.encoder(self.embedding(tokens) + self.position, src_key_padding_mask=padding)
        scores: Tensor = self.tag(hidden)
        # The sum over tags is taken in double precision, as if it were needed.
        return F.softmax(scores.double(), dim=-1).to(scores.dtype)


def token_loss(probabilities: Tensor, tags: Tensor) -> Tensor:
    return F.cross_entropy(probabilities.view(-1, TAGS), tags.view(-1), ignore_index=-100, label_smoothing=0.1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    tokens = torch.randint(1, VOCABULARY, (32, 24))
    lengths = torch.randint(8, 25, (32, 1))
    padding = torch.arange(24) >= lengths
    tags = (tokens % TAGS).masked_fill(padding, -100)
    return {
        "model": Tagger(),
        "batch": {"tokens": tokens.masked_fill(padding, PAD), "padding": padding},
        "target": tags,
        "loss": token_loss,
    }
