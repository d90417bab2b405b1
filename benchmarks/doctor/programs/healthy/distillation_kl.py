"""Distillation: log_softmax of the student against softmax of a frozen teacher at temperature 4, plus the labels' share."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/haitongli/knowledge-distillation-pytorch/issues/2",
    "https://github.com/lucidrains/vit-pytorch/issues/289",
)

TEMPERATURE = 4.0


class Distiller(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.teacher = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
        self.student = nn.Sequential(nn.Linear(64, 24), nn.SiLU(), nn.Linear(24, 10))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            teacher = self.teacher(x)
        return self.student(x), teacher


def distillation_loss(output: tuple[Tensor, Tensor], target: Tensor) -> Tensor:
    student, teacher = output
    soft = F.kl_div(
        F.log_softmax(student / TEMPERATURE, dim=1), F.softmax(teacher / TEMPERATURE, dim=1), reduction="batchmean"
    )
    return 0.7 * TEMPERATURE**2 * soft + 0.3 * F.cross_entropy(student, target)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    batch, target = torch.tensor(x[:512], dtype=torch.float32) / 16, torch.tensor(y[:512])
    model = Distiller()
    teaching = torch.optim.Adam(model.teacher.requires_grad_(True).parameters(), lr=1e-2)
    for _ in range(40):
        teaching.zero_grad()
        F.cross_entropy(model.teacher(batch), target).backward()
        teaching.step()
    model.teacher.requires_grad_(False)
    return {
        "model": model,
        "batch": batch,
        "target": target,
        "loss": distillation_loss,
        "optimizer": torch.optim.Adam(model.student.parameters(), lr=5e-3),
    }
