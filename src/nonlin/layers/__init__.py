"""Layers around an activation that keep less for the backward: a gated MLP, and an activation followed by a linear map."""

from __future__ import annotations

from nonlin.layers.act_linear import ActLinear
from nonlin.layers.gated_mlp import GatedMLP

__all__ = ["ActLinear", "GatedMLP"]
