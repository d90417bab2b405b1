"""The measured part of the guide: small experiments on scikit-learn's digits and breast-cancer data, run on the spot.

:func:`measure` runs them all and returns a :class:`nonlin.guide.results.Measurements`; each experiment is a function of
its own in this package. Nothing here knows an activation by name, except the two outputs read as probabilities
and ReLU, which the others are timed against.
"""

from __future__ import annotations

from nonlin.guide.experiments.run import measure

__all__ = ["measure"]
