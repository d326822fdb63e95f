"""The settings that every method trained on triplets and labels has."""

from __future__ import annotations

from dataclasses import dataclass


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
