"""Batches of random images and films, with the labels of their tasks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from benchmarks.doctor.batches_text import ROWS, classes
from benchmarks.doctor.family import Batch, BatchMaker


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
    """Images of four by four squares, each of one class and of that class's shade."""

    def make(config: Any) -> Batch:
        squares = classes(config, rows, 4, 4).repeat_interleave(size // 4, 1).repeat_interleave(size // 4, 2)
        shade = squares.unsqueeze(1) / config.num_labels - 0.5
        return {"pixel_values": pixels(config, size, rows) * 0.5 + 2 * shade, "labels": squares}

    return make


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
