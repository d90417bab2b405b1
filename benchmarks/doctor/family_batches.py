"""Batches of random data for the families: text, images, sound and series, with the labels of their tasks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from benchmarks.doctor.family import Batch, BatchMaker

ROWS = 8
LENGTH = 24
FIRST_WORD = 6  # smaller numbers are left to padding, start, end and mask
MASK = 4
IGNORED = -100


def words(vocab_size: int, rows: int = ROWS, length: int = LENGTH) -> Tensor:
    return torch.randint(FIRST_WORD, vocab_size, (rows, length))


def tokens(config: Any) -> Batch:
    """Sentences of which every second is six words shorter than the others, and padded."""
    ids = words(config.vocab_size)
    mask = torch.ones_like(ids)
    mask[::2, -6:] = 0
    return {"input_ids": ids.masked_fill(mask == 0, getattr(config, "pad_token_id", None) or 0), "attention_mask": mask}


def classes(config: Any, *shape: int) -> Tensor:
    return torch.randint(0, config.num_labels, shape)


def sequence_labels(config: Any) -> Batch:
    return {**tokens(config), "labels": classes(config, ROWS)}


def ended_sequence_labels(config: Any) -> Batch:
    """Every sentence ends in one end-of-sequence token: BART classifies by its state."""
    ids = words(config.vocab_size)
    ids[:, -1] = config.eos_token_id
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": classes(config, ROWS)}


def unpadded(make: BatchMaker) -> BatchMaker:
    """The batch without its attention mask, for models that take none."""
    return lambda config: {key: value for key, value in make(config).items() if key != "attention_mask"}


def multi_labels(config: Any) -> Batch:
    return {**tokens(config), "labels": torch.randint(0, 2, (ROWS, config.num_labels)).float()}


def scores(config: Any) -> Batch:
    return {**tokens(config), "labels": torch.randn(ROWS)}


def token_labels(config: Any) -> Batch:
    batch = tokens(config)
    return {**batch, "labels": classes(config, ROWS, LENGTH).masked_fill(batch["attention_mask"] == 0, IGNORED)}


def masked_words(config: Any) -> Batch:
    batch = tokens(config)
    ids, real = batch["input_ids"], batch["attention_mask"] == 1
    hidden = (torch.rand(ids.shape) < 0.25) & real
    return {**batch, "input_ids": ids.masked_fill(hidden, MASK), "labels": ids.masked_fill(~hidden, IGNORED)}


def spans(config: Any) -> Batch:
    start = torch.randint(0, LENGTH // 2, (ROWS,))
    return {**tokens(config), "start_positions": start, "end_positions": start + 3}


def next_words(config: Any) -> Batch:
    ids = words(config.vocab_size)
    return {"input_ids": ids, "labels": ids.clone()}


def translation(config: Any) -> Batch:
    return {**tokens(config), "labels": words(config.vocab_size, length=LENGTH // 2)}


def translation_given(config: Any) -> Batch:
    """With the decoder's words spelled out, for models that do not take them from the labels."""
    labels = words(config.tgt_vocab_size, length=LENGTH // 2)
    return {**tokens(config), "labels": labels, "decoder_input_ids": labels}


def bytes_labels(config: Any) -> Batch:
    """Characters by code point, long enough to be downsampled."""
    return {"input_ids": torch.randint(32, 1000, (ROWS, 64)), "labels": classes(config, ROWS)}


def boxed_tokens(config: Any) -> Batch:
    """Words with the boxes that they have on a page."""
    corner = torch.randint(0, 500, (ROWS, LENGTH, 2))
    return {**token_labels(config), "bbox": torch.cat([corner, corner + 100], -1)}


def pixels(config: Any, size: int | None = None, rows: int = ROWS) -> Tensor:
    side = size or config.image_size
    return torch.randn(rows, 3, side, side)


def image_labels(size: int | None = None) -> BatchMaker:
    return lambda config: {"pixel_values": pixels(config, size), "labels": classes(config, ROWS)}


def image_multi_labels(size: int | None = None) -> BatchMaker:
    return lambda config: {"pixel_values": pixels(config, size), "labels": torch.randint(0, 2, (ROWS, config.num_labels)).float()}  # fmt: skip


def codes(config: Any) -> Batch:
    """Images as their colours' numbers."""
    return {"input_ids": torch.randint(0, config.vocab_size - 1, (ROWS, 48)), "labels": classes(config, ROWS)}


def pixel_labels(size: int, rows: int = 4) -> BatchMaker:
    return lambda config: {"pixel_values": pixels(config, size, rows), "labels": classes(config, rows, size, size)}


def depths(size: int, rows: int = 4) -> BatchMaker:
    return lambda config: {"pixel_values": pixels(config, size, rows), "labels": torch.rand(rows, size, size) + 0.5}


def hidden_patches(config: Any) -> Batch:
    return {"pixel_values": pixels(config)}


def boxes(size: int, rows: int = 4) -> BatchMaker:
    """Three objects an image, their boxes as centre and extent in parts of the image."""

    def make(config: Any) -> Batch:
        objects = [
            {"class_labels": classes(config, 3), "boxes": torch.cat([torch.rand(3, 2) * 0.4 + 0.3, torch.rand(3, 2) * 0.2 + 0.1], -1)}
            for _ in range(rows)
        ]  # fmt: skip
        return {"pixel_values": pixels(config, size, rows), "labels": objects}

    return make


def masks(size: int, rows: int = 4) -> BatchMaker:
    """Two segments an image, each with its class."""

    def make(config: Any) -> Batch:
        left = (torch.arange(size) < size // 2).float().expand(size, size)
        return {
            "pixel_values": pixels(config, size, rows),
            "mask_labels": [torch.stack([left, 1 - left]) for _ in range(rows)],
            "class_labels": [torch.randperm(config.num_labels)[:2] for _ in range(rows)],
        }

    return make


def video_labels(config: Any) -> Batch:
    frames = torch.randn(4, config.num_frames, 3, config.image_size, config.image_size)
    return {"pixel_values": frames, "labels": classes(config, 4)}


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


def pairs(config: Any) -> Batch:
    """Images with their captions, for a contrastive loss. The last word ends the caption: CLIP pools there."""
    text = config.text_config
    ids = words(text.vocab_size - 1, length=16)
    ids[:, -1] = text.vocab_size - 1
    return {"input_ids": ids, "pixel_values": pixels(config.vision_config), "return_loss": True}


def captions(config: Any) -> Batch:
    """Images with captions that the model itself is to write."""
    text = getattr(config, "text_config", config)
    ids = words(text.vocab_size, length=16)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values": pixels(config.vision_config), "labels": ids.clone()}  # fmt: skip


def image_prompt(patches: int, listed: bool = False) -> BatchMaker:
    """A row of image tokens, which the vision tower's features replace, and words after them. ``listed``: a list of images a row."""

    def make(config: Any) -> Batch:
        ids = words(config.image_token_id, 4, 12)
        image = torch.full((4, patches), config.image_token_id)
        return {
            "input_ids": torch.cat([image, ids], 1),
            "attention_mask": torch.ones(4, patches + 12, dtype=torch.long),
            "pixel_values": pixels(config.vision_config, rows=4).unsqueeze(1)
            if listed
            else pixels(config.vision_config, rows=4),
            "labels": torch.cat([torch.full_like(image, IGNORED), ids], 1),
        }

    return make


def asked_images(config: Any) -> Batch:
    """Questions with every right answer's weight."""
    answers = torch.randint(0, 2, (ROWS, config.num_labels)).float()
    return {**tokens(config), "pixel_values": pixels(config), "labels": answers}


def region_questions(config: Any) -> Batch:
    """Questions about the features of six regions, which a detector has found."""
    return {
        **tokens(config),
        "visual_embeds": torch.randn(ROWS, 6, config.visual_embedding_dim),
        "labels": classes(config, ROWS),
    }


def pages(config: Any) -> Batch:
    return {**boxed_tokens(config), "pixel_values": pixels(config, config.input_size)}


def read_images(config: Any) -> Batch:
    return {"pixel_values": pixels(config.encoder), "labels": words(config.decoder.vocab_size, length=12)}


def flat_patches(config: Any) -> Batch:
    """Patches with their row and column before them."""
    vision = config.vision_config
    place = torch.stack([torch.arange(16) // 4 + 1, torch.arange(16) % 4 + 1], -1).float().expand(ROWS, 16, 2)
    patches = torch.cat([place, torch.randn(ROWS, 16, vision.patch_embed_hidden_size)], -1)
    return {"flattened_patches": patches, "labels": words(config.text_config.vocab_size, length=12)}


def sound_pairs(config: Any) -> Batch:
    """Spectrograms with their descriptions, for a contrastive loss."""
    ids = words(config.text_config.vocab_size, 4, 16)
    features = torch.randn(4, 1, 256, config.audio_config.num_mel_bins)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "input_features": features, "is_longer": torch.zeros(4, 1, dtype=torch.bool), "return_loss": True}  # fmt: skip


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
