"""How sharp the rows of a softmax are: near-uniform, or all weight on one place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

ROWS: Final = 512  # rows looked at, evenly spread
QUERIES: Final = 64  # of each head of the first sample, where attention is one fused operation
LEAST: Final = 8  # places that a row needs, to be judged
MASKED: Final = -9e3  # a score below stands for a masked place: -inf, the least float16, or -10,000


@dataclass(frozen=True)
class Rows:
    """Of the rows with at least :data:`LEAST` places that are not masked."""

    rows: int
    entropy: float  # mean of entropy / log(places): 1 is uniform, 0 is one place
    top: float  # mean of the largest weight
    tops: Tensor  # each row's largest weight, for the picture


def of(scores: Tensor, weights: Tensor, dim: int) -> Rows | None:
    """The sharpness of ``weights``, a softmax of ``scores`` along ``dim``; None where no row has enough places that are not masked."""
    if not weights.ndim or weights.shape[dim] < LEAST:
        return None

    def some(x: Tensor) -> Tensor:
        rows = x.detach().movedim(dim, -1).reshape(-1, x.shape[dim])
        return rows[:: max(1, rows.shape[0] // ROWS)].to(device="cpu", dtype=torch.float64)

    rows, places = some(weights), (some(scores) > MASKED).sum(-1)
    known = torch.isfinite(rows).all(-1) & (places >= LEAST)
    if not bool(known.any()):
        return None
    rows, places = rows[known], places[known]
    entropy = torch.special.entr(rows).sum(-1) / places.double().log()
    top = rows.amax(-1)
    return Rows(len(rows), float(entropy.mean()), float(top.mean()), top.float())


def of_attention(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Rows | None:
    """The same of ``scaled_dot_product_attention``, whose weights never appear: some rows of the first sample, computed again."""
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")
    given = dict(zip(names, args, strict=False)) | dict(kwargs)
    with torch.no_grad():
        query = given["query"].detach()
        some = max(
            1, ROWS // max(1, math.prod(query.shape[1:-2]) * min(QUERIES, query.shape[-2]))
        )  # samples, to see enough rows
        query, key = query[:some].float(), given["key"].detach()[:some].float()
        if given.get("enable_gqa") and key.ndim > 3:
            key = key.repeat_interleave(query.shape[-3] // key.shape[-3], -3)
        at = torch.linspace(0, query.shape[-2] - 1, min(QUERIES, query.shape[-2]), device=query.device).long()
        scale = given.get("scale")
        scores = query[..., at, :] @ key.transpose(-1, -2) * (query.shape[-1] ** -0.5 if scale is None else scale)
        if given.get("is_causal"):
            scores = scores.masked_fill(torch.arange(scores.shape[-1], device=at.device) > at[:, None], -torch.inf)
        mask = given.get("attn_mask")
        if isinstance(mask, Tensor):
            mask = mask.detach().expand(*mask.shape[:-2], query.shape[-2], mask.shape[-1])[..., at, :]
            mask = mask[:some] if mask.ndim == scores.ndim else mask
            scores = scores.masked_fill(~mask, -torch.inf) if mask.dtype == torch.bool else scores + mask
        return of(scores, torch.softmax(scores, -1), -1)
