"""A diffusion transformer whose modulation and output layer start at zero: all gradients but the last layer's are zero at first."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/facebookresearch/DiT/issues/82",
    "https://github.com/atong01/conditional-flow-matching/issues/134",
)


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return x * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


class Block(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(dim, elementwise_affine=False) for _ in range(2))
        self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(approximate="tanh"), nn.Linear(4 * dim, dim))
        modulation = nn.Linear(dim, 6 * dim)
        nn.init.zeros_(modulation.weight)
        nn.init.zeros_(modulation.bias)
        self.modulation = nn.Sequential(nn.SiLU(), modulation)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulation(c).chunk(6, dim=1)
        h = modulate(self.norm1(x), shift1, scale1)
        x = x + gate1.unsqueeze(1) * self.attention(h, h, h, need_weights=False)[0]
        x = x + gate2.unsqueeze(1) * self.mlp(modulate(self.norm2(x), shift2, scale2))
        return x


class DiT(nn.Module):
    def __init__(self, dim: int = 64, depth: int = 3, patch: int = 4) -> None:
        super().__init__()
        self.patchify = nn.Conv2d(1, dim, patch, stride=patch)
        self.position = nn.Parameter(0.02 * torch.randn(1, 16, dim))
        self.time = nn.Sequential(nn.Linear(32, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.blocks = nn.ModuleList(Block(dim) for _ in range(depth))
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, patch * patch)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        angles = t[:, None] * torch.exp(-math.log(10000.0) * torch.arange(16) / 16)
        c = self.time(torch.cat([angles.cos(), angles.sin()], dim=1))
        x = self.patchify(x).flatten(2).mT + self.position
        for block in self.blocks:
            x = checkpoint(block, x, c, use_reentrant=False)
        patches: Tensor = self.out(self.norm(x))
        return F.fold(patches.mT, (16, 16), 4, stride=4)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    clean = torch.sin(torch.linspace(0, 6, 16) + 6 * torch.rand(32, 1, 16, 1)).expand(-1, -1, -1, 16)
    t, noise = torch.randint(0, 1000, (32,)), torch.randn(32, 1, 16, 16)
    kept = torch.cos(t / 1000 * math.pi / 2)[:, None, None, None]
    model = DiT()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    batch = (kept * clean + (1 - kept**2).sqrt() * noise, t.float())
    return {"model": model, "batch": batch, "target": noise, "loss": nn.MSELoss(), "optimizer": optimizer}
