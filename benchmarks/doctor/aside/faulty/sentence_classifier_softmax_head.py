"""A classifier on a frozen sentence encoder returns softmax probabilities, and CrossEntropyLoss takes them for logits."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L01",)
ALLOWED = ()
SOURCES = ("https://github.com/lansinuote/Huggingface_Toturials/issues/6",)


class Encoder(nn.Module):
    def __init__(self, vocab: int, hidden: int, length: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocab, hidden, padding_idx=0)
        self.positions = nn.Embedding(length, hidden)
        layer = nn.TransformerEncoderLayer(
            hidden, nhead=4, dim_feedforward=4 * hidden, activation="gelu", batch_first=True
        )
        self.layers = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Any:
        x = self.words(input_ids) + self.positions.weight[: input_ids.size(1)]
        return self.layers(x, src_key_padding_mask=attention_mask == 0)


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pretrained = Encoder(vocab=2000, hidden=64, length=48)
        self.pretrained.requires_grad_(False)
        self.fc = nn.Linear(64, 4)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        with torch.no_grad():
            out = self.pretrained(input_ids, attention_mask)
        scores: Tensor = self.fc(out[:, 0])
        return scores.softmax(dim=1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = Model()
    lengths = torch.randint(12, 49, (64, 1))
    mask = (torch.arange(48) < lengths).long()
    target = torch.randint(0, 4, (64,))
    ids = torch.randint(5, 2000, (64, 48))
    ids[:, 0] = target + 1  # a first token that tells the class, so that there is something to learn
    optimizer = torch.optim.AdamW(model.fc.parameters(), lr=5e-4)
    batch = {"input_ids": ids * mask, "attention_mask": mask}
    return {"model": model, "batch": batch, "target": target, "loss": nn.CrossEntropyLoss(), "optimizer": optimizer}
