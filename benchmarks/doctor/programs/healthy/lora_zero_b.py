"""LoRA adapters on a frozen MLP: B starts at 0, so A has no gradient in the first step, and the base never has any."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/microsoft/LoRA/issues/59",
    "https://github.com/microsoft/LoRA/issues/98",
)


class LoRALinear(nn.Module):
    def __init__(self, base: nn.Linear, rank: int = 4, alpha: float = 16.0) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.lora_a = nn.Linear(base.in_features, rank, bias=False)
        self.lora_b = nn.Linear(rank, base.out_features, bias=False)
        nn.init.zeros_(self.lora_b.weight)
        self.scaling = alpha / rank

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.base(x) + self.scaling * self.lora_b(self.lora_a(x))
        return y


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    batch, target = torch.tensor(x[:512], dtype=torch.float32) / 16, torch.tensor(y[:512])
    pretrained = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(pretrained.parameters(), lr=1e-2)
    rotated = batch.view(-1, 8, 8).rot90(1, (1, 2)).flatten(1)
    for _ in range(15):  # pretrained on digits that lie on their side
        optimizer.zero_grad()
        nn.functional.cross_entropy(pretrained(rotated), target).backward()
        optimizer.step()
    adapted = nn.Sequential(*(LoRALinear(m) if isinstance(m, nn.Linear) else m for m in pretrained))
    trainable = [p for p in adapted.parameters() if p.requires_grad]
    return {
        "model": adapted,
        "batch": batch,
        "target": target,
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.AdamW(trainable, lr=5e-3),
    }
