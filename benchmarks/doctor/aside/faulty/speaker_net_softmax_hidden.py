"""A speaker classifier on MFCC frames uses softmax as the activation of its last hidden layer."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

EXPECTED = ("S04",)
ALLOWED = ()
SOURCES = ("https://github.com/ubclaunchpad/minutes/issues/133",)

SPEAKERS = 12


def speaker_net() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(20, 32, 5, padding=2),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.MaxPool1d(4),
        nn.Conv1d(32, 64, 5, padding=2),
        nn.BatchNorm1d(64),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(4),
        nn.Flatten(),
        nn.Linear(256, 128),
        nn.Softmax(dim=1),
        nn.Linear(128, SPEAKERS),
    )


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = speaker_net()
    speaker = torch.arange(96) % SPEAKERS
    voices = torch.randn(SPEAKERS, 20, 1)
    frames = voices[speaker] + torch.randn(96, 20, 128)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return {"model": model, "batch": frames, "target": speaker, "loss": "cross_entropy", "optimizer": optimizer}
