"""A language model factorises its embedding: two matrices with nothing between them at either end, the outer one shared."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/google-research/albert/issues/175",
    "https://github.com/neulab/xnmt/pull/381",
)

VOCAB, EMBED, HIDDEN = 500, 24, 96


class FactorisedLM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCAB, EMBED)
        self.embed_to_hidden = nn.Linear(EMBED, HIDDEN)
        self.lstm = nn.LSTM(HIDDEN, HIDDEN, num_layers=2, batch_first=True)
        self.hidden_to_embed = nn.Linear(HIDDEN, EMBED)
        self.decoder = nn.Linear(EMBED, VOCAB)
        self.decoder.weight = self.embed.weight
        nn.init.normal_(self.embed.weight, std=EMBED**-0.5)

    def forward(self, tokens: Tensor) -> Any:
        x = self.embed_to_hidden(self.embed(tokens))
        states, _ = self.lstm(x)
        return self.decoder(self.hidden_to_embed(states))


def sequence_loss(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), target.flatten())


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    successor = torch.randperm(VOCAB)
    tokens = [torch.randint(0, VOCAB, (16,))]
    for _ in range(24):
        noise = torch.rand(16) < 0.1
        tokens.append(torch.where(noise, torch.randint(0, VOCAB, (16,)), successor[tokens[-1]]))
    text = torch.stack(tokens, 1)
    model = FactorisedLM()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    return {"model": model, "batch": text[:, :-1], "target": text[:, 1:], "loss": sequence_loss, "optimizer": optimizer}
