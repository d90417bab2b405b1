"""Batches of random sentences, with the labels of their tasks."""

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
