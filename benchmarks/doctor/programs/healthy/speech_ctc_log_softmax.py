"""A convolutional and recurrent recogniser (sigmoid gates in the GRU) returns log_softmax, which is what CTCLoss wants."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/pytorch/pytorch/pull/190863",
    "https://github.com/gwx314/STARS/issues/9",
)


class Recogniser(nn.Module):
    def __init__(self, mels: int = 40, hidden: int = 48, characters: int = 20) -> None:
        super().__init__()
        self.conv = nn.Conv1d(mels, hidden, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm1d(hidden)
        self.gru = nn.GRU(hidden, hidden, num_layers=2, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, characters)

    def forward(self, spectrogram: Tensor) -> Tensor:
        x = F.hardtanh(self.norm(self.conv(spectrogram)), 0.0, 20.0)
        states, _ = self.gru(x.permute(2, 0, 1))
        return F.log_softmax(self.fc(states), dim=-1)


def ctc(log_probabilities: Tensor, transcripts: Tensor) -> Tensor:
    time, batch, _ = log_probabilities.shape
    lengths = torch.full((batch,), transcripts.shape[1])
    return F.ctc_loss(log_probabilities, transcripts, torch.full((batch,), time), lengths, zero_infinity=True)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    transcripts = torch.randint(1, 20, (12, 6))
    sounds = torch.randn(20, 40)
    spectrogram = sounds[transcripts].repeat_interleave(10, dim=1).transpose(1, 2) + 0.3 * torch.randn(12, 40, 60)
    return {"model": Recogniser(), "batch": spectrogram, "target": transcripts, "loss": ctc}
