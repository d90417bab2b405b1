"""Batches of random sound and of random series, with the labels of their tasks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from benchmarks.doctor.batches_text import FIRST_WORD, ROWS, classes, words
from benchmarks.doctor.family import Batch, BatchMaker


def sound(rows: int = 4, samples: int = 4000) -> Tensor:
    return torch.randn(rows, samples)


def sound_labels(config: Any) -> Batch:
    return {"input_values": sound(), "labels": classes(config, 4)}


def transcripts(config: Any) -> Batch:
    return {"input_values": sound(), "labels": torch.randint(FIRST_WORD, config.vocab_size, (4, 5))}


def spectrogram_transcripts(bins: int, frames: int, masked: bool = False) -> BatchMaker:
    """Time second, as in wav2vec2-bert and speech-to-text."""

    def make(config: Any) -> Batch:
        batch = {
            "input_features": torch.randn(4, frames, bins),
            "labels": torch.randint(FIRST_WORD, config.vocab_size - 1, (4, 5)),
        }
        return {**batch, "attention_mask": torch.ones(4, frames, dtype=torch.long)} if masked else batch

    return make


def spectrogram_labels(config: Any) -> Batch:
    return {"input_values": torch.randn(ROWS, config.max_length, config.num_mel_bins), "labels": classes(config, ROWS)}


def translation_of_sound(config: Any) -> Batch:
    return {"input_values": sound(samples=8000), "labels": words(config.vocab_size, 4, 10)}


def mel_transcripts(config: Any) -> Batch:
    """Bins second, as in Whisper."""
    features = torch.randn(4, config.num_mel_bins, 2 * config.max_source_positions)
    return {"input_features": features, "labels": words(config.vocab_size, 4, 10)}


def forecasts(config: Any) -> Batch:
    """A past with the lags before it, and the future to be foretold, with two features of time."""
    past = config.context_length + max(config.lags_sequence)
    return {
        "past_values": torch.randn(ROWS, past),
        "past_time_features": torch.randn(ROWS, past, config.num_time_features),
        "past_observed_mask": torch.ones(ROWS, past),
        "future_values": torch.randn(ROWS, config.prediction_length),
        "future_time_features": torch.randn(ROWS, config.prediction_length, config.num_time_features),
    }


def patch_forecasts(config: Any) -> Batch:
    channels = config.num_input_channels
    return {
        "past_values": torch.randn(ROWS, config.context_length, channels),
        "future_values": torch.randn(ROWS, config.prediction_length, channels),
    }
