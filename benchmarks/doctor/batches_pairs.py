"""Batches of images, or sounds, with text."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.doctor.batches_images import pixels
from benchmarks.doctor.batches_text import IGNORED, ROWS, boxed_tokens, classes, tokens, words
from benchmarks.doctor.family import Batch, BatchMaker


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
    return {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "pixel_values": pixels(config.vision_config),
        "labels": ids.clone(),
    }


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
    longer = torch.zeros(4, 1, dtype=torch.bool)
    return {"input_ids": ids, "input_features": features, "is_longer": longer, "return_loss": True}
