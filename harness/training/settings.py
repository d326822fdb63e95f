"""The settings that every method trained on triplets and labels has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.contract.search import Choice, Range, Space


@dataclass(frozen=True)
class TrainedSettings:
    """Settings of a trained encoder; docs/hyperparameters.md says how they were chosen.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    steps : training steps; with 0 nothing is trained.
    batch_texts : texts a step, spread evenly over the cells.
    token_share : share of the token positions that a step sees; the others are left out.
    clip : largest norm of the gradient of everything that is learned.
    margin : epsilon of the triplet loss.
    triplet, classification : weights of the losses.
    """

    max_tokens: int = 96
    steps: int = 200
    batch_texts: int = 32
    token_share: float = 0.5
    clip: float = 1.0
    margin: float = 2.0
    triplet: float = 1.0
    classification: float = 1.0


TRAINED_SEARCH: Mapping[str, Space] = {
    "steps": Range(100, 400),
    "batch_texts": Choice((32, 64)),
    "token_share": Choice((0.5, 1.0)),
    "classification": Range(0.3, 3.0, "log"),
}
"""Where `tune` looks for these settings; steps times texts have a limit for all methods."""

MARGIN_SEARCH: Mapping[str, Space] = {"margin": Range(0.5, 4.0, "log")}
"""The same for methods that learn from triplets."""
