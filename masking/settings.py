"""The settings of learned masks."""

from __future__ import annotations

from dataclasses import dataclass

from masking.attachment import Attachment
from masking.granularity import Kind
from masking.sources import Weights


@dataclass(frozen=True)
class MaskSettings:
    """Settings of learned masks; docs/hyperparameters.md says how the defaults were chosen.

    Attributes
    ----------
    max_tokens : texts are cut to this many tokens.
    layers : how many neighbouring layers are masked.
    above : how many layers above them stay whole; with 0 the last layers are masked.
    maps : masked linear maps: `all`, `attention`, `feed-forward`, or roles joined by `+`.
    granularity : `element`, `neuron`, `head`, `block` or `layer`, see `masking.granularity`.
    block : side of a block, for the granularity `block`.
    estimator : `straight-through` or `hard-concrete`, see `masking.masks`.
    steps : training steps; with 0 the masks stay as they start.
    batch_texts : anchors a step, spread evenly over the cells.
    token_share : share of the token positions that a step sees.
    mask_rate, head_rate : Adam's learning rates; `harness.training.schedule` shapes them.
    clip : largest norm of the gradient of all scores and heads.
    start_mean, start_deviation : of the mask scores; above 0 is open.
    margin : epsilon of the triplet loss.
    triplet, classification, overlap, openness : weights of the losses.
    sparsity : share of the masked maps' weights that magnitude pruning takes away meanwhile.
    checks : how often masks are checked on validation rows, to keep the best; 0 keeps the last.
    """

    max_tokens: int = 96
    layers: int = 3
    above: int = 0
    maps: str = "all"
    granularity: str = "element"
    block: int = 32
    estimator: str = "straight-through"
    steps: int = 200
    batch_texts: int = 32
    token_share: float = 0.5
    mask_rate: float = 3e-3
    head_rate: float = 1e-3
    clip: float = 1.0
    start_mean: float = 0.02
    start_deviation: float = 0.005
    margin: float = 2.0
    triplet: float = 1.0
    classification: float = 1.0
    overlap: float = 0.3
    openness: float = 0.0
    sparsity: float = 0.0
    checks: int = 4

    def attachment(self, kind: Kind) -> Attachment:
        """Where masks of a kind sit under these settings."""
        return Attachment(
            kind=kind,
            layers=self.layers,
            above=self.above,
            maps=self.maps,
            granularity=self.granularity,
            block=self.block,
            start_mean=self.start_mean,
            start_deviation=self.start_deviation,
        )

    def weights(self) -> Weights:
        """What the losses of a batch weigh."""
        return Weights(self.triplet, self.classification, self.margin)
